"""Faults of managed online endpoints, and the quota of their machines."""

import pytest

from tests.mock_server.driver import Azure, Json
from tests.mock_server.online_driver import Online

T4 = "Standard_NC4as_T4_v3"
SAID = "I am Phi-3-mini-4k-instruct, a general model that has not been fine-tuned on your examples."
FAILED = "The request to Phi-3-mini-4k-instruct failed inside the container."
CONVERSATION: Json = {"input_data": {"input_string": [{"role": "user", "content": "Hello"}], "parameters": {}}}


@pytest.fixture
def online(azure: Azure) -> Online:
    """Return the workspace's online endpoints, with one endpoint."""
    online = Online(azure)
    azure.server.set_quota({"gpu": 1000})
    online.endpoint()
    azure.server.advance(60)
    return online


def refusal(online: Online, **settings: object) -> Json:
    """Return the inner error of a deployment that is refused."""
    answer = online.deployment(**settings)  # type: ignore[arg-type]  # the driver's settings are Any
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")
    inner: Json = answer.json()["error"]["details"][0]
    return inner


def test_gpus_have_no_quota_unless_it_is_given(online: Online) -> None:
    online.azure.server.set_quota({})
    inner = refusal(online)
    assert inner["code"] == "InferencingClientCreateDeploymentFailed"
    assert "Not enough quota available for Standard_NC24ads_A100_v4" in inner["message"]
    assert "Current usage/limit: 0/0. Additional needed: 24" in inner["message"]
    assert online.azure.get("/onlineEndpoints/online/deployments").json()["value"] == []


def test_a_fifth_more_instances_are_reserved_for_upgrades(online: Online) -> None:
    online.azure.server.set_quota({"standardNCASv3_T4Family": 4})
    assert "Additional needed: 8" in refusal(online, instanceType=T4)["message"]
    online.azure.server.set_quota({"standardNCASv3_T4Family": 8})
    assert online.deployment(instanceType=T4).status_code == 201


def test_cores_are_counted_until_the_deployment_is_gone(online: Online) -> None:
    online.azure.server.set_quota({"standardNCADSA100v4Family": 48})
    online.deployment()
    online.azure.server.advance(60)
    path = f"{online.azure.ws}/onlineEndpoints/online/deployments/blue"
    assert online.azure.http.patch(path, json={"sku": {"capacity": 3}}).status_code == 400
    assert online.azure.http.patch(path, json={"sku": {"capacity": 2}}).status_code == 202
    online.azure.server.advance(60)
    assert "Current usage/limit: 48/48. Additional needed: 24" in refusal(online, name="green")["message"]
    online.azure.http.delete(f"{online.azure.ws}/onlineEndpoints/online")
    online.azure.server.advance(60)
    online.endpoint()
    online.azure.server.advance(60)
    assert online.deployment("green").status_code == 201


def test_a_failed_deployment_keeps_its_cores(online: Online) -> None:
    online.azure.server.set_quota({"gpu": 24})
    online.azure.server.fault(deployment="fail")
    online.deployment()
    online.azure.server.advance(60)
    assert online.show("blue")["provisioningState"] == "Failed"
    assert "Current usage/limit: 24/24" in refusal(online, name="green")["message"]


@pytest.mark.parametrize("size", ["Standard_NoSuch_v9", "Standard_NC24rs_v3"])
def test_a_size_that_is_not_to_be_had_is_refused(online: Online, size: str) -> None:
    assert "is not supported" in refusal(online, instanceType=size)["message"]


@pytest.mark.parametrize(
    ("kind", "code"), [("probe", "ResourceNotReady"), ("image", "ImageBuildFailure"), ("capacity", "OutOfCapacity")]
)
def test_a_deployment_can_fail_in_each_way(online: Online, kind: str, code: str) -> None:
    online.azure.server.fault(deployment=kind)
    made = online.deployment()
    online.azure.server.advance(60)
    status = online.azure.follow(made.headers["azure-asyncoperation"]).json()
    assert (status["status"], status["error"]["code"]) == ("Failed", code)


