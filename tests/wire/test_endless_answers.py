"""Answers whose head or tail never ends: each attempt has one deadline, whatever arrives meanwhile."""

from __future__ import annotations

import gzip
import itertools
import socket
from collections.abc import Callable, Iterator

import pytest
from raw_server import raw_server

from maas_client.core.http_messages import Request
from maas_client.errors import ReplyLost
from maas_client.wire import AsyncWire, BlockingWire, no_tls
from maas_client.wire.attempt import SLOWEST_SENDING

Ticking = AsyncWire | BlockingWire

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n"
REFUSAL = b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n"

ENDLESS = {
    "header lines": (HEAD, b"X-More: x\r\n"),
    "one header line": (HEAD + b"X-Long: ", b"x"),
    "a status line": (b"HTTP/1.1 200 ", b"O"),
    "interim answers": (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "a chunk extension": (CHUNKED + b"1;", b"x"),
    "a padded chunk size": (CHUNKED, b"0"),
    "trailers": (CHUNKED + b"1\r\nx\r\n0\r\n", b"X-More: x\r\n"),
    "one trailer": (CHUNKED + b"1\r\nx\r\n0\r\nX-Long: ", b"x"),
    "empty gzip members": (GZIP, gzip.compress(b"")),
    "the body of a refusal": (REFUSAL, b"1\r\nx\r\n"),
}
"""How an answer begins, and what then comes again and again."""


ENDED = "no response within 60 s|not complete after 60 s|larger than|too"
"""What says that the client has left the server, and not the other way round."""


@pytest.fixture
def ticking(kind: str) -> Ticking:
    """A wire whose attempts grow a second older whenever their age is asked for."""
    timer = map(float, itertools.count()).__next__
    if kind == "blocking":
        return BlockingWire(verify=no_tls(), timer=timer)
    return AsyncWire(verify=no_tls(), timer=timer)


def endless(begin: bytes, piece: bytes) -> Callable[[socket.socket, bytes], None]:
    """Answer with a beginning and pieces, one a packet, until the client hangs up."""

    def answer(stream: socket.socket, _: bytes) -> None:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream.sendall(begin)
        for _count in range(1_000_000):
            stream.sendall(piece)

    return answer


@pytest.mark.parametrize("what", ENDLESS)
async def test_a_call_ends_at_its_deadline(ticking: Ticking, what: str) -> None:
    with raw_server(endless(*ENDLESS[what])) as server, pytest.raises(ReplyLost, match=ENDED):
        await ticking.send(Request("GET", server.url, timeout=60.0))
    assert ticking.busy == 0


@pytest.mark.parametrize("what", ENDLESS)
async def test_a_stream_ends_at_its_deadline(ticking: Ticking, what: str) -> None:
    with raw_server(endless(*ENDLESS[what])) as server, pytest.raises(ReplyLost, match=ENDED):
        await read_all(ticking, Request("GET", server.url, timeout=60.0))
    assert ticking.busy == 0


async def read_all(wire: Ticking, request: Request) -> bytes:
    """Read an answer while it arrives."""
    async with wire.open(request) as incoming:
        return b"".join([chunk async for chunk in incoming.chunks])


async def test_a_page_in_place_of_a_stream_ends_at_its_deadline(ticking: Ticking) -> None:
    async def first_bytes(wire: Ticking, request: Request) -> bytes:
        async with wire.open(request) as incoming:
            return await incoming.read()

    with raw_server(endless(CHUNKED, b"1\r\nx\r\n")) as server, pytest.raises(ReplyLost, match=ENDED):
        await first_bytes(ticking, Request("GET", server.url, timeout=60.0))


async def test_a_stream_whose_chunks_arrive_in_time_may_last(ticking: Ticking) -> None:
    def answer(stream: socket.socket, _: bytes) -> None:
        stream.sendall(CHUNKED)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _count in range(300):
            stream.sendall(b"1\r\nx\r\n")
        stream.sendall(b"0\r\n\r\n")

    with raw_server(answer) as server:
        assert await read_all(ticking, Request("GET", server.url, timeout=20.0)) == b"x" * 300


class Body:
    """256 MiB: more than sockets buffer."""

    size = 1 << 28

    def __iter__(self) -> Iterator[bytes]:
        return itertools.repeat(b"x" * (1 << 16), self.size >> 16)


async def test_a_body_that_is_taken_too_slowly_ends_the_call(kind: str) -> None:
    def answer(stream: socket.socket, _: bytes) -> None:
        raise AssertionError("the body was taken whole")

    ages = itertools.count(step=Body.size / SLOWEST_SENDING / 100)
    courier = BlockingWire(verify=no_tls(), timer=ages.__next__)
    wire = courier if kind == "blocking" else AsyncWire(verify=no_tls(), courier=courier)
    with raw_server(answer) as server, pytest.raises(ReplyLost, match="no response within 60 s"):
        await wire.send(Request("PUT", server.url, body=Body(), timeout=60.0))
    assert wire.busy == 0


async def test_a_head_larger_than_the_limit_is_refused(kind: str) -> None:
    wire = BlockingWire(verify=no_tls()) if kind == "blocking" else AsyncWire(verify=no_tls())
    head, line = ENDLESS["interim answers"]
    with raw_server(endless(head, line)) as server, pytest.raises(ReplyLost, match="the response head is larger"):
        await wire.send(Request("GET", server.url))
