"""What is sent is what Microsoft's SDK sends: the recorded requests of azure-ai-ml 1.35.2 are the measure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import FakeService

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.jobs.request import FINGERPRINT, JobRequest
from maas_client.wire import Wire

Recorded = Callable[[int], dict[str, Any]]


@pytest.fixture
def recorded(shared: Path) -> Recorded:
    """The recorded requests by their number."""
    lines = (shared / "wire" / "azureml-requests.jsonl").read_text("utf-8").splitlines()
    requests = {entry["n"]: entry for entry in map(json.loads, lines)}
    return lambda number: requests[number]


@pytest.fixture
def place(recorded: Recorded) -> Settings:
    """The workspace of the recording."""
    parts = recorded(1)["path"].split("/")
    return Settings(parts[2], parts[4], parts[8], endpoint="http://127.0.0.1:1")


def test_a_job_is_asked_for_field_by_field_as_the_sdk_does(recorded: Recorded) -> None:
    theirs = recorded(62)["body"]["properties"]
    details = theirs["fineTuningDetails"]
    ours = JobRequest(
        name=recorded(62)["path"].rpartition("/")[2],
        model_id=details["model"]["uri"],
        training_data=details["trainingData"]["uri"],
        validation_data=details["validationData"]["uri"],
        hyperparameters=details["hyperParameters"],
        output_name=theirs["outputs"]["registered_model"]["assetName"],
        display_name=theirs["displayName"],
        experiment=theirs["experimentName"],
        tags=theirs["tags"],
        properties=theirs["properties"],
    ).to_document()["properties"]
    assert ours["properties"].pop(FINGERPRINT)
    assert ours == theirs


async def test_an_endpoint_is_requested_as_by_the_sdk_plus_auth_mode(
    recorded: Recorded, place: Settings, wire: Wire, service: FakeService
) -> None:
    """The SDK does not send the auth mode."""
    workspace = {"location": "eastus2", "properties": {"workspaceId": "11111111-2222-3333-4444-555555555555"}}
    theirs = recorded(80)
    name, version = theirs["body"]["properties"]["modelSettings"]["modelId"].split("/models/")[1].split("/versions/")
    endpoint = theirs["path"].rpartition("/")[2]
    online, serverless = httpx.Response(404), httpx.Response(404)  # there is no endpoint of this name of either kind
    made = httpx.Response(201, json={"name": endpoint})
    service.script(online, httpx.Response(200, json=workspace), serverless, made)
    await Resources(wire, place, None).endpoints.create(name=endpoint, model=f"{name}:{version}")
    put = service.asked[-1]
    assert (put.method, put.url.path) == ("PUT", theirs["path"])
    sent = json.loads(put.content)
    assert sent["properties"].pop("authMode") == "Key"
    assert sent.pop("tags") == {}
    assert sent == theirs["body"]


async def test_secrets_are_asked_for_as_the_sdk_does(
    recorded: Recorded, place: Settings, wire: Wire, service: FakeService
) -> None:
    datastore = {"accountName": "127.0.0.1:1/a", "endpoint": "127.0.0.1:1", "protocol": "http", "containerName": "c"}
    document = {"properties": {**datastore, "credentials": {"credentialsType": "Sas"}}}
    secret = {"secretsType": "Sas", "sasToken": "?sv=1&sig=x"}
    service.script(httpx.Response(200, json=document), httpx.Response(200, json=secret))
    await Resources(wire, place, None).workspace.container()
    for number, asked in zip((10, 11), service.asked, strict=True):
        theirs = recorded(number)
        assert (asked.method, asked.url.path) == (theirs["method"], theirs["path"])
        assert dict(asked.url.params) == theirs["query"]
    assert json.loads(service.asked[1].content) == recorded(40)["body"]


async def test_metrics_are_asked_for_on_the_recorded_routes(
    recorded: Recorded, place: Settings, wire: Wire, service: FakeService
) -> None:
    service.script(
        httpx.Response(200, json={"properties": {"discoveryUrl": "http://127.0.0.1:1/discovery"}}),
        httpx.Response(200, json={"api": "http://127.0.0.1:1"}),
        httpx.Response(200, json={"value": [{"metricKey": {"name": "loss"}}]}),
        httpx.Response(200, json={"value": [{"step": 1, "data": {"loss": 2.5}}]}),
    )
    job = recorded(139)["path"].split("/runs/")[1].split("/")[0]
    metrics = await Resources(wire, place, None).jobs.metrics(job)
    assert [point.value for point in metrics["loss"]] == [2.5]
    for number, asked in zip((139, 140), service.asked[-2:], strict=True):
        theirs = recorded(number)
        assert (asked.method, asked.url.path, dict(asked.url.params)) == ("POST", theirs["path"], theirs["query"])
        assert json.loads(asked.content) == theirs["body"]