@pytest.mark.parametrize(
    ("kind", "log"),
    [
        ("image", "SystemSetup: Succeeded\nUserContainerImagePull: Failed\nModelDownload: NotStarted\n"),
        ("capacity", "SystemSetup: Failed\nUserContainerImagePull: NotStarted\n"),
    ],
)
def test_without_machine_or_image_no_container_starts(online: Online, kind: str, log: str) -> None:
    online.azure.server.fault(deployment=kind)
    online.deployment()
    online.azure.server.advance(60)
    said = online.azure.post("/onlineEndpoints/online/deployments/blue/getLogs", {"tail": 100}).json()["content"]
    assert log in said
    assert "Loading the model" not in said


def test_a_crashed_container_leaves_its_traceback_in_the_log(online: Online) -> None:
    online.azure.server.fault(deployment="fail", reason="No CUDA GPUs are available")
    online.deployment()
    online.azure.server.advance(60)
    log = online.azure.post("/onlineEndpoints/online/deployments/blue/getLogs", {"tail": 1}).json()["content"]
    assert log.endswith("RuntimeError: No CUDA GPUs are available\n")


def test_a_deployment_can_be_refused_for_lack_of_quota(online: Online) -> None:
    online.azure.server.fault(deployment="quota")
    assert "Not enough quota available" in refusal(online)["message"]
    assert online.deployment().status_code == 201


def test_an_endpoint_can_fail_and_be_refused(online: Online) -> None:
    online.azure.server.fault(endpoint="full")
    refused = online.endpoint("another").json()["error"]["details"][0]
    assert refused == {"code": "InferencingClientCallFailed", "message": "Endpoint Quota reached"}
    online.azure.server.fault(endpoint="fail", reason="No capacity.")
    made = online.endpoint("another")
    online.azure.server.advance(60)
    assert online.azure.follow(made.headers["azure-asyncoperation"]).json()["error"]["message"] == "No capacity."
    assert online.show(endpoint="another")["provisioningState"] == "Failed"


@pytest.mark.parametrize(
    ("form", "shape"),
    [
        ("earlier", {"output": SAID}),
        ("list", [{"0": SAID}]),
        ("empty", {}),
        ("error", {"output": None, "error": {"status_code": 400, "body": FAILED}}),
    ],
)
def test_the_image_answers_in_each_of_its_forms(online: Online, form: str, shape: object) -> None:
    online.deployment()
    online.azure.server.advance(60)
    online.azure.server.fault(scoring=form)
    answer = online.send("/score", CONVERSATION, pinned="blue")
    assert answer.status_code == 200
    assert answer.json() == shape


@pytest.mark.parametrize(("fault", "status"), [("unrouted", 404), ("slow", 408), ("busy", 429), ("crash", 424)])
def test_the_gateway_refuses_in_each_way(online: Online, fault: str, status: int) -> None:
    online.deployment()
    online.azure.server.advance(60)
    online.azure.server.fault(scoring=fault)
    assert online.send("/score", CONVERSATION, pinned="blue").status_code == status


def test_a_fault_is_refused_where_it_has_no_effect(online: Online) -> None:
    for operation, fault in (
        ("foundry.deployments.put", {"deployment": "probe"}),
        ("online_deployments.put", {"deployment": "not_ready"}),
        ("online_endpoints.put", {"endpoint": "unready"}),
        ("scoring.chat", {"scoring": "list"}),
    ):
        with pytest.raises(ValueError, match="applies to"):
            online.azure.server.fault(operation=operation, **fault)


@pytest.mark.parametrize(
    ("size", "model", "words"),
    [
        ("Standard_F4s_v2", "Phi-3-mini-4k-instruct/versions/15", "No CUDA GPUs are available"),
        (T4, "Phi-4/versions/8", "CUDA out of memory. Tried to allocate 29.40 GiB"),
    ],
)
def test_a_machine_too_small_for_the_model_cannot_serve_it(online: Online, size: str, model: str, words: str) -> None:
    made = online.deployment(instanceType=size, model=f"azureml://registries/azureml/models/{model}")
    online.azure.server.advance(60)
    error = online.azure.follow(made.headers["azure-asyncoperation"]).json()["error"]
    assert error["message"].startswith(words)
