"""Which platform a client works on: a workspace means Azure Machine Learning, a Foundry URL means Foundry."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from maas_client import MaasClient, SettingsError
from maas_client.azure.settings import Settings
from maas_client.core.secret_text import SecretText
from maas_client.errors import InvalidInput
from maas_client.foundry.settings import FoundrySettings, account_and_project
from maas_client.settings_choice import resolve

PROJECT = "https://acct.services.ai.azure.com/api/projects/demo"
WORKSPACE = {
    "AZURE_SUBSCRIPTION_ID": "sub-1",
    "AZURE_RESOURCE_GROUP": "group-1",
    "AZUREML_WORKSPACE_NAME": "work-1",
}


def chosen(environ: Mapping[str, str], directory: Path, **arguments: str) -> str:
    """Return the platform whose settings are resolved."""
    found = resolve(environ=environ, directory=directory, **arguments)
    return "azureml" if isinstance(found, Settings) else "foundry"


@pytest.mark.parametrize(
    ("environ", "arguments", "platform"),
    [
        (WORKSPACE, {}, "azureml"),
        ({"FOUNDRY_ENDPOINT": PROJECT}, {}, "foundry"),
        ({"AZURE_AI_PROJECT_ENDPOINT": PROJECT}, {}, "foundry"),
        ({"AZURE_OPENAI_ENDPOINT": "https://acct.openai.azure.com/"}, {}, "foundry"),
        ({**WORKSPACE, "AZURE_OPENAI_ENDPOINT": "https://acct.openai.azure.com/"}, {}, "azureml"),
        ({**WORKSPACE, "AZURE_AI_PROJECT_ENDPOINT": PROJECT}, {}, "azureml"),
        ({**WORKSPACE, "FOUNDRY_ENDPOINT": PROJECT, "MAAS_SURFACE": "foundry"}, {}, "foundry"),
        ({**WORKSPACE, "FOUNDRY_ENDPOINT": PROJECT}, {"surface": "azureml"}, "azureml"),
        ({**WORKSPACE, "FOUNDRY_ENDPOINT": PROJECT}, {"workspace": "work-2"}, "azureml"),
        (WORKSPACE, {"foundry_endpoint": PROJECT}, "foundry"),
        ({**WORKSPACE, "MAAS_SURFACE": "foundry"}, {"surface": "azureml"}, "azureml"),
        ({**WORKSPACE, "MAAS_SURFACE": "azureml"}, {"foundry_endpoint": PROJECT}, "foundry"),
        ({"FOUNDRY_ENDPOINT": PROJECT, **WORKSPACE, "MAAS_SURFACE": "foundry"}, {"workspace": "work-2"}, "azureml"),
    ],
)
def test_the_settings_choose_the_platform(
    environ: Mapping[str, str], arguments: dict[str, str], platform: str, tmp_path: Path
) -> None:
    assert chosen(environ, tmp_path, **arguments) == platform


def test_a_config_file_precedes_the_variables_of_other_tools(tmp_path: Path) -> None:
    place = {"subscription_id": "s", "resource_group": "g", "workspace_name": "w"}
    (tmp_path / "config.json").write_text(json.dumps(place), "utf-8")
    assert chosen({"AZURE_AI_PROJECT_ENDPOINT": PROJECT}, tmp_path) == "azureml"
    assert chosen({"FOUNDRY_ENDPOINT": PROJECT}, tmp_path) == "foundry"


@pytest.mark.parametrize(
    ("environ", "arguments", "words"),
    [
        ({**WORKSPACE, "FOUNDRY_ENDPOINT": PROJECT}, {}, "both AZUREML_WORKSPACE_NAME and FOUNDRY_ENDPOINT are set"),
        ({}, {"workspace": "w", "foundry_endpoint": PROJECT}, "choose one"),
        ({"MAAS_SURFACE": "azure"}, {}, "unknown surface 'azure'"),
        ({"MAAS_SURFACE": "foundry"}, {}, "set FOUNDRY_ENDPOINT"),
        ({"FOUNDRY_ENDPOINT": "https://acct.services.ai.azure.com/models"}, {}, "is not the URL of a Foundry account"),
        ({"FOUNDRY_ENDPOINT": "http://acct.services.ai.azure.com"}, {}, "https only"),
        ({"FOUNDRY_ENDPOINT": "acct"}, {}, "is not the URL"),
        ({"FOUNDRY_ENDPOINT": "http://[::1"}, {}, "is not a URL"),
        ({"FOUNDRY_ENDPOINT": "http://127.0.0.1:99999"}, {}, "is not a URL"),
        ({**WORKSPACE, "MAAS_ENDPOINT": "http://[::1"}, {}, "is not a URL"),
    ],
)
def test_settings_that_cannot_be_meant_are_explained(
    environ: Mapping[str, str], arguments: dict[str, str], words: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=words):
        chosen(environ, tmp_path, **arguments)


@pytest.mark.parametrize(
    "environ",
    [
        {"FOUNDRY_ENDPOINT": "https://user:pass-word@acct.services.ai.azure.com"},
        {"FOUNDRY_ENDPOINT": "https://acct.services.ai.azure.com?sig=pass-word"},
        {**WORKSPACE, "MAAS_ENDPOINT": "https://user:pass-word@management.azure.com"},
    ],
)
def test_a_secret_in_a_url_is_not_repeated(environ: Mapping[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        resolve(environ=environ, directory=tmp_path)
    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "account", "project"),
    [
        (PROJECT, "https://acct.services.ai.azure.com", "demo"),
        (f"{PROJECT}/", "https://acct.services.ai.azure.com", "demo"),
        (f"{PROJECT}/openai/v1/", "https://acct.services.ai.azure.com", "demo"),
        ("https://acct.openai.azure.com", "https://acct.openai.azure.com", ""),
        ("https://acct.openai.azure.com/openai/v1", "https://acct.openai.azure.com", ""),
        ("http://127.0.0.1:8765/api/projects/p", "http://127.0.0.1:8765", "p"),
    ],
)
def test_every_url_that_microsoft_shows_is_understood(url: str, account: str, project: str) -> None:
    assert account_and_project(url) == (account, project)


def test_a_local_account_needs_nothing_but_its_url(tmp_path: Path) -> None:
    found = resolve(environ={"FOUNDRY_ENDPOINT": "http://127.0.0.1:8765"}, directory=tmp_path)
    assert isinstance(found, FoundrySettings)
    assert found.endpoint == "http://127.0.0.1:8765"
    assert found.resource_path.endswith("/resourceGroups/local/providers/Microsoft.CognitiveServices/accounts/local")


def test_a_missing_place_in_resource_manager_is_named(tmp_path: Path) -> None:
    found = resolve(environ={"FOUNDRY_ENDPOINT": PROJECT}, directory=tmp_path)
    with pytest.raises(SettingsError, match="AZURE_SUBSCRIPTION_ID and AZURE_RESOURCE_GROUP") as caught:
        _ = found.resource_path
    assert caught.value.missing == ("AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP")


def test_the_key_is_shown_nowhere(tmp_path: Path) -> None:
    key = "k" * 32
    found = resolve(environ={"FOUNDRY_ENDPOINT": PROJECT, "FOUNDRY_API_KEY": key}, directory=tmp_path)
    assert isinstance(found, FoundrySettings)
    assert found.api_key == SecretText(key)
    assert key not in repr(found) + str(found)
    with MaasClient(foundry_endpoint="http://127.0.0.1:9", api_key=key) as maas:
        assert key not in repr(maas) + repr(maas.settings) + str(vars(maas))
        assert repr(maas) == "<MaasClient foundry at http://127.0.0.1:9>"


def test_a_key_of_the_environment_is_not_sent_to_a_local_server(tmp_path: Path) -> None:
    environ = {"FOUNDRY_API_KEY": "k" * 32}
    found = resolve(foundry_endpoint="http://127.0.0.1:9", environ=environ, directory=tmp_path)
    assert isinstance(found, FoundrySettings)
    assert found.api_key is None


def test_a_name_that_leaves_the_path_is_refused(tmp_path: Path) -> None:
    for variable in ("FOUNDRY_ACCOUNT", "AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP"):
        with pytest.raises((SettingsError, InvalidInput)):
            resolve(environ={"FOUNDRY_ENDPOINT": PROJECT, variable: "../x"}, directory=tmp_path)


IMPORTED = """
import sys
from maas_client import MaasClient
with MaasClient(**{arguments!r}) as maas:
    for name in ("jobs", "datasets", "endpoints", "chat", "evals", "sweeps", "workflow"):
        getattr(maas, name)
