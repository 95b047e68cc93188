"""azure-ai-ml: managed online endpoints, deployments, traffic, keys, logs, scoring, and registered models."""

import json
from pathlib import Path
from typing import Any

import openai
import pytest
from azure.ai.ml.entities import (
    Environment,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    Model,
    OnlineRequestSettings,
    ProbeSettings,
)
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.judges.sdk import MODEL_ID, Microsoft

SIZE = "Standard_NC24ads_A100_v4"
ASKED = {"input_data": {"input_string": [{"role": "user", "content": "What's the capital of country 17?"}]}}


@pytest.fixture(autouse=True)
def plenty(microsoft: Microsoft) -> None:
    """Give the subscription GPUs."""
    microsoft.server.set_quota({"gpu": 1000})


def endpoint(microsoft: Microsoft, name: str = "online", **more: Any) -> Any:  # Any: see sdk.py
    """Create an endpoint and wait for it."""
    made = ManagedOnlineEndpoint(name=name, auth_mode=more.pop("auth_mode", "key"), **more)
    return microsoft.ml.online_endpoints.begin_create_or_update(made).result()


def deployment(microsoft: Microsoft, name: str = "blue", *, model: str = MODEL_ID, **more: Any) -> Any:
    """Create a deployment with the seed's probe, and wait for it."""
    settings: dict[str, Any] = {
        "request_settings": OnlineRequestSettings(max_concurrent_requests_per_instance=4, request_timeout_ms=90_000),
        "liveness_probe": ProbeSettings(failure_threshold=30, period=100, initial_delay=600),
        "instance_count": 1,
        **more,
    }
    made = ManagedOnlineDeployment(name=name, endpoint_name="online", model=model, instance_type=SIZE, **settings)
    return microsoft.ml.online_deployments.begin_create_or_update(made).result()


def served(microsoft: Microsoft, model: str = MODEL_ID) -> None:
    """Make an endpoint whose deployment `blue` gets all traffic."""
    made = endpoint(microsoft)
    deployment(microsoft, model=model)
    made.traffic = {"blue": 100}
    microsoft.ml.online_endpoints.begin_create_or_update(made).result()


def registered(microsoft: Microsoft, train: Path) -> Any:
    """Tune a model, and register the job's output by name."""
    microsoft.submit(str(microsoft.upload(train).id))
    microsoft.server.advance(3600)
    uri = "azureml://jobs/job/outputs/registered_model"
    return microsoft.ml.models.create_or_update(Model(name="mine", path=uri, type="mlflow_model", tags={"a": "b"}))


def test_a_job_s_output_is_registered_deployed_and_scored(microsoft: Microsoft, train: Path, tmp_path: Path) -> None:
    model = registered(microsoft, train)
    assert (model.name, model.version, model.tags) == ("mine", "1", {"a": "b"})
    served(microsoft, str(model.id))
    request = tmp_path / "request.json"
    request.write_text(json.dumps(ASKED))
    for pinned in ({}, {"deployment_name": "blue"}):
        answer = microsoft.ml.online_endpoints.invoke(endpoint_name="online", request_file=str(request), **pinned)
        assert json.loads(answer)["output"] == "City number 17."


def test_an_endpoint_shows_its_traffic_and_addresses(microsoft: Microsoft) -> None:
    served(microsoft)
    deployment(microsoft, "green")
    found = microsoft.ml.online_endpoints.get("online")
    assert (found.provisioning_state, found.traffic) == ("Succeeded", {"blue": 100, "green": 0})
    assert found.scoring_uri == f"{microsoft.server.endpoint}/mir/online/score"
    assert [one.name for one in microsoft.ml.online_endpoints.list()] == ["online"]
    assert {one.name for one in microsoft.ml.online_deployments.list("online")} == {"blue", "green"}


def test_traffic_to_a_deployment_that_is_not_there_is_refused(microsoft: Microsoft) -> None:
    made = endpoint(microsoft)
    made.traffic = {"nowhere": 100}
    with pytest.raises(HttpResponseError, match="does not exist"):
        microsoft.ml.online_endpoints.begin_create_or_update(made).result()


def test_keys_are_read_and_replaced(microsoft: Microsoft) -> None:
    endpoint(microsoft)
    before = microsoft.ml.online_endpoints.get_keys("online")
    assert before.primary_key != before.secondary_key
    microsoft.ml.online_endpoints.begin_regenerate_keys("online", key_type="primary").result()
    assert microsoft.asked("online_endpoints.regenerate_keys")[-1]["status"] == 202


def test_an_endpoint_of_tokens_gives_a_token(microsoft: Microsoft) -> None:
    endpoint(microsoft, auth_mode="aml_token")
    token = microsoft.ml.online_endpoints.get_keys("online")
    assert token.access_token.count(".") == 2
    assert token.refresh_after_time_utc < token.expiry_time_utc


