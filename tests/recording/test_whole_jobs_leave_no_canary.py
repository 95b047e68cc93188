"""A recording of a whole job does not identify its owner: no name, text, secret or address, and no row."""

from __future__ import annotations

import getpass
import json
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import Clock
from watched_wires import Exchange, watched_wire

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.core.json_fields import is_array, is_object
from maas_client.errors import MaasError
from maas_client.foundry.settings import resolve_foundry
from maas_client.recording.cassette import read_cassette
from maas_client.recording.recording import Recording
from maas_client.recording.word_lists import listed
from maas_client.wire import Wire
from maas_client.wire_choice import over_recording
from mock_server.server import Server

MARK = "qz"
"""In every name and text that a test gives; no word of the services has it."""

GIVEN_BY_THE_SERVICE = listed(
    "createdBy lastModifiedBy principalId tenantId primaryKey secondaryKey key sasToken accessToken signing_secret "
    "signing_secret_hint message content workspaceId accountName containerName etag system_fingerprint"
)
"""Fields whose values the service chooses, and nobody is to learn."""

HEADERS = ("x-ms-request-id", "apim-request-id", "x-request-id", "etag", "x-ms-correlation-request-id")
SIZE = "Standard_NC24ads_A100_v4"


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


@pytest.fixture
def watched(kind: str, maas_server: Server, clock: Clock, exchanges: list[Exchange]) -> Wire:
    clock.time = httpx.get(f"{maas_server.endpoint}/_mock/clock").json()["now"]
    clock.listeners.append(maas_server.advance)
    return watched_wire(kind, clock, exchanges)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "recorded.jsonl"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file of rows, in a folder and with a name and columns that nobody is to learn."""
    folder = tmp_path / f"{MARK}-folder"
    folder.mkdir()
    path = folder / f"{MARK}our_clients.jsonl"
    lines = [
        json.dumps(
            {
                "messages": [
                    {"role": "user", "content": f"question {n} of {MARK}client"},
                    {"role": "assistant", "content": f"answer {n} for {MARK}client"},
                ],
            }
        )
        for n in range(14)
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


Texts = list[str]


async def tried(texts: Texts, act: Coroutine[Any, Any, object]) -> None:
    """Do something that may fail, and keep what the error says."""
    with suppress(MaasError):
        texts.append(repr(await act))


async def job_of(maas: Resources, rows: Path, texts: Texts) -> str | None:
    """Train on a file with a canary in everything that has a name; return the tuned model."""
    train = await maas.datasets.upload(rows, name=f"{MARK}data")
    job = await maas.jobs.create(
        model="Phi-4-mini-instruct",
        training_data=train,
        name=f"{MARK}job",
        display_name=f"{MARK} display",
        experiment=f"{MARK}experiment",
        output_name=f"{MARK}model",
        tags={f"{MARK}tag": f"{MARK} value", "Status": f"{MARK}status", "owner": f"ada@{MARK}.example"},
        properties={f"{MARK}property": f"{MARK}value", "azureml.ModelName": f"{MARK}model"},
    )
    done = await maas.jobs.wait(job.name)
    texts += [line async for line in maas.jobs.logs(job.name)]
    await maas.jobs.metrics(job.name)
    await maas.jobs.details(job.name)
    await maas.jobs.download(job.name, rows.parent / "down")
    await tried(texts, maas.jobs.get(f"{MARK}absent"))
    await tried(texts, maas.datasets.get(f"{MARK}absent", "1"))
    return done.output_model


async def serverless(maas: Resources, rows: Path, texts: Texts) -> None:
    model = await job_of(maas, rows, texts)
    endpoint = await maas.endpoints.wait(await maas.endpoints.create(model=str(model), name=f"{MARK}-endpoint"))
    keys = await maas.endpoints.keys(endpoint.name)
    texts += [keys.primary, keys.secondary]
    texts.append((await maas.chat.complete(endpoint.name, f"Does {MARK}client pay?", system=f"Be {MARK}.")).text)
    texts.append("".join([piece.text async for piece in maas.chat.stream(endpoint.name, f"Does {MARK}client owe?")]))
    await tried(texts, maas.chat.complete(f"{MARK}-absent", "Hello"))
    _ = [one async for one in maas.jobs.list()], [one async for one in maas.endpoints.list()]
    await maas.endpoints.delete(endpoint.name)


async def own_compute(maas: Resources, rows: Path, texts: Texts) -> None:
    await maas.computes.create(f"{MARK}cluster", size=SIZE, max_nodes=1)
    job = await maas.jobs.create(
        model="Phi-4-mini-instruct",
        training_data=rows,
        compute=f"{MARK}cluster",
        name=f"{MARK}job",
        tags={f"{MARK}tag": f"{MARK} value"},
        force=True,
    )
    done = await maas.jobs.wait(job.name)
    texts += [line async for line in maas.jobs.logs(job.name)]
    _ = [one async for one in maas.computes.list()]
    endpoint = await maas.endpoints.create(model=str(done.output_model), name=f"{MARK}-online", instance_type=SIZE)
    endpoint = await maas.endpoints.wait(endpoint.name)
    texts.append((await maas.chat.complete(endpoint.name, f"Does {MARK}client pay?")).text)
    texts.append(repr(await maas.endpoints.logs(endpoint.name)))
    await maas.endpoints.delete(endpoint.name)
    await maas.computes.delete(f"{MARK}cluster")


async def on_foundry(maas: Resources, rows: Path, texts: Texts) -> None:
    job = await maas.jobs.create(
        model="Ministral-3B",
        training_data=rows,
        name=f"{MARK}job",
        suffix=f"{MARK}suffix",
        tags={f"{MARK}tag": f"{MARK} value"},
    )
    done = await maas.jobs.wait(job.name)
    texts += [event.message async for event in maas.jobs.events(job.name)]
    _ = [one async for one in maas.datasets.list()], await maas.jobs.metrics(job.name)
    endpoint = await maas.endpoints.create(model=str(done.output_model), name=f"{MARK}-deployment")
    endpoint = await maas.endpoints.wait(endpoint.name)
    texts.append((await maas.chat.complete(endpoint.name, f"Does {MARK}client pay?")).text)
    texts.append("".join([piece.text async for piece in maas.chat.stream(endpoint.name, f"Does {MARK}client owe?")]))
    hook = await maas.webhooks.register(f"http://127.0.0.1:9/{MARK}hook?code={MARK}code", name=f"{MARK}name")
    texts.append(hook.signing_secret.reveal())
    await tried(texts, maas.jobs.get(f"{MARK}absent"))
    await tried(texts, maas.endpoints.get(f"{MARK}-absent"))
    await maas.endpoints.delete(endpoint.name)


def given(exchanges: list[Exchange], server: Server) -> Iterator[str]:
    """Yield what the service chose: keys, ids, hosts, users, messages, and answers of models."""
    yield server.endpoint.removeprefix("http://")
    for one in exchanges:
        yield from (one.headers[name].strip('"') for name in HEADERS if name in one.headers)
        with suppress(ValueError):
            yield from _values(json.loads(one.body))
        if "sig=" in one.url:
            yield one.url.partition("sig=")[2].partition("&")[0]


def _values(value: Any) -> Iterator[str]:
    if is_object(value):
        for name, inner in value.items():
            if isinstance(inner, str) and name in GIVEN_BY_THE_SERVICE:
                yield inner
            yield from _values(inner)
    elif is_array(value):
        for inner in value:
            yield from _values(inner)


def of_the_machine(tmp_path: Path) -> Iterator[str]:
    yield from (getpass.getuser(), socket.gethostname(), str(Path.home()), str(tmp_path), tmp_path.name, "127.0.0.1")


def assert_nothing_is_shown(file: Path, exchanges: list[Exchange], server: Server, texts: Texts) -> None:
    recorded = read_cassette(file)
    through_threads = len(exchanges) - len(recorded)  # a file is sent by a wire of its own, which is watched, too
    assert 0 <= through_threads <= 1
    assert sum(one.operation is None for one in recorded) == 0
    text = "\n".join(one.to_line() for one in recorded)
    near = [text[max(0, place - 80) : place + 40] for place in [text.casefold().find(MARK)] if place >= 0]
    assert near == []
    seen = {piece for piece in (*texts, *given(exchanges, server), *of_the_machine(file.parent)) if len(piece) >= 8}
    assert len(seen) > 20
    assert sorted(piece for piece in seen if json.dumps(piece, ensure_ascii=False)[1:-1] in text) == []


@pytest.mark.parametrize("job", [serverless, own_compute], ids=["serverless", "own compute"])
async def test_nothing_of_a_whole_job_on_azure_ml(
    watched: Wire,
    job: Callable[[Resources, Path, Texts], Coroutine[Any, Any, None]],
    rows: Path,
    file: Path,
    exchanges: list[Exchange],
    maas_server: Server,
) -> None:
    maas_server.set_quota({"gpu": 1000})
    settings = Settings(f"{MARK}-subscription", f"{MARK}-group", f"{MARK}-workspace", endpoint=maas_server.endpoint)
    texts: Texts = []
    await job(over_recording(Resources(watched, settings, None), Recording(file)), rows, texts)
    assert_nothing_is_shown(file, exchanges, maas_server, texts)


async def test_nothing_of_a_whole_job_on_foundry(
    watched: Wire, rows: Path, file: Path, exchanges: list[Exchange], maas_server: Server
) -> None:
    url = f"{maas_server.endpoint}/api/projects/{MARK}-project"
    settings = resolve_foundry(
        foundry_endpoint=url,
        api_key=f"{MARK}-key-of-an-account",
        subscription_id=f"{MARK}-subscription",
        resource_group=f"{MARK}-group",
        environ={},
    )
    texts: Texts = []
    await on_foundry(over_recording(Resources(watched, settings, None), Recording(file)), rows, texts)
    assert_nothing_is_shown(file, exchanges, maas_server, texts)
