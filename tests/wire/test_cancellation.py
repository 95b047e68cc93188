"""Tasks that are canceled at any point: no connection stays in use, and the next call is answered."""

from __future__ import annotations

import asyncio
import random
import socket
import ssl
from collections.abc import Iterator

import pytest
from raw_server import RawServer, answer_of, raw_server, tls_contexts

from maas_client.core.http_messages import Request
from maas_client.errors import MaasError
from maas_client.wire import AsyncWire, no_tls
from maas_client.wire.httpx_adapter import MOST_STREAMS

ROUNDS = 40
AT_ONCE = 25


Contexts = tuple[ssl.SSLContext, ssl.SSLContext]


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> Contexts:
    """What the server and the client speak TLS with."""
    return tls_contexts(tmp_path_factory.mktemp("tls"), "127.0.0.1")


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest, contexts: Contexts) -> Iterator[RawServer]:
    """A server that answers in pieces."""

    def answer(stream: socket.socket, _: bytes) -> bool:
        for piece in (b"HTTP/1.1 200 OK\r\n", b"Content-Length: 30\r\n\r\n", b"x" * 10, b"y" * 10, b"z" * 10):
            stream.sendall(piece)
        return True

    with raw_server(answer, contexts[0] if request.param == "https" else None) as running:
        yield running


async def read(wire: AsyncWire, url: str) -> bytes:
    async with wire.open(Request("GET", url)) as incoming:
        return await incoming.read()


async def canceled_after(steps: int, task: asyncio.Task[object]) -> None:
    """Cancel a task after this many turns of the event loop, twice where the first one does not end it at once."""
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()


def test_no_connection_stays_in_use_whenever_tasks_are_canceled(server: RawServer, contexts: Contexts) -> None:
    chance = random.Random(0)

    async def main() -> None:
        wire = AsyncWire(verify=contexts[1])
        for _ in range(ROUNDS):
            calls = [read(wire, server.url) if chance.random() < 0.7 else get(wire, server.url) for _ in range(AT_ONCE)]
            tasks = [asyncio.create_task(call) for call in calls]
            cancelling = [canceled_after(chance.randrange(40), task) for task in tasks]
            await asyncio.gather(*cancelling)
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert {type(end) for end in ended} <= {bytes, asyncio.CancelledError}
            assert wire.busy == 0
        assert await get(wire, server.url) == b"x" * 10 + b"y" * 10 + b"z" * 10
        await wire.close()

    asyncio.run(main())


async def get(wire: AsyncWire, url: str) -> bytes:
    return (await wire.send(Request("GET", url))).body


def test_a_task_canceled_while_connecting_leaves_nothing_behind() -> None:
    async def main() -> None:
        wire = AsyncWire(verify=no_tls())
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            tasks = [asyncio.create_task(get(wire, url)) for _ in range(5)]
            await asyncio.gather(*(canceled_after(steps, task) for steps, task in enumerate(tasks)))
            await asyncio.gather(*tasks, return_exceptions=True)
        assert wire.busy == 0
        await wire.close()

    asyncio.run(main())


def test_streams_that_are_left_open_do_not_stop_other_calls() -> None:
    def answer(stream: socket.socket, head: bytes) -> bool:
        if b"/stream" in head:
            stream.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
        else:
            stream.sendall(answer_of(b"{}"))
        return True

    async def main() -> None:
        wire = AsyncWire(verify=no_tls())
        with raw_server(answer) as server:
            streams = [wire.open(Request("GET", f"{server.url}/stream")) for _ in range(MOST_STREAMS)]
            for stream in streams:
                await stream.__aenter__()
            assert await get(wire, server.url) == b"{}"
            with pytest.raises(MaasError, match="100 responses are already being streamed"):
                async with wire.open(Request("GET", f"{server.url}/stream", timeout=0.01)):
                    pass
            for stream in streams:
                await stream.__aexit__(None, None, None)
            assert wire.busy == 0
        await wire.close()

    asyncio.run(main())
