"""Malformed requests: an error in the service's own format, never a server failure."""

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from mock_server.app.application import Application
from mock_server.state.world import Options, open_world
from tests.mock_server import fuzz
from tests.mock_server.driver import MODEL, VERSION, Azure

BROKEN = 100_000 if os.environ.get("MAAS_THOROUGH") else 3_000

WS = "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w"
PATHS = (
    WS,
    f"{WS}/datastores/workspaceblobstore/listSecrets",
    f"{WS}/data/d/versions/1",
    f"{WS}/data",
    f"{WS}/jobs/j",
    f"{WS}/jobs",
    f"{WS}/jobs/j/cancel",
    f"{WS}/models/m/versions/1",
    f"{WS}/serverlessEndpoints/e",
    f"{WS}/serverlessEndpoints/e/regenerateKeys",
    f"{WS}/marketplaceSubscriptions/m",
    "/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/a/deployments/d",
    "/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/a/listKeys",
    "/openai/v1/files",
    "/openai/v1/fine_tuning/jobs",
    "/openai/v1/fine_tuning/jobs/ftjob-1/events",
    "/api/projects/p/openai/v1/fine_tuning/alpha/graders/run",
    "/api/projects/p/openai/files/import",
    "/openai/uploads/upload_1/complete",
    f"/history/v1.0{WS}/runs/j",
    f"/history/v1.0{WS}/rundata",
    f"/metric/v2.0{WS}/runs/j/full",
    f"/mlflow/v2.0{WS}/api/2.0/mlflow/runs/get",
    "/registrymanagement/v1.0/registries/azureml/discovery",
    "/maas/e/v1/chat/completions",
    "/logs/g/r/user_logs/std_log.txt",
    "/mockstore.blob.x/container/blob",
    "/mockstore.blob.x/container",
    "/container/blob",
)
KEYS = ("properties", "jobType", "fineTuningDetails", "model", "uri", "messages", "role", "content", "outputs", "tags")
WORDS = ("FineTuning", "Custom", "chatCompletion", "mlflow_model", MODEL, "x", "", "\ud800", "user")
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
paths = st.sampled_from(PATHS) | st.text(max_size=30).map(lambda tail: f"/{quote(tail)}")
queries = st.dictionaries(
    st.sampled_from(
        ["api-version", "$skip", "$top", "listViewType", "tag", "comp", "restype", "blockid", "sig", "se", "sr"]
    ),
    st.sampled_from(["2024-10-01-preview", "-1", "blocklist", "block", "metadata", "list", "container", "é", "9" * 30])
    | st.text(max_size=5),
    max_size=5,
)
headers = st.dictionaries(
    st.sampled_from(
        ["x-ms-version", "range", "if-match", "content-md5", "x-ms-blob-type", "x-ms-meta-a", "authorization"]
    ),
    st.sampled_from(["*", "bytes=5-1", "Bearer a.b.c", "SharedKey mockstore:x", "2023", "BlockBlob", "x" * 200]),
    max_size=4,
)


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    """Return a server without a socket: thousands of requests in seconds."""
    world = open_world(Options(clock="virtual"))
    yield Application(world)
    world.close()


def answer(
    app: Application, method: str, path: str, query: Mapping[str, str], header: Mapping[str, str], body: Any
) -> httpx.Response:
    """Send one request in process; a body of bytes is sent unchanged, any other as JSON."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", trust_env=False) as client:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            return await client.request(method, path, params=query, headers=dict(header), content=content)

    return asyncio.run(send())


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"]),
    paths,
    queries,
    headers,
    values | st.binary(max_size=60),
)
def test_no_request_makes_the_server_fail(
    application: Application,
    method: str,
    path: str,
    query: dict[str, str],
    header: dict[str, str],
    body: Any,
) -> None:
    given_headers = {"authorization": "Bearer token", **header}
    got = answer(application, method, path, {**VERSION, **query}, given_headers, body)
    assert got.status_code < 500


def test_no_mutated_request_makes_the_server_fail_or_log() -> None:
    outcome = fuzz.run(BROKEN, seed=0)
    assert (outcome.failures, outcome.log) == ([], "")
    assert sum(outcome.statuses.values()) == BROKEN
    assert {200, 201, 202, 400, 401, 404, 405, 409} <= outcome.statuses.keys()


@pytest.mark.parametrize(
    "body", [b"{", b"[" * 100_000, b"[]", b"NaN", b'{"a":1e999}', b"\xff", b'"' + b"9" * 5_000_000]
)
def test_a_body_that_is_not_an_object_is_rejected_in_arm_format(azure: Azure, body: bytes) -> None:
    got = azure.http.put(f"{azure.ws}/jobs/j", content=body)
    assert got.status_code in (400, 413)
    assert set(got.json()["error"]) >= {"code", "message"}


def test_an_invalid_host_is_rejected(azure: Azure) -> None:
    got = azure.http.get(azure.ws, headers={"Host": "a b"})
    assert got.status_code == 400
