"""One asynchronous client on several event loops, on none, and after it was closed."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
from raw_server import RawServer, answer_of, raw_server

from maas_client import AsyncMaasClient, ClientClosed, InvalidInput, MaasClient
from maas_client.core.blocking import run
from maas_client.core.http_messages import Request
from maas_client.wire import AsyncWire, no_tls


@pytest.fixture
def server() -> Iterator[RawServer]:
    def answer(stream: socket.socket, _: bytes) -> bool:
        stream.sendall(answer_of(b'{"name": "w"}', headers="Content-Type: application/json\r\n"))
        return True

    with raw_server(answer) as running:
        yield running


async def get(wire: AsyncWire, url: str) -> int:
    return (await wire.send(Request("GET", url))).status


def test_loops_one_after_another_are_served(server: RawServer) -> None:
    maas = AsyncMaasClient(subscription_id="s", resource_group="g", workspace="w", endpoint=server.url)
    for _ in range(3):
        assert asyncio.run(maas.workspace.get()).name == "w"
    asyncio.run(maas.close())


def test_loops_at_the_same_time_are_served(server: RawServer) -> None:
    wire = AsyncWire(verify=no_tls())
    statuses: list[int] = []

    async def several() -> None:
        statuses.extend(await asyncio.gather(*(get(wire, server.url) for _ in range(30))))

    threads = [threading.Thread(target=asyncio.run, args=(several(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 120
    asyncio.run(wire.close())


def test_a_lock_serves_loops_one_after_another() -> None:
    wire = AsyncWire(verify=no_tls())
    lock = wire.lock()
    inside: list[int] = []

    async def one(number: int) -> None:
        async with lock:
            await asyncio.sleep(0)
            inside.append(number)

    async def contended() -> None:
        await asyncio.gather(*(one(number) for number in range(5)))

    asyncio.run(contended())
    asyncio.run(contended())
    assert inside == [0, 1, 2, 3, 4] * 2
    asyncio.run(wire.close())


async def nothing() -> None:
    """Do nothing."""


def test_without_an_event_loop_the_error_names_the_way_out() -> None:
    wire = AsyncWire(verify=no_tls())
    request = Request("GET", "http://127.0.0.1:1")
    awaited = [
        wire.send(request),
        wire.open(request).__aenter__(),
        wire.call(lambda: None),
        wire.sleep(0.0),
        wire.gather([nothing], limit=2),
        wire.lock().__aenter__(),
    ]
    for awaiting in awaited:
        with pytest.raises(InvalidInput, match="asyncio event loop"):
            run(awaiting)


def test_a_closed_client_reports_that_it_is_closed(server: RawServer) -> None:
    maas = MaasClient(subscription_id="s", resource_group="g", workspace="w", endpoint=server.url)
    maas.close()
    with pytest.raises(ClientClosed):
        maas.workspace.get()
    with pytest.raises(ClientClosed):
        maas.datasets.upload(b"x", check=False)

    async def closed() -> None:
        client = AsyncMaasClient(subscription_id="s", resource_group="g", workspace="w", endpoint=server.url)
        await client.close()
        with pytest.raises(ClientClosed):
            await client.workspace.get()
        with pytest.raises(ClientClosed):
            await client.datasets.upload(b"x", check=False)

    asyncio.run(closed())
    assert server.heads == []
