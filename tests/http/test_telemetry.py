"""OpenTelemetry spans: one per request, without secrets or names, and nothing at all without OpenTelemetry."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from support import FakeService

from maas_client import NotFound
from maas_client.azure.clouds import PUBLIC, trust_for
from maas_client.core.http_messages import Request
from maas_client.core.secret_text import SecretUrl
from maas_client.http.auth import Unsigned
from maas_client.http.channel import Channel
from maas_client.http.telemetry import route_of
from maas_client.http.trusted_hosts import Audience
from maas_client.wire import Wire

WORKSPACE = "/subscriptions/s-1/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
ROUTE = "/subscriptions/{name}/resourceGroups/{name}/providers/Microsoft.MachineLearningServices/workspaces/{name}"
URL = f"https://management.azure.com{WORKSPACE}/jobs/my-job?api-version=1&tag=private"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """The spans of an application that has set up OpenTelemetry."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    provider.shutdown()


@pytest.fixture
def channel(wire: Wire) -> Channel:
    return Channel(wire, trust_for(PUBLIC, PUBLIC.resource_manager))


def seen(span: ReadableSpan) -> dict[str, Any]:
    """What a span says of its request, without its client's id."""
    assert (span.attributes or {})["az.client_request_id"]
    return {name: value for name, value in (span.attributes or {}).items() if name != "az.client_request_id"}


async def test_a_request_is_a_span_with_its_route_and_ids(
    channel: Channel, service: FakeService, spans: InMemorySpanExporter
) -> None:
    service.answer = lambda _: httpx.Response(200, json={}, headers={"x-ms-request-id": "r-1"})
    await channel.send(Request("GET", URL), audience=Audience.ARM, signer=Unsigned())
    (span,) = spans.get_finished_spans()
    assert span.name == f"GET {ROUTE}/jobs/{{name}}"
    assert span.kind == trace.SpanKind.CLIENT
    assert span.status.status_code == trace.StatusCode.UNSET
    assert seen(span) == {
        "http.request.method": "GET",
        "http.route": f"{ROUTE}/jobs/{{name}}",
        "server.address": "management.azure.com",
        "http.response.status_code": 200,
        "az.service_request_id": "r-1",
    }


async def test_retries_are_counted_and_a_failure_is_marked(
    channel: Channel, service: FakeService, spans: InMemorySpanExporter
) -> None:
    service.script(httpx.Response(503), httpx.ReadError("cut"), httpx.Response(404))
    with pytest.raises(NotFound):
        await channel.send(Request("GET", URL), audience=Audience.ARM, signer=Unsigned())
    (span,) = spans.get_finished_spans()
    assert seen(span)["http.request.resend_count"] == 2
    assert seen(span)["http.response.status_code"] == 404
    assert seen(span)["error.type"] == "NotFound"
    assert span.status.status_code == trace.StatusCode.ERROR
    assert [event.name for event in span.events] == ["retry", "retry"]
    assert (span.events[0].attributes or {})["maas.retry.reason"] == "503 Service Unavailable"


async def test_a_span_shows_no_secret_no_name_and_no_query(
    channel: Channel, service: FakeService, spans: InMemorySpanExporter
) -> None:
    service.script(httpx.ReadError("sig=very-secret-signature"), httpx.Response(201))
    url = "https://account.blob.core.windows.net/container/folder/my-file.jsonl"
    request = Request("PUT", f"{url}?comp=block", signature=SecretUrl("sv=1&sig=very-secret-signature"))
    await channel.send(request, audience=Audience.BLOB, signer=Unsigned())
    (span,) = spans.get_finished_spans()
    shown = span.to_json()
    for hidden in ("very-secret", "comp=block", "sv=1", "my-file", "folder"):
        assert hidden not in shown
    assert seen(span)["http.route"] == "/{container}/{blob}"


async def test_a_span_is_the_parent_of_what_its_transport_records(
    channel: Channel, service: FakeService, spans: InMemorySpanExporter
) -> None:
    inner: list[int] = []

    def answer(_: httpx.Request) -> httpx.Response:
        inner.append(trace.get_current_span().get_span_context().span_id)
        return httpx.Response(200, json={})

    service.answer = answer
    await channel.send(Request("GET", URL), audience=Audience.ARM, signer=Unsigned())
    (span,) = spans.get_finished_spans()
    context = span.get_span_context()
    assert context is not None
    assert inner == [context.span_id]
    assert not trace.get_current_span().get_span_context().is_valid


@pytest.mark.parametrize(
    ("path", "route"),
    [
        (f"{WORKSPACE}/jobs/j/cancel", f"{ROUTE}/jobs/{{name}}/cancel"),
        (f"{WORKSPACE}/data/d/versions/1", f"{ROUTE}/data/{{name}}/versions/{{name}}"),
        (f"/history/v1.0{WORKSPACE}/runs/r/details", f"/history/v1.0{ROUTE}/runs/{{name}}/details"),
        ("/v1/chat/completions", "/v1/chat/completions"),
        ("/maas/my-endpoint/v1/chat/completions", "/v1/chat/completions"),
        ("/registrymanagement/v1.0/registries/azureml/discovery", "/registries/{name}/discovery"),
        ("/container", "/{container}"),
        ("/container/a/b/c.txt", "/{container}/{blob}"),
    ],
)
def test_a_route_has_no_names(path: str, route: str) -> None:
    assert route_of(f"https://host.example{path}?a=b") == route


def test_nothing_of_opentelemetry_is_imported_by_the_client() -> None:
    code = (
        "import sys, maas_client, maas_client.client, maas_client.jobs.resource, maas_client.http.channel\n"
        "maas = maas_client.MaasClient(subscription_id='s', resource_group='g', workspace='w', max_retries=0,\n"
        "                              endpoint='http://127.0.0.1:9')\n"
        "try: maas.jobs.get('j')\n"
        "except maas_client.ConnectionFailed: print([name for name in sys.modules if 'opentelemetry' in name])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
