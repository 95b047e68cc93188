"""Commands without a job: models, check, upload, doctor, version."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence

import pytest
from azure.core.credentials import AccessToken
from azure.identity import ChainedTokenCredential, CredentialUnavailableError
from click.testing import CliRunner
from support import Ada

from maas_client import MaasClient
from maas_client.azure.settings import Settings
from maas_client.cli import maas as command_line
from maas_client.cli.app.session import Session
from maas_client.cli.commands.doctor_checks import network_route, record_token_sources, run_checks
from maas_client.wire import BlockingWire
from mock_server.server import Server
from tests.cli.shell import MODEL, TLS, Shell

Write = Callable[[str, Sequence[str]], str]

FORMER_ENDPOINT = "warning: --endpoint is now called --arm-url; the former name will be removed"


def test_models_alone_lists_them_and_sends_nothing(maas: Shell, server: Server) -> None:
    lines = maas.done("models").splitlines()
    titles = ["NAME", "SURFACE", "METHODS", "FINE-TUNING", "TIERS", "CONTEXT", "REGIONS", "SUCCESSOR"]
    assert lines[0].split() == titles
    assert any(line.startswith(MODEL) for line in lines)
    assert lines == maas.done("models", "list").splitlines()
    assert server.requests() == []


def test_models_are_listed_by_surface_and_by_method(maas: Shell) -> None:
    def names(*words: str) -> set[str]:
        return set(maas.done("models", *words, "--quiet").split())

    assert names("--surface", "azureml") | names("--surface", "foundry") == names()
    before = set(maas.done("--surface", "foundry", "models", "--quiet").split())
    assert before == names("--surface", "foundry")
    assert MODEL in names("--surface", "azureml", "--method", "sft") - names("--surface", "foundry")
    assert "o4-mini-2025-04-16" in names("--method", "reinforcement") - names("--method", "DPO")
    refused = maas("models", "--method", "ppo")
    assert (refused.exit_code, "Methods are supervised, dpo, reinforcement" in refused.stderr) == (2, True)


def test_models_that_can_be_tuned_are_listed_first(maas: Shell) -> None:
    rows = json.loads(maas.done("models", "--output", "json"))
    over = [row["state"].startswith(("ended", "never")) for row in rows]
    assert over == sorted(over)
    assert {row["surface"] for row in rows} == {"azureml", "foundry"}
    row = next(row for row in rows if row["name"] == "gpt-oss-20b")
    assert (row["methods"], row["tiers"], row["open_weights"]) == (["supervised"], ["GlobalStandard", "DataZone"], True)


def test_a_model_of_foundry_is_shown_with_what_it_takes(maas: Shell, server: Server) -> None:
    shown = maas.done("models", "show", "GPT-4.1-mini")
    assert "GlobalStandard (default), Standard" in shown
    assert "supervised, dpo" in shown
    assert "fine-tune-supported-models.md (2026-10-06)" in shown
    tuned = json.loads(maas.done("models", "show", "gpt-4.1-mini-2025-04-14.ft-4cad", "--output", "json"))
    assert (tuned["name"], tuned["surface"]) == ("gpt-4.1-mini-2025-04-14", "foundry")
    live = maas("models", "show", "gpt-oss-20b", "--live")
    assert "Azure AI Foundry cannot be asked" in live.stderr
    assert server.requests() == []


def test_a_misspelt_model_gets_the_nearest_of_either_surface(maas: Shell) -> None:
    result = maas("models", "show", "gpt-4.1-mni")
    assert (result.exit_code, "did you mean gpt-4.1-mini-2025-04-14" in result.stderr) == (2, True)


def test_the_live_registry_overrides_the_catalogue(maas: Shell, server: Server) -> None:
    def states(*words: str) -> dict[str, str]:
        return {row["name"]: row["state"] for row in json.loads(maas.done("models", *words, "--output", "json"))}

    assert states()["Phi-3-mini-4k-instruct"] == "ended 2025-06-10"
    assert states("--live")["Phi-3-mini-4k-instruct"] == "open"
    server.fault(operation="registry.list_versions", status=404, count=None)
    assert states("list", "--live") == states()


def test_a_model_is_shown_with_its_sources(maas: Shell) -> None:
    shown = maas.done("models", "show", "phi-3-MINI-4k-instruct")
    assert "retired on 2025-08-30" in shown
    assert "azureml://registries/azureml/models/Phi-3-mini-4k-instruct" in shown
    assert json.loads(maas.done("models", "show", MODEL, "--live", "--output", "json"))["live"] is True


def test_a_model_is_shown_with_its_shape(maas: Shell) -> None:
    shown = maas.done("models", "show", "Phi-3.5-MoE-instruct")
    assert "32 layers, hidden size 4,096" in shown
    assert "16 experts of which 2 work" in shown
    assert "huggingface.co/microsoft/Phi-3.5-MoE-instruct, config.json" in shown
    shape = json.loads(maas.done("models", "show", "Phi-4", "--output", "json"))["architecture"]
    assert (shape["layers"], shape["parameters"], shape["adapter_parameters"]["lora"]) == (
        40,
        14_659_507_200,
        55_705_600,
    )
    assert [each["name"] for each in shape["matrices"]] == ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]
    assert shape["source"]["document"].startswith("huggingface.co/microsoft/phi-4")


def test_a_check_is_offline_and_its_json_is_the_report(
    maas: Shell, server: Server, train: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZUREML_WORKSPACE_NAME")
    report = json.loads(maas.done("check", train, "--task", "chat", "--output", "json"))
    assert (report["rows"], report["kept"], report["findings"]) == (12, 12, [])
    assert server.requests() == []


def test_a_check_counts_what_it_does_not_list(maas: Shell, write: Write, rows: list[str]) -> None:
    shown = maas.done("check", write("many.jsonl", [*rows, *["nonsense"] * 30]))
    assert "dropped  json-invalid  30 rows: lines 13-42\n" in shown
    assert shown.splitlines()[-1].startswith("many.jsonl: 12 of 42 rows kept")


def test_a_validation_file_may_be_short(maas: Shell, write: Write, rows: list[str]) -> None:
    assert maas("check", write("two.jsonl", rows[:2]), "--role", "validation").exit_code == 0


def test_an_upload_is_sent_once(maas: Shell, train: str) -> None:
    first = maas.done("upload", train, "--name", "chats")
    assert "sent   " in first
    assert "already exists" in maas.done("upload", train, "--name", "chats")


READER = {
    "operation": "access.permissions",
    "status": 200,
    "body": {"value": [{"actions": ["*/read", "Microsoft.MachineLearningServices/workspaces/jobs/*"]}]},
}
FIREWALL = {"operation": "blob.head", "status": 403, "headers": {"x-ms-error-code": "AuthorizationFailure"}}
NO_ROLE = {"operation": "blob.head", "status": 403, "headers": {"x-ms-error-code": "AuthorizationPermissionMismatch"}}
NO_KEYS = {**NO_ROLE, "headers": {"x-ms-error-code": "KeyBasedAuthenticationNotPermitted"}}
UNREGISTERED = {"operation": "access.provider", "status": 200, "body": {"registrationState": "NotRegistered"}}


OTHER_VERSIONS = {
    "operation": "access.provider",
    "status": 200,
    "body": {
        "registrationState": "Registered",
        "resourceTypes": [
            {"resourceType": "workspaces", "apiVersions": ["2030-01-01", "2024-10-01-preview"]},
            {"resourceType": "workspaces/jobs", "apiVersions": ["2031-01-01", "2030-02-01-preview", "2029-01-01"]},
        ],
    },
}


def test_the_doctor_finds_no_problem(maas: Shell) -> None:
    found = [json.loads(line) for line in maas.done("doctor", "--output", "jsonl").splitlines()]
    assert [line["what"] for line in found] == [
        "version",
        "settings",
        "network",
        "credential",
        "subscription",
        "api versions",
        "workspace",
        "roles",
        "clock",
        "datastore",
        "storage",
        "registry",
        "region",
    ]
    assert {line["state"] for line in found} == {"ok"}


@pytest.mark.parametrize(
    ("fault", "code", "what", "run"),
    [
        ({"operation": "workspaces.get", "status": 401}, 4, "credential", "az login"),
        ({"operation": "workspaces.get", "status": 403}, 4, "workspace", "az role assignment list"),
        ({"operation": "workspaces.get", "status": 400}, 1, "workspace", "maas doctor --debug"),
        ({"operation": "datastores.get", "status": 404}, 3, "datastore", "az ml datastore list"),
        ({"operation": "access.permissions", "status": 403}, 4, "roles", "az role assignment create"),
        (READER, 1, "roles", "az role assignment create"),
        (UNREGISTERED, 1, "subscription", "az provider register --namespace Microsoft.MachineLearningServices"),
        (OTHER_VERSIONS, 1, "api versions", "upgrade maas-client"),
        ({"operation": "registry.*", "status": 403}, 4, "registry", "az ml registry show"),
        (FIREWALL, 4, "storage", "az storage account show --query networkRuleSet"),
        (NO_ROLE, 4, "storage", "az role assignment create --role 'Storage Blob Data Contributor'"),
        (NO_KEYS, 4, "storage", "az role assignment create --role 'Storage Blob Data Contributor'"),
    ],
)
def test_the_doctor_names_each_problem_and_its_fix(
    maas: Shell, server: Server, fault: dict[str, object], code: int, what: str, run: str
) -> None:
    server.fault(**fault, count=None)
    result = maas("doctor")
    assert result.exit_code == code
    line = next(line for line in result.stdout.splitlines() if line.startswith(what))
    assert "problem" in line
    assert run in line
    assert re.search(rf"1 problem in [0-9]+ checks: {what}", result.stderr)


def test_the_doctor_names_the_version_that_would_do(maas: Shell, server: Server) -> None:
    server.fault(**OTHER_VERSIONS, count=None)
    (line,) = [line for line in maas("doctor").stdout.splitlines() if line.startswith("api versions")]
    assert "no longer lists 2024-10-01-preview for workspaces/jobs; 2030-02-01-preview comes nearest" in line


def test_the_doctor_names_what_has_the_same_version_once(maas: Shell, server: Server) -> None:
    types = [{"resourceType": kind, "apiVersions": ["2030-01-01"]} for kind in ("workspaces", "workspaces/data")]
    document = {"registrationState": "Registered", "resourceTypes": types}
    server.fault(operation="access.provider", status=200, body=document, count=None)
    (line,) = [line for line in maas("doctor").stdout.splitlines() if line.startswith("api versions")]
    assert "no longer lists 2024-10-01-preview for workspaces, workspaces/data; 2030-01-01 comes nearest" in line


def test_the_doctor_lists_missing_permissions(maas: Shell, server: Server) -> None:
    server.fault(**READER, count=None)
    (line,) = [line for line in maas("doctor").stdout.splitlines() if line.startswith("roles")]
    for lacking in ("register datasets (data/versions/write)", "deploy (serverlessEndpoints/write)"):
        assert lacking in line
    assert "jobs/" not in line


@pytest.mark.parametrize(("ahead", "side"), [(900.0, "ahead of"), (-900.0, "behind")])
def test_the_doctor_finds_clock_skew(maas: Shell, ahead: float, side: str) -> None:
    wrong = Session(wire=lambda: BlockingWire(verify=TLS, now=lambda: time.time() + ahead))
    result = CliRunner().invoke(command_line, ["doctor"], obj=wrong)
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("clock")]
    match = re.search(f"the local clock is ([0-9]+) s {side} the service", line)
    assert match, line
    assert float(match[1]) == pytest.approx(900, abs=30)  # the Date header of a busy server can be some seconds old
    assert "set the clock" in line


def test_the_doctor_shows_the_proxy(maas: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:pa55word@proxy.example:3128")
    assert "127.0.0.1 is reached directly" in maas("doctor").stdout
    here = Settings("sub", "group", "work", endpoint="https://management.azure.com")
    route = network_route(here.endpoint)
    assert route == "management.azure.com is reached through the proxy proxy.example:3128 (HTTPS_PROXY)"
    monkeypatch.setenv("NO_PROXY", "management.azure.com")
    assert network_route(here.endpoint) == "management.azure.com is reached directly"


def test_the_credential_of_the_token_is_named() -> None:
    class NobodyCredential:
        def get_token(self, *scopes: str, **options: object) -> AccessToken:
            raise CredentialUnavailableError(message="nobody is here")

    class SomebodyCredential:
        def get_token(self, *scopes: str, **options: object) -> AccessToken:
            return AccessToken("secret", 1 << 40)

    chain = ChainedTokenCredential(NobodyCredential(), SomebodyCredential())
    with record_token_sources() as answered:
        chain.get_token("https://management.azure.com/.default")
    assert answered == ["SomebodyCredential"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, "token accepted: ada@contoso.com, object 1, tenant 2"),
        (401, "(the token names ada@contoso.com, object 1, tenant 2)"),
        (404, "token accepted: ada@contoso.com, object 1, tenant 2"),
    ],
)
def test_the_doctor_shows_the_identity_of_the_token(server: Server, status: int | None, expected: str) -> None:
    if status:
        server.fault(operation="workspaces.get", status=status, count=None)
    with MaasClient(
        subscription_id="sub", resource_group="group", workspace="work", endpoint=server.endpoint, credential=Ada()
    ) as client:
        (line,) = [found for found in run_checks(client) if found.what == "credential"]
    assert expected in line.detail


def test_the_doctor_asks_a_failing_credential_only_once(server: Server) -> None:
    asked: list[str] = []

    class Nobody:
        def get_token(self, *scopes: str, **_options: object) -> AccessToken:
            asked.extend(scopes)
            raise CredentialUnavailableError(message="nobody is here")

    with MaasClient(
        subscription_id="sub", resource_group="group", workspace="work", endpoint=server.endpoint, credential=Nobody()
    ) as client:
        (line,) = [found for found in run_checks(client) if found.what == "credential"]
    assert (line.state, line.run) == ("problem", "az login")
    assert "nobody is here" in line.detail
    assert len(asked) == 1


def test_the_doctor_names_a_missing_workspace(maas: Shell) -> None:
    result = maas("doctor", "--workspace", "elsewhere")
    assert result.exit_code == 3
    assert "az ml workspace list" in result.stdout


def test_the_doctor_names_an_unreachable_server(maas: Shell) -> None:
    result = maas("doctor", "--arm-url", "http://127.0.0.1:1")
    assert result.exit_code == 75
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("network")]
    assert line.split()[1] == "problem"
    assert "maas mock" in line


def test_without_a_sign_in_the_chain_is_shown_by_debug_only(maas: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    words = ["jobs", "list", "--arm-url", "https://management.azure.com"]
    assert maas(*words).stderr == "error: not signed in to Azure. Run `az login`.\n"
    shown = maas(*words, "--debug").stderr
    assert "Attempted credentials" in shown
    assert "EnvironmentCredential authentication unavailable" in shown


def test_the_doctor_gives_the_command_that_signs_in(server: Server) -> None:
    chain = "no.\nAttempted credentials:\n\tAzureCliCredential: Azure CLI not found on path"

    class Nobody:
        def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
            raise CredentialUnavailableError(message=chain)

    with MaasClient(
        subscription_id="sub", resource_group="group", workspace="work", endpoint=server.endpoint, credential=Nobody()
    ) as client:
        found = {each.what: each for each in run_checks(client)}
    assert found["network"].state == "ok"
    shown = found["credential"]
    assert (shown.state, shown.detail, shown.run) == ("problem", "not signed in to Azure", "az login")


def test_the_doctor_names_missing_settings(maas: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID")
    result = maas("doctor")
    assert result.exit_code == 2
    assert "maas init" in result.stdout


def test_the_doctor_names_a_region_without_fine_tuning(maas: Shell, server: Server) -> None:
    workspace = {"name": "work", "location": "atlantis", "properties": {"workspaceId": "1"}}
    server.fault(operation="workspaces.get", status=200, body=workspace, count=None)
    result = maas("doctor")
    assert result.exit_code == 1
    assert "maas models list --live" in result.stdout


def test_global_options_stand_before_or_after_the_command(maas: Shell) -> None:
    after = maas.done("models", "--output", "json")
    assert maas.done("--output", "json", "models") == after
    assert maas.done("--output", "table", "models", "list", "--output", "json") == after


def test_a_workspace_can_be_selected_by_short_options(maas: Shell, server: Server) -> None:
    maas.done("jobs", "list", "-g", "group-2", "-w", "work")
    assert "/resourceGroups/group-2/" in str(server.requests()[-1]["url"])


def test_the_former_name_of_arm_url_still_works_and_warns(maas: Shell, server: Server) -> None:
    result = maas("jobs", "list", "--endpoint", server.endpoint)
    assert (result.exit_code, result.stderr.splitlines()[0]) == (0, FORMER_ENDPOINT)
    assert maas("jobs", "list", "--endpoint", "http://127.0.0.1:1").exit_code == 75
    assert "--endpoint " not in maas("jobs", "list", "--help").stdout
    assert "--arm-url" in maas("jobs", "list", "--help").stdout


def test_the_version_is_printed(maas: Shell) -> None:
    assert maas.done("--version").startswith("maas 0.")
    assert maas.done("jobs", "list", "--version") == maas.done("--version")
