"""Deployments of managed online endpoints over the wire: creation, change, scaling, logs, deletion, answers."""

import pytest

from tests.mock_server.driver import MODEL, Azure
from tests.mock_server.online_driver import HELLO, Online

SMALL = {"initialDelay": "PT10S", "period": "PT1S", "failureThreshold": 3}


@pytest.fixture
def online(azure: Azure) -> Online:
    """Return the workspace's online endpoints, with one endpoint."""
    online = Online(azure)
    azure.server.set_quota({"gpu": 1000})
    online.endpoint()
    azure.server.advance(60)
    return online


def test_a_deployment_answers_once_it_is_created(online: Online) -> None:
    made = online.deployment()
    assert (made.status_code, made.json()["properties"]["provisioningState"]) == (201, "Creating")
    assert online.score(pinned="blue").status_code == 404
    online.azure.server.advance(60)
    assert online.show("blue")["provisioningState"] == "Succeeded"
    assert online.score(pinned="blue").status_code == 200


def test_what_the_request_left_out_is_shown(online: Online) -> None:
    shown = online.deployment(requestSettings={"requestTimeout": "PT3M"}).json()
    assert shown["sku"] == {"name": "Default", "capacity": 1}
    assert shown["properties"]["requestSettings"] == {
        "requestTimeout": "PT3M",
        "maxConcurrentRequestsPerInstance": 1,
        "maxQueueWait": "PT0.5S",
    }
    assert shown["properties"]["livenessProbe"]["initialDelay"] == "PT10S"


def test_the_same_request_again_makes_one_deployment(online: Online) -> None:
    first, second = online.deployment(), online.deployment()
    assert (first.status_code, second.status_code) == (201, 200)
    assert online.deployment(instances=2).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"instances": 0},
        {"instances": 51},
        {"requestSettings": {"requestTimeout": "PT4M"}},
        {"requestSettings": {"requestTimeout": "90"}},
        {"livenessProbe": {"failureThreshold": 0}},
        {"endpointComputeType": "Kubernetes"},
        {"environmentVariables": {"WORKER_COUNT": 4}},
        {"model": "azureml://registries/azureml/models/no-such-model/versions/1"},
        {"model": "nonsense"},
        {"environmentId": "azureml://locations/eastus2/workspaces/none/environments/serve/versions/1"},
    ],
)
def test_settings_beyond_their_limits_are_refused(online: Online, wrong: dict[str, object]) -> None:
    arguments: dict[str, object] = {"model": MODEL, **wrong}
    assert online.deployment(**arguments).status_code == 400  # type: ignore[arg-type]  # wrong ones, on purpose


def test_a_probe_that_gives_up_early_kills_the_container(online: Online) -> None:
    made = online.deployment(livenessProbe=SMALL)
    online.azure.server.advance(60)
    status = online.azure.follow(made.headers["azure-asyncoperation"]).json()
    assert (status["status"], status["error"]["code"]) == ("Failed", "ResourceNotReady")
    assert "Liveness probe failed" in status["error"]["message"]
    logs = online.azure.post("/onlineEndpoints/online/deployments/blue/getLogs", {"tail": 2}).json()["content"]
    assert "statuscode: 502 (13 seconds after the start)" in logs
    refused = online.deployment()
    assert "unrecoverable state. Delete and re-create" in refused.json()["error"]["message"]


def test_a_change_that_fails_leaves_the_old_one_answering(online: Online) -> None:
    online.deployment()
    online.azure.server.advance(60)
    online.deployment(livenessProbe=SMALL)
    online.azure.server.advance(60)
    assert online.show("blue")["provisioningState"] == "Failed"
    assert online.score(pinned="blue").status_code == 200
    assert online.deployment().status_code == 200


