"""The parsers that are fuzzed: each takes any bytes, and ends well or with the one error that it promises."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from support import Clock, FakeService, collect, make_wire

from maas_client.azure.blob_container import BlobContainer
from maas_client.azure.clouds import PUBLIC, trust_for
from maas_client.azure.signers import Sas, account_of
from maas_client.azure.workspace_values import Datastore, Workspace
from maas_client.catalog.registry_document import read_registry
from maas_client.core.blocking import run
from maas_client.core.http_messages import Reply, Request, parse_json
from maas_client.core.json_fields import is_object
from maas_client.core.redaction import redact
from maas_client.core.secret_text import SecretText
from maas_client.core.text import printable
from maas_client.core.values import Value
from maas_client.endpoints.endpoint import Endpoint
from maas_client.errors import InvalidSignature, MaasError, UntrustedHost
from maas_client.foundry.event_texts import facts_of, read_events
from maas_client.foundry.failure_reasons import explained_failure
from maas_client.foundry.results_table import read_results
from maas_client.http.auth import Unsigned
from maas_client.http.channel import Channel
from maas_client.http.error_responses import error_from
from maas_client.http.retry import LONGEST_RETRY_AFTER, retry_after
from maas_client.http.trusted_hosts import Audience
from maas_client.jobs.job import Job
from maas_client.openai_api.chat_completions import TextJoiner, read_chunk, read_completion
from maas_client.openai_api.server_sent_events import Decoder
from maas_client.transfers.uploads.journal import Journal
from maas_client.webhooks import verify

VALUES: tuple[type[Value], ...] = (Job, Endpoint, Workspace, Datastore)
ASKED = Request("GET", "https://management.azure.com/x")
CREATE = Request("POST", "https://res.services.ai.azure.com/api/projects/demo/openai/v1/fine_tuning/jobs")
TRUST = trust_for(PUBLIC, PUBLIC.resource_manager)


def events(data: bytes) -> None:
    """Whole, and byte by byte."""
    whole, single = Decoder(), Decoder()
    assert list(whole.feed(data)) == [event for byte in data for event in single.feed(bytes([byte]))]


def values(data: bytes) -> None:
    """JSON into every kind of value."""
    with suppress(ValueError):
        document = parse_json(data)
        if not is_object(document):
            return
        for kind in VALUES:
            value = kind.read(document)
            json.dumps(value.model_dump(mode="json")).encode()
            repr(value)
        read_registry(document)
        read_chunk(document, TextJoiner()).model_dump_json()
        with suppress(MaasError):
            read_completion(ASKED, Reply(200, body=data)).model_dump_json()


def failures(data: bytes) -> None:
    """An error's body and headers, at every kind of status."""
    text = data.decode("latin-1")
    for status in (302, 400, 404, 429, 503, 999):
        for asked in (ASKED, CREATE):
            error = error_from(asked, Reply(status, {"x-ms-error-code": text, "x-ms-request-id": text}, data))
            assert printable(str(error)) == str(error)


def pauses(data: bytes) -> None:
    """Every spelling of Retry-After."""
    text = data.decode("latin-1")
    for name in ("retry-after", "retry-after-ms", "x-ms-retry-after-ms"):
        asked = retry_after(Reply(429, {name: text, "date": text}))
        assert asked is None or 0 <= asked <= LONGEST_RETRY_AFTER


def listings(data: bytes) -> None:
    """Lists of blobs and of blocks."""
    service = FakeService(lambda _: httpx.Response(200, content=data))
    wire = make_wire("blocking", Clock(0.0), httpx.MockTransport(service))
    container = BlobContainer(Channel(wire, TRUST), "https://a.blob.core.windows.net/c", Unsigned())
    with suppress(MaasError):
        run(collect(container.list("")))
    with suppress(MaasError):
        run(container.committed("x"))


def addresses(data: bytes) -> None:
    """Whatever is trusted is what httpx will ask, and whatever is redacted stays so."""
    text = data.decode("utf-8", "surrogateescape")
    for audience in Audience:
        with suppress(UntrustedHost):
            url = httpx.URL(TRUST.check(text, audience))
            known = {*TRUST.hosts.get(audience, ()), *TRUST.suffixes.get(audience, ())}
            assert url.scheme == "https"
            assert any(url.host == name or url.host.endswith(f".{name}") for name in known)
    assert redact(redact(text)) == redact(text)
    assert "CANARY" not in redact(f"https://x/?{text}&sig=CANARY&se=1")
    assert isinstance(Sas(SecretText(text)).expires, float)
    with suppress(ValueError):
        account_of(text)


def journals(data: bytes) -> None:
    """An entry of the upload journal."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "x.json").write_bytes(data)
        list(Journal(Path(folder)).entries())


def results(data: bytes) -> None:
    """A results table, whole and while it grows: a value that was read once is not another one later."""
    whole, half = read_results(data), read_results(data[: len(data) // 2], growing=True)
    for points in (*whole.values(), *half.values()):
        steps = [point.step for point in points]
        assert steps == sorted(set(steps))
    json.dumps({name: [point.to_dict() for point in points] for name, points in whole.items()})


def job_events(data: bytes) -> None:
    """Events of a job, alone and twice, in either order."""
    documents: list[object] = []
    for line in data.splitlines():
        with suppress(ValueError):
            documents.append(parse_json(line))
    events = read_events(documents)
    facts = facts_of(events)
    for event in events:
        assert event.message == printable(event.message)
        event.to_json()
    explained_failure(facts.stage, " ".join(facts.warnings), started=False)


def webhooks(data: bytes) -> None:
    """A delivery: whatever the headers and the body are, nothing that is not signed is accepted."""
    text = data.decode("latin-1")
    headers = {"webhook-id": text, "webhook-timestamp": text[:3] or "1", "webhook-signature": f"{text} v1,{text}"}
    with suppress(InvalidSignature):
        verify(headers, data, "whsec_AAAA", now=1.0, tolerance=1e9)
        raise AssertionError("a delivery without a signature has been accepted")


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "events": events,
    "values": values,
    "failures": failures,
    "pauses": pauses,
    "listings": listings,
    "addresses": addresses,
    "journals": journals,
    "results": results,
    "job_events": job_events,
    "webhooks": webhooks,
}