def test_a_deployment_is_scaled_and_read_back(microsoft: Microsoft) -> None:
    served(microsoft)
    found = microsoft.ml.online_deployments.get(name="blue", endpoint_name="online")
    assert (found.instance_count, found.instance_type, found.request_settings.request_timeout_ms) == (1, SIZE, 90_000)
    found.instance_count = 2
    microsoft.ml.online_deployments.begin_create_or_update(found).result()
    assert microsoft.ml.online_deployments.get(name="blue", endpoint_name="online").instance_count == 2


def test_the_logs_of_both_containers_are_read(microsoft: Microsoft) -> None:
    served(microsoft)
    logs = microsoft.ml.online_deployments.get_logs(name="blue", endpoint_name="online", lines=100)
    assert logs.startswith("Instance status:\nSystemSetup: Succeeded")
    storage = microsoft.ml.online_deployments.get_logs(
        name="blue", endpoint_name="online", lines=1, container_type="storage-initializer"
    )
    assert "Download done" in storage


def test_a_deployment_that_fails_says_so_and_no_more(microsoft: Microsoft) -> None:
    endpoint(microsoft)
    with pytest.raises(HttpResponseError, match="Liveness probe failed"):
        deployment(microsoft, liveness_probe=ProbeSettings(failure_threshold=1, period=1, initial_delay=1))
    assert microsoft.ml.online_deployments.get(name="blue", endpoint_name="online").provisioning_state == "Failed"


def test_a_deployment_without_quota_is_refused(microsoft: Microsoft) -> None:
    microsoft.server.set_quota({})
    endpoint(microsoft)
    with pytest.raises(HttpResponseError, match="Not enough quota available"):
        deployment(microsoft)


def test_an_environment_of_one_s_own_is_deployed(microsoft: Microsoft) -> None:
    config: Any = {
        "liveness_route": {"path": "/", "port": 5001},
        "readiness_route": {"path": "/", "port": 5001},
        "scoring_route": {"path": "/score", "port": 5001},
    }
    made = microsoft.ml.environments.create_or_update(
        Environment(name="serve", version="1", image="mcr.microsoft.com/x:latest", inference_config=config)
    )
    assert microsoft.ml.environments.get("serve", version="1").image == "mcr.microsoft.com/x:latest"
    endpoint(microsoft)
    assert deployment(microsoft, environment=made).provisioning_state == "Succeeded"


def test_a_model_is_registered_under_the_next_version(microsoft: Microsoft, train: Path) -> None:
    registered(microsoft, train)
    uri = "azureml://jobs/job/outputs/registered_model"
    second = microsoft.ml.models.create_or_update(Model(name="mine", path=uri, type="mlflow_model"))
    assert second.version == "2"
    assert microsoft.ml.models.get("mine", label="latest").version == "2"
    with pytest.raises(Exception, match="Asset paths cannot be updated"):
        microsoft.ml.models.create_or_update(Model(name="mine", version="1", path="azureml://jobs/job/outputs/other"))


def test_a_model_is_archived_and_restored(microsoft: Microsoft, train: Path) -> None:
    registered(microsoft, train)
    microsoft.ml.models.archive("mine", version="1")
    assert list(microsoft.ml.models.list("mine")) == []
    microsoft.ml.models.restore("mine", version="1")
    assert [one.version for one in microsoft.ml.models.list("mine")] == ["1"]
    microsoft.ml.models.archive("mine")
    assert "mine" not in [one.name for one in microsoft.ml.models.list()]


def test_what_is_deleted_is_gone_when_the_poller_is_done(microsoft: Microsoft) -> None:
    served(microsoft)
    microsoft.ml.online_deployments.begin_delete(name="blue", endpoint_name="online").result()
    with pytest.raises(ResourceNotFoundError):
        microsoft.ml.online_deployments.get(name="blue", endpoint_name="online")
    microsoft.ml.online_endpoints.begin_delete("online").result()
    with pytest.raises(ResourceNotFoundError):
        microsoft.ml.online_endpoints.get("online")


def test_openai_chats_with_an_online_endpoint(microsoft: Microsoft, train: Path) -> None:
    served(microsoft, str(registered(microsoft, train).id))
    key = str(microsoft.ml.online_endpoints.get_keys("online").primary_key)
    base = f"{microsoft.server.endpoint}/mir/online/v1"
    asked: Any = ASKED["input_data"]["input_string"]
    with openai.OpenAI(api_key=key, base_url=base, max_retries=0) as client:
        whole = client.chat.completions.create(model="any", messages=asked)
        assert whole.choices[0].message.content == "City number 17."
        stream = client.chat.completions.create(model="any", messages=asked, stream=True)
        assert "".join(one.choices[0].delta.content or "" for one in stream if one.choices) == "City number 17."
        assert [one.id for one in client.models.list()] == ["mine:1"]
    with (
        openai.OpenAI(api_key="wrong", base_url=base, max_retries=0) as unauthorized,
        pytest.raises(openai.AuthenticationError),
    ):
        unauthorized.models.list()