print([name for name in sys.modules if name.startswith("maas_client.")])
"""


def modules(**arguments: str) -> set[str]:
    """Return the modules of the package that a client and its resources import."""
    program = IMPORTED.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    return set(json.loads(done.stdout.replace("'", '"')))


AZURE_ML_ONLY = {
    "maas_client.azure.blob_container",
    "maas_client.azure.workspace",
    "maas_client.datasets.azure_ml_backend",
    "maas_client.datasets.data_assets",
    "maas_client.endpoints.azure_ml_backend",
    "maas_client.jobs.azure_ml_backend",
    "maas_client.jobs.run_history",
    "maas_client.jobs.submission",
    "maas_client.registered_models.resource",
    "maas_client.transfers.uploads.uploader",
}


def test_a_client_imports_nothing_of_the_other_platform() -> None:
    local = "http://127.0.0.1:9"
    azure_ml = modules(subscription_id="s", resource_group="g", workspace="w", endpoint=local)
    foundry = modules(foundry_endpoint=local)
    assert not {name for name in azure_ml if name.startswith("maas_client.foundry")}
    assert not foundry & AZURE_ML_ONLY
    assert not {name for name in foundry if name.startswith("maas_client.azureml")}
    assert azure_ml & AZURE_ML_ONLY
    assert "maas_client.foundry.jobs_backend" in foundry
