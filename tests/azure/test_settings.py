"""Which workspace: argument, then environment, then config.json; what is missing is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maas_client.azure.settings import Settings, resolve
from maas_client.errors import SettingsError

ARGUMENTS = {"subscription_id": "s", "resource_group": "g", "workspace": "w"}
CONFIG = {"subscription_id": "cs", "resource_group": "cg", "workspace_name": "cw"}


def test_arguments_override_the_environment_and_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    environ = {"AZURE_SUBSCRIPTION_ID": "es", "AZUREML_WORKSPACE_NAME": "ew"}
    settings = resolve(subscription_id="as", environ=environ, directory=tmp_path)
    assert (settings.subscription_id, settings.workspace, settings.resource_group) == ("as", "ew", "cg")


def test_the_variables_set_on_azure_ml_compute_are_recognized(tmp_path: Path) -> None:
    environ = {
        "AZUREML_ARM_SUBSCRIPTION": "s",
        "AZUREML_ARM_RESOURCEGROUP": "g",
        "AZUREML_ARM_WORKSPACE_NAME": "w",
    }
    assert resolve(environ=environ, directory=tmp_path) == Settings("s", "g", "w")


@pytest.mark.parametrize("place", ["config.json", "project.json", ".azureml/config.json", "aml_config/project.json"])
def test_the_file_is_found_where_mlclient_finds_it(tmp_path: Path, place: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(exist_ok=True)
    file.write_text("\ufeff" + json.dumps(CONFIG), "utf-8")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert resolve(environ={}, directory=below) == Settings("cs", "cg", "cw")


def test_the_azureml_folder_precedes_a_nearer_plain_file(tmp_path: Path) -> None:
    (tmp_path / ".azureml").mkdir()
    (tmp_path / ".azureml" / "config.json").write_text(json.dumps(CONFIG))
    below = tmp_path / "a"
    below.mkdir()
    (below / "config.json").write_text(json.dumps({**CONFIG, "workspace_name": "nearer"}))
    assert resolve(environ={}, directory=below).workspace == "cw"


def test_a_scope_in_the_file_sets_all_three(tmp_path: Path) -> None:
    scope = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
    (tmp_path / "config.json").write_text(json.dumps({"Scope": scope}))
    assert resolve(environ={}, directory=tmp_path) == Settings("s", "g", "w")


def test_what_is_missing_is_named_with_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        resolve(subscription_id="s", environ={}, directory=tmp_path)
    message = str(caught.value)
    assert message.startswith("no workspace is selected: resource_group and workspace are neither arguments")
    assert "nor in the environment (AZURE_RESOURCE_GROUP, AZUREML_WORKSPACE_NAME)" in message
    assert "subscription_id" not in message
    assert str(tmp_path) in message


def test_a_file_without_the_names_is_reported(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(SettingsError, match=r"nor in \S+config\.json"):
        resolve(environ={}, directory=tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", '{"Scope": "/x"}', '{"subscription_id": 5}'])
def test_an_unreadable_file_is_a_settings_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(SettingsError):
        resolve(environ={}, directory=tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_is_read_in_the_encodings_of_shells(tmp_path: Path, encoding: str) -> None:
    content = json.dumps({**CONFIG, "resource_group": "g-größe"}, ensure_ascii=False, indent=2)
    (tmp_path / "config.json").write_text(content, encoding)
    assert resolve(environ={}, directory=tmp_path) == Settings("cs", "g-größe", "cw")


def test_a_file_in_another_encoding_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(b'{\n"workspace_name": "caf\xe9"}')
    with pytest.raises(
        SettingsError, match=r"config\.json cannot be read as JSON: not valid UTF-8: .* save the file as"
    ):
        resolve(environ={}, directory=tmp_path)


@pytest.mark.parametrize(
    "endpoint",
    ["http://management.azure.com", "ftp://x", "management.azure.com", "https://x/path", "https://u:p@x", "https://"],
)
def test_an_endpoint_that_cannot_be_trusted_is_refused(tmp_path: Path, endpoint: str) -> None:
    with pytest.raises(SettingsError, match="endpoint"):
        resolve(**ARGUMENTS, endpoint=endpoint, environ={}, directory=tmp_path)


def test_a_local_endpoint_comes_from_the_environment(tmp_path: Path) -> None:
    settings = resolve(**ARGUMENTS, environ={"MAAS_ENDPOINT": "http://127.0.0.1:8765/"}, directory=tmp_path)
    assert settings.endpoint == "http://127.0.0.1:8765"
    assert settings.is_loopback
    assert settings.registry_discovery == "http://127.0.0.1:8765"


@pytest.mark.parametrize(("value", "is_mock"), [("1", True), ("true", True), ("0", False), ("", False), (" ", False)])
def test_a_mock_server_is_declared_by_a_variable(tmp_path: Path, value: str, is_mock: bool) -> None:
    environ = {"MAAS_ENDPOINT": "http://127.0.0.1:8765", "MAAS_MOCK": value}
    assert resolve(**ARGUMENTS, environ=environ, directory=tmp_path).is_mock is is_mock


@pytest.mark.parametrize("endpoint", [{}, {"MAAS_ENDPOINT": "https://127.0.0.1:8765"}], ids=["azure", "tls"])
def test_an_endpoint_that_is_no_mock_server_is_refused(tmp_path: Path, endpoint: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"MAAS_MOCK=1 is for tests.*unset MAAS_MOCK"):
        resolve(**ARGUMENTS, environ={**endpoint, "MAAS_MOCK": "1"}, directory=tmp_path)


@pytest.mark.parametrize(
    ("cloud", "manager"),
    [
        ("AzureCloud", "https://management.azure.com"),
        ("azurechinacloud", "https://management.chinacloudapi.cn"),
        ("AzureUSGovernment", "https://management.usgovcloudapi.net"),
    ],
)
def test_a_sovereign_cloud_is_chosen_by_name(tmp_path: Path, cloud: str, manager: str) -> None:
    assert resolve(**ARGUMENTS, cloud=cloud, environ={}, directory=tmp_path).endpoint == manager
    environ = {"AZUREML_CURRENT_CLOUD": cloud}
    assert resolve(**ARGUMENTS, environ=environ, directory=tmp_path).endpoint == manager


def test_an_unknown_cloud_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="AzureUSGovernment"):
        resolve(**ARGUMENTS, cloud="Mars", environ={}, directory=tmp_path)


def test_names_are_quoted_in_the_path() -> None:
    path = Settings("s", "g(x)", "w w").workspace_path
    assert path == (
        "/subscriptions/s/resourceGroups/g%28x%29/providers/Microsoft.MachineLearningServices/workspaces/w%20w"
    )


@pytest.mark.parametrize("name", ["..", ".", "a/b", "a\\b", "%2e%2e", "a\nb", " ", "\ud800"])
@pytest.mark.parametrize("setting", ["subscription_id", "resource_group", "workspace"])
def test_a_name_with_dot_segments_is_rejected(setting: str, name: str, tmp_path: Path) -> None:
    given = {"subscription_id": "s", "resource_group": "g", "workspace": "w", setting: name}
    with pytest.raises(SettingsError, match=f"^{setting}: .* is not a valid name"):
        resolve(**given, environ={}, directory=tmp_path)
