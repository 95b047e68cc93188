"""Every public operation on both platforms and both clients: offered where the table says so, else NotOffered."""

from __future__ import annotations

import asyncio
import inspect
import random
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx
import pytest
from support import Clock, make_wire
from watched_wires import Exchange, watched_wire

from maas_client import AsyncMaasClient, AsyncWire, BlockingWire, MaasClient
from maas_client.core.blocking import Blocking
from maas_client.errors import NotOffered
from mock_server.server import Server, serve
from tests.mock_server.loopback_server import allow_loopback_sources, file_server, loopback_server
from tests.surfaces.calls import BEFORE, CALLS, STARTED, CallContext, calls_on, write_rows
from tests.surfaces.offers import OFFERS

SURFACES, KINDS = ("azureml", "foundry"), ("blocking", "async")


def settings_of(surface: str, server: Server) -> dict[str, Any]:
    """Return the arguments that select a platform of the mock server."""
    if surface == "foundry":
        return {"foundry_endpoint": f"{server.endpoint}/api/projects/demo"}
    return {"subscription_id": "s", "resource_group": "g", "workspace": "w", "endpoint": server.endpoint}


def public_operations() -> set[str]:
    """Return every public method of every resource of a client, on whichever platform has the resource."""
    place = "http://127.0.0.1:9"
    with (
        MaasClient(subscription_id="s", resource_group="g", workspace="w", endpoint=place) as azure_ml,
        MaasClient(foundry_endpoint=place) as foundry,
    ):
        names = [name for name, attribute in vars(MaasClient).items() if isinstance(attribute, cached_property)]
        resources = [(name, kind) for name in names for kind in resource_kinds(name, azure_ml, foundry)]
    return {
        f"{name}.{method}"
        for name, kind in resources
        for method in vars(kind)
        if not method.startswith("_") and callable(getattr(kind, method))
    }


def resource_kinds(name: str, *clients: MaasClient) -> Iterator[type[Any]]:
    """Yield the class of a resource, of each client that has it."""
    for maas in clients:
        with suppress(NotOffered):
            resource: object = getattr(maas, name)
            if issubclass(kind := type(resource), Blocking):
                yield kind


@dataclass(frozen=True)
class Played:
    """What became of each operation of one client: its result or error, and the requests that it sent.

    `exchanges` are all requests with their answers; those to `endpoint` are the mock server's.
    """

    results: dict[str, object] = field(default_factory=dict[str, object])
    requests: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    endpoint: str = ""
    exchanges: list[Exchange] = field(default_factory=list[Exchange])


@cache
def played(surface: str, kind: str) -> Played:
    """Call every operation that a platform offers, once, in their order, with one client."""
    with ExitStack() as stack:
        server = stack.enter_context(serve(clock="virtual", quota={"gpu": 1000}))
        allow_loopback_sources(server.endpoint)
        source = stack.enter_context(loopback_server(file_server(rows_of(30), ETag='"1"')))
        folder = Path(stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True)))
        write_rows(folder / "train.jsonl")
        clock = Clock(httpx.get(f"{server.endpoint}/_mock/clock").json()["now"], listeners=[server.advance])
        context = CallContext(surface, folder, source.url)
        done = Played(endpoint=server.endpoint)
        wire = watched_wire(kind, clock, done.exchanges)
        if isinstance(wire, BlockingWire):
            with MaasClient(**settings_of(surface, server), wire=wire) as maas:
                return asyncio.run(_play(maas, context, server, clock, done))
        assert isinstance(wire, AsyncWire)
        return asyncio.run(
            _play(AsyncMaasClient(**settings_of(surface, server), wire=wire), context, server, clock, done)
        )


def rows_of(count: int) -> bytes:
    """Return the content of a training file."""
    with TemporaryDirectory() as folder:
        write_rows(Path(folder) / "rows.jsonl", count, first=100)
        return (Path(folder) / "rows.jsonl").read_bytes()


async def _play(maas: Any, context: CallContext, server: Server, clock: Clock, done: Played) -> Played:
    for name, call in calls_on(context.surface, OFFERS):
        if name in BEFORE:
            await _value(BEFORE[name](maas, context))
            clock.sleep(STARTED)
        sent = len(server.requests())
        random.seed(name)  # the pauses between polls are random, and both clients have to take the same ones
        try:
            done.results[name] = context.found[name] = await _value(call(maas, context))
        except Exception as error:  # reported by the test of the operation
            done.results[name] = error
        done.requests[name] = [_request(each, server) for each in server.requests()[sent:]]
    if isinstance(maas, AsyncMaasClient):
        await maas.close()
    return done


async def _value(outcome: Any) -> Any:
    """Return a result: awaited, or read to the end, where it is of the asynchronous client."""
    if inspect.isawaitable(outcome):
        return await outcome
    if isinstance(outcome, AsyncIterator):
        return [each async for each in cast("AsyncIterator[object]", outcome)]  # of anything
    return list(outcome) if inspect.isgenerator(outcome) else outcome


def _request(entry: Mapping[str, Any], server: Server) -> str:
    """Return what a request asks for, without what differs from run to run."""
    url = str(entry["url"]).removeprefix(server.endpoint)
    url = re.sub(r"127\.0\.0\.1:\d+", "HERE", url)
    url = re.sub(r"(?:file|ftjob|ftevent|ftchkpt|webhook|we|upload)[-_][0-9A-Za-z]+", "ID", url)
    url = re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{10,}", "ID", url)
    url = re.sub(r"(?<=[?&])(?:sig|se|st|blockid|after)=[^&]*", "", url)
    return f"{entry['method']} {url}"


def test_the_table_has_every_public_operation() -> None:
    assert public_operations() == OFFERS.keys() == CALLS.keys()
    assert {len(surfaces) for surfaces in OFFERS.values()} == {1, 2}


OFFERED = [(name, surface, kind) for name, surfaces in OFFERS.items() for surface in surfaces for kind in KINDS]
MISSING = [
    (name, surface, kind)
    for name, surfaces in OFFERS.items()
    for surface in SURFACES
    if surface not in surfaces
    for kind in KINDS
]


@pytest.mark.parametrize(("operation", "surface", "kind"), OFFERED)
def test_what_is_offered_works(operation: str, surface: str, kind: str) -> None:
    result = played(surface, kind).results[operation]
    if isinstance(result, Exception):
        raise result
    assert result != []


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("operation", CALLS)
def test_both_clients_send_the_same_requests(operation: str, surface: str) -> None:
    if surface in OFFERS[operation]:
        blocking, on_a_loop = (sorted(played(surface, kind).requests[operation]) for kind in KINDS)
        assert blocking == on_a_loop


@pytest.mark.parametrize(("operation", "surface", "kind"), MISSING)
def test_what_is_missing_raises_before_any_request(operation: str, surface: str, kind: str, tmp_path: Path) -> None:
    with serve() as server:
        write_rows(tmp_path / "train.jsonl")
        context, wire = CallContext(surface, tmp_path, ""), make_wire(kind, Clock())
        client: Any = MaasClient if kind == "blocking" else AsyncMaasClient
        maas = client(**settings_of(surface, server), wire=wire)
        with pytest.raises(NotOffered) as caught:
            asyncio.run(_refused(maas, operation, context))
        assert server.requests() == []
    other = {"azureml": "Azure AI Foundry", "foundry": "Azure Machine Learning"}[surface]
    assert other in str(caught.value)


async def _refused(maas: Any, operation: str, context: CallContext) -> None:
    try:
        await _value(CALLS[operation](maas, context))
    finally:
        closed = maas.close()
        if inspect.isawaitable(closed):
            await closed
