"""What a call that makes an online endpoint still has to do: decided from what is there."""

from __future__ import annotations

from typing import Any

import pytest

from maas_client import Conflict, InvalidInput, OnlineEndpoint
from maas_client.endpoints.model_versions import is_same_model
from maas_client.endpoints.online_plan import (
    WantedDeployment,
    checked_traffic,
    default_name,
    deployment_step,
    endpoint_step,
    first_traffic,
    one_deployment,
)
from maas_client.endpoints.online_requests import traffic_body

MODEL = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/models/m/versions/1"
WANTED = WantedDeployment("main", MODEL, "Standard_NC24ads_A100_v4", 1)


def endpoint(state: str = "Succeeded", *deployments: dict[str, Any], **properties: Any) -> OnlineEndpoint:
    return OnlineEndpoint.read(
        {"name": "own", "properties": {"provisioningState": state, "authMode": "Key", **properties}},
        deployments=deployments,
    )


def deployment(state: str, name: str = "main", model: str = MODEL, size: str = WANTED.instance_type) -> dict[str, Any]:
    properties = {"provisioningState": state, "model": model, "instanceType": size}
    return {"name": name, "sku": {"capacity": 1}, "properties": properties}


@pytest.mark.parametrize(
    ("state", "step"), [("Succeeded", "keep"), ("Creating", "wait"), ("Updating", "wait"), ("Sleeping", "wait")]
)
def test_an_endpoint_is_kept_or_waited_for(state: str, step: str) -> None:
    assert endpoint_step(endpoint(state), auth_mode="key", replace_failed=False) == step


def test_an_endpoint_that_is_not_there_is_created() -> None:
    assert endpoint_step(None, auth_mode="key", replace_failed=False) == "create"


@pytest.mark.parametrize("state", ["Failed", "Canceled", "Deleting"])
def test_a_broken_endpoint_is_a_conflict(state: str) -> None:
    with pytest.raises(Conflict, match="an endpoint of this name is"):
        endpoint_step(endpoint(state), auth_mode="key", replace_failed=False)


def test_a_failed_endpoint_without_deployments_may_be_replaced() -> None:
    assert endpoint_step(endpoint("Failed"), auth_mode="key", replace_failed=True) == "replace"
    with pytest.raises(Conflict):
        endpoint_step(endpoint("Failed", deployment("Succeeded")), auth_mode="key", replace_failed=True)


@pytest.mark.parametrize(
    ("state", "step", "replaced"),
    [
        ("Succeeded", "keep", "keep"),
        ("Creating", "wait", "wait"),
        ("Scaling", "wait", "wait"),
        ("Failed", "failed", "replace"),
        ("Canceled", "failed", "replace"),
        ("Deleting", "replace", "replace"),
    ],
)
def test_a_deployment_of_the_same_thing_is_gone_on_with(state: str, step: str, replaced: str) -> None:
    there = endpoint("Succeeded", deployment(state))
    assert deployment_step(there, WANTED, replace_failed=False) == step
    assert deployment_step(there, WANTED, replace_failed=True) == replaced


def test_a_deployment_of_something_else_is_a_conflict() -> None:
    assert deployment_step(endpoint("Succeeded", deployment("Succeeded", "blue")), WANTED, replace_failed=False) == (
        "create"
    )
    for other in (deployment("Succeeded", model=f"{MODEL}0"), deployment("Succeeded", size="Standard_NC4as_T4_v3")):
        with pytest.raises(Conflict, match="a deployment of this name"):
            deployment_step(endpoint("Succeeded", other), WANTED, replace_failed=False)


def test_a_size_and_a_model_are_compared_without_case() -> None:
    other = deployment("Succeeded", "MAIN", f"azureml:{MODEL.upper()}", WANTED.instance_type.upper())
    assert deployment_step(endpoint("Succeeded", other), WANTED, replace_failed=False) == "keep"
    assert not is_same_model(MODEL, "azureml://registries/azureml/models/m/versions/1")


def test_the_first_deployment_gets_all_of_the_traffic() -> None:
    assert first_traffic(endpoint(traffic={}), "main") == {"main": 100}
    assert first_traffic(endpoint(traffic={"blue": 0}), "main") == {"main": 100}
    assert first_traffic(endpoint(traffic={"blue": 100}), "main") is None


def test_traffic_is_for_deployments_that_can_answer() -> None:
    there = endpoint("Succeeded", deployment("Succeeded", "blue"), deployment("Failed", "green"))
    assert checked_traffic(there, {"Blue": 100}) == {"blue": 100}
    assert checked_traffic(there, {"blue": 100, "green": 0}) == {"blue": 100, "green": 0}
    for wrong in ({"green": 100}, {"red": 100}, {"blue": 50}, {"blue": True}, {"blue": -1}):
        with pytest.raises(InvalidInput):
            checked_traffic(there, wrong)


def test_a_deployment_need_not_be_named_where_there_is_one() -> None:
    one, two = deployment("Succeeded", "blue"), deployment("Succeeded", "green")
    assert one_deployment(endpoint("Succeeded", one), None).name == "blue"
    assert one_deployment(endpoint("Succeeded", one, two), "GREEN").name == "green"
    with pytest.raises(InvalidInput, match="blue, green: say which one is meant"):
        one_deployment(endpoint("Succeeded", one, two), None)
    with pytest.raises(InvalidInput, match="has no deployment 'red'; it has none"):
        one_deployment(endpoint(), "red")


@pytest.mark.parametrize(
    ("deployments", "state"),
    [
        ([], "NoDeployment"),
        ([deployment("Succeeded")], "Online"),
        ([deployment("Scaling")], "Online"),
        ([deployment("Creating")], "Creating"),
        ([deployment("Failed")], "CreationFailed"),
        ([deployment("Failed", "a"), deployment("Succeeded", "b")], "NoTraffic"),
    ],
)
def test_an_endpoint_has_the_state_of_its_deployments(deployments: list[dict[str, Any]], state: str) -> None:
    assert endpoint("Succeeded", *deployments, traffic={"main": 100}).state == state


def test_a_name_by_default_is_that_of_the_model_and_the_size() -> None:
    name = default_name("/subscriptions/s", MODEL, "Standard_NC24ads_A100_v4")
    assert name == default_name("/SUBSCRIPTIONS/s", MODEL, "standard_nc24ads_a100_v4")
    assert name.startswith("e-m-")
    assert name != default_name("/subscriptions/s", MODEL, "Standard_NC40ads_H100_v5")
    assert len(default_name("/subscriptions/s", f"/models/{'long' * 20}/versions/1", "s")) == 32


def test_other_traffic_changes_nothing_else_of_the_document() -> None:
    users = {"/u": {"principalId": "p", "clientId": "c"}}
    document = {
        "id": "/i",
        "location": "eastus2",
        "tags": {"a": "b"},
        "kind": "Managed",
        "identity": {"type": "UserAssigned", "principalId": "p", "userAssignedIdentities": users},
        "systemData": {"createdAt": "x"},
        "properties": {
            "authMode": "Key",
            "scoringUri": "u",
            "provisioningState": "Succeeded",
            "publicNetworkAccess": "Disabled",
            "mirrorTraffic": {"blue": 10},
            "traffic": {"blue": 100},
        },
    }
    assert traffic_body(document, {"green": 100, "blue": 0}) == {
        "location": "eastus2",
        "tags": {"a": "b"},
        "kind": "Managed",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/u": {}}},
        "properties": {
            "authMode": "Key",
            "publicNetworkAccess": "Disabled",
            "mirrorTraffic": {"blue": 10},
            "traffic": {"green": 100},
        },
    }
