"""Foundry's account and deployments in Resource Manager, over the wire."""

from collections.abc import Iterator

import pytest

from mock_server.server import Server
from tests.mock_server.driver import operations
from tests.mock_server.foundry_resource import ACCOUNTS, BASE_MODEL, VERSION, Resource, error_of

DAY = 86_400.0


@pytest.fixture
def resource(maas_server: Server) -> Iterator[Resource]:
    """Return the account of the session's server, without deployments."""
    resource = Resource(maas_server)
    yield resource
    resource.close()


def test_a_deployment_succeeds_after_its_operation(resource: Resource) -> None:
    made = resource.deploy()
    assert (made.status_code, made.json()["properties"]["provisioningState"]) == (201, "Creating")
    status = made.headers["azure-asyncoperation"]
    assert "/providers/Microsoft.CognitiveServices/locations/swedencentral/operationResults/" in status
    assert resource.http.get(status).json()["status"] == "InProgress"
    resource.server.advance(3)
    assert resource.http.get(status).json()["status"] == "Succeeded"
    shown = resource.arm("GET", "/deployments/dep").json()
    assert shown["type"] == "Microsoft.CognitiveServices/accounts/deployments"
    assert shown["sku"] == {"name": "GlobalStandard", "capacity": 100}
    assert shown["properties"]["model"] == BASE_MODEL
    assert shown["properties"]["provisioningState"] == "Succeeded"
    assert all(isinstance(value, str) for value in shown["properties"]["capabilities"].values())
    assert operations(resource.server)[:2] == ["foundry.deployments.put", "foundry.operations.status"]


def test_a_deployment_is_found_in_any_case_of_its_name(resource: Resource) -> None:
    resource.deploy("Dep")
    assert resource.arm("GET", "/deployments/dEP").json()["name"] == "Dep"
    assert [one["name"] for one in resource.arm("GET", "/deployments").json()["value"]] == ["Dep"]


def test_the_same_put_changes_the_capacity_and_answers_200(resource: Resource) -> None:
    resource.deploy()
    resource.server.advance(10)
    again = resource.deploy(capacity=200)
    assert (again.status_code, again.json()["sku"]["capacity"]) == (200, 200)
    assert "azure-asyncoperation" in again.headers
    assert again.json()["properties"]["currentCapacity"] == 200


def test_a_name_in_use_or_being_changed_is_a_conflict(resource: Resource) -> None:
    resource.deploy()
    assert error_of(resource.deploy()) == (409, "RequestConflict")
    resource.server.advance(10)
    assert error_of(resource.deploy(model={"name": "gpt-4.1"})) == (409, "Conflict")
    resource.arm("DELETE", "/deployments/dep")
    assert error_of(resource.deploy()) == (409, "RequestConflict")


def test_a_patch_changes_capacity_and_tags(resource: Resource) -> None:
    resource.deploy()
    resource.server.advance(10)
    changed = resource.arm(
        "PATCH", "/deployments/dep", {"sku": {"name": "Standard", "capacity": 50}, "tags": {"a": "b"}}
    )
    assert (changed.status_code, "azure-asyncoperation" in changed.headers) == (202, True)
    shown = resource.arm("GET", "/deployments/dep").json()
    assert (shown["sku"], shown["tags"]) == ({"name": "Standard", "capacity": 50}, {"a": "b"})


def test_a_deletion_takes_a_while_and_a_second_one_is_done(resource: Resource) -> None:
    resource.deploy()
    resource.server.advance(10)
    first = resource.arm("DELETE", "/deployments/dep")
    assert (first.status_code, resource.state()) == (202, "Deleting")
    resource.server.advance(3)
    assert resource.http.get(first.headers["azure-asyncoperation"]).json()["status"] == "Succeeded"
    assert resource.state() == "ResourceNotFound"
    assert resource.arm("DELETE", "/deployments/dep").status_code == 204


def test_a_deployment_of_the_developer_tier_lives_for_a_day(resource: Resource) -> None:
    resource.deploy()
    resource.deploy("short", sku="DeveloperTier")
    resource.server.advance(DAY + 10)
    assert (resource.state(), resource.state("short")) == ("Succeeded", "ResourceNotFound")
    resource.server.advance(100 * DAY)
    assert resource.state() == "Succeeded"