def test_a_deployment_answers_while_it_is_scaled(online: Online) -> None:
    online.deployment()
    online.azure.server.advance(60)
    path = f"{online.azure.ws}/onlineEndpoints/online/deployments/blue"
    scaled = online.azure.http.patch(path, json={"sku": {"name": "Default", "capacity": 3}})
    assert (scaled.status_code, online.show("blue")["provisioningState"]) == (202, "Scaling")
    assert online.score(pinned="blue").status_code == 200
    online.azure.server.advance(60)
    assert online.azure.follow(scaled.headers["location"]).status_code == 204
    assert online.azure.get("/onlineEndpoints/online/deployments/blue").json()["sku"]["capacity"] == 3


def test_logs_begin_with_the_steps_of_the_instance(online: Online) -> None:
    online.deployment(environmentVariables={"WORKER_COUNT": "4"})
    online.azure.server.advance(60)
    path = "/onlineEndpoints/online/deployments/blue/getLogs"
    lines = online.azure.post(path, {"tail": 100}).json()["content"].splitlines()
    assert lines[:2] == ["Instance status:", "SystemSetup: Succeeded"]
    assert any(line.endswith("WORKER_COUNT=4") for line in lines)
    storage = online.azure.post(path, {"containerType": "StorageInitializer", "tail": 1}).json()["content"]
    assert storage.endswith("Download done\n")
    assert online.azure.post(path, {"containerType": "Another"}).status_code == 400


def test_a_deleted_deployment_takes_its_traffic_along(online: Online) -> None:
    online.deployment()
    online.azure.server.advance(60)
    online.endpoint(traffic={"blue": 100})
    online.azure.server.advance(60)
    path = f"{online.azure.ws}/onlineEndpoints/online/deployments/blue"
    assert online.azure.http.delete(path).status_code == 202
    online.azure.server.advance(60)
    assert online.show()["traffic"] == {}
    assert online.azure.http.delete(path).status_code == 204


def test_a_tuned_model_answers_from_its_training_data(online: Online) -> None:
    online.deployment(model=online.azure.tuned())
    online.azure.server.advance(60)
    asked = [{"role": "user", "content": "What's the capital of country 17?"}]
    scored = online.score(messages=asked, pinned="blue").json()
    assert (scored["output"], scored["model"], scored["finish_reason"]) == ("City number 17.", "tuned:1", "stop")
    for path in ("/chat/completions", "/v1/chat/completions"):
        answer = online.send(path, {"messages": asked}, pinned="blue").json()
        assert answer["choices"][0]["message"]["content"] == "City number 17."


def test_texts_to_go_on_with_are_answered_by_a_list(online: Online) -> None:
    online.deployment()
    online.azure.server.advance(60)
    answers = online.send("/score", {"input_data": ["One", "Two"], "params": {}}, pinned="blue").json()
    assert len(answers) == 2


@pytest.mark.parametrize("data", [{}, {"input_string": []}, {"input_string": [{"role": "pirate"}]}, 7, []])
def test_what_fails_inside_is_answered_by_an_empty_object(online: Online, data: object) -> None:
    online.deployment()
    online.azure.server.advance(60)
    answer = online.send("/score", {"input_data": data}, pinned="blue")
    assert (answer.status_code, answer.json()) == (200, {})


def test_a_stream_arrives_as_one_piece(online: Online) -> None:
    online.deployment()
    online.azure.server.advance(60)
    answer = online.send("/v1/chat/completions", {"messages": HELLO, "stream": True}, pinned="blue")
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.text.endswith("data: [DONE]\n\n")


def test_a_refusal_of_the_container_is_a_424_of_the_gateway(online: Online) -> None:
    online.deployment()
    online.azure.server.advance(60)
    answer = online.send("/chat/completions", {"messages": []}, pinned="blue")
    assert (answer.status_code, answer.headers["ms-azureml-model-error-statuscode"]) == (424, "422")


def test_an_answer_slower_than_the_limit_is_cut_off(online: Online) -> None:
    online.deployment(requestSettings={"requestTimeout": "PT0.1S"})
    online.azure.server.advance(60)
    assert online.score(pinned="blue").status_code == 408