@pytest.mark.parametrize(
    ("sku", "capacity", "model", "expected"),
    [
        ("GlobalStandard", 1, {"name": "no-such"}, (400, "DeploymentModelNotSupported")),
        ("GlobalStandard", 1, {"version": "2"}, (400, "DeploymentModelNotSupported")),
        ("GlobalStandard", 1, {"format": "openai"}, (500, "InternalServerError")),
        ("Basic", 1, {}, (400, "InvalidResourceProperties")),
        ("GlobalStandard", 0, {}, (400, "InvalidResourceProperties")),
        ("GlobalStandard", 9_000, {}, (400, "InsufficientQuota")),
        ("GlobalStandard", 1_000_000_000, {}, (400, "InsufficientQuota")),
        ("DeveloperTier", 1, {"name": "gpt-4o", "version": "2024-08-06"}, (400, "InvalidResourceProperties")),
        (
            "Standard",
            100,
            {"name": "Ministral-3B", "version": "2411", "format": "Mistral AI"},
            (400, "InvalidResourceProperties"),
        ),
        (
            "GlobalStandard",
            100,
            {"name": "Qwen3.8-27B", "version": "1", "format": "Alibaba"},
            (400, "InvalidResourceProperties"),
        ),
    ],
)
def test_resource_manager_refuses_what_does_not_fit(
    resource: Resource, sku: str, capacity: int, model: dict[str, str], expected: tuple[int, str]
) -> None:
    refused = resource.deploy("dep", sku, capacity, model)
    assert error_of(refused) == expected
    assert (refused.json()["error"]["message"] == "") == (expected[0] == 500)
    assert resource.state() == "ResourceNotFound"


def test_quota_is_shared_by_the_deployments_of_a_model(resource: Resource) -> None:
    resource.deploy("one", capacity=2_000)
    refused = resource.deploy("two", capacity=1_500)
    assert error_of(refused) == (400, "InsufficientQuota")
    assert "gpt-4.1-mini - GlobalStandard" in refused.json()["error"]["message"]
    assert "current available capacity 1000" in refused.json()["error"]["message"]
    usages = {one["name"]["value"]: one for one in resource.arm("GET", "/usages").json()["value"]}
    assert usages["OpenAI.GlobalStandard.gpt-4.1-mini"]["currentValue"] == 2_000
    assert resource.deploy("two", capacity=1_000).status_code == 201


def test_the_catalogue_lists_formats_and_skus(resource: Resource) -> None:
    rows = {one["name"]: one for one in resource.arm("GET", "/models").json()["value"]}
    assert rows["Ministral-3B"]["format"] == "Mistral AI"
    assert [sku["name"] for sku in rows["Ministral-3B"]["skus"]] == ["GlobalStandard"]
    assert rows["gpt-4.1-mini"]["capabilities"]["chatCompletion"] == "true"
    resource.deploy()
    skus = resource.arm("GET", "/deployments/dep/skus").json()["value"]
    assert "DeveloperTier" in [one["sku"]["name"] for one in skus]


def test_the_account_is_listed_under_the_name_first_used(resource: Resource) -> None:
    assert resource.arm("GET").json()["name"] == "acct"
    for path in (ACCOUNTS, "/subscriptions/sub/providers/Microsoft.CognitiveServices/accounts"):
        (one,) = resource.http.get(path, params=VERSION).json()["value"]
        assert (one["name"], one["kind"]) == ("acct", "AIServices")


def test_resource_manager_takes_tokens_and_no_keys(resource: Resource) -> None:
    keys = resource.arm("POST", "/listKeys").json()
    assert keys["key1"] != keys["key2"]
    for headers in ({"Authorization": ""}, {"api-key": keys["key1"], "Authorization": ""}):
        assert error_of(resource.arm("GET", headers=headers))[0] == 401
    refused = resource.arm("GET", headers={"Authorization": f"Bearer {keys['key2']}"})
    assert error_of(refused) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize("rule", ["instant", "headerless"])
def test_a_fault_leaves_out_the_operation(resource: Resource, rule: str) -> None:
    resource.server.fault(deployment=rule)
    made = resource.deploy()
    assert (made.status_code, "azure-asyncoperation" in made.headers) == (201, False)
    state = made.json()["properties"]["provisioningState"]
    assert state == ("Succeeded" if rule == "instant" else "Creating")
    resource.server.advance(10)
    assert resource.arm("DELETE", "/deployments/dep").status_code == (200 if rule == "instant" else 202)
    assert (resource.state() == "ResourceNotFound") == (rule == "instant")


def test_a_fault_lets_a_deployment_fail(resource: Resource) -> None:
    resource.server.fault(deployment="fail", reason="No capacity in this region.")
    status = resource.deploy().headers["azure-asyncoperation"]
    resource.server.advance(10)
    ended = resource.http.get(status).json()
    assert (ended["status"], ended["error"]["message"]) == ("Failed", "No capacity in this region.")
    assert resource.state() == "Failed"
    resource.server.fault(deployment="quota")
    assert error_of(resource.deploy("other")) == (400, "InsufficientQuota")
