"""Promises 19 and 20: a stream cut at any byte is an error with the text so far; any split gives the same events."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import httpx
import pytest
from hypothesis import given, strategies as st
from support import Clock, FakeService, make_wire

from maas_client import ChatChunk, Endpoint, ReplyLost, StreamInterrupted
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.inference.chat import LONGEST_ANSWER
from maas_client.openai_api.server_sent_events import MAX_EVENT, MAX_SILENCE, Decoder, EventTooLarge
from maas_client.wire import Wire
from tests.promises.tape import tapes
from tests.promises.test_hostile_answers import Stream

SOCKET_STEP = 1 if os.environ.get("MAAS_EXHAUSTIVE") else 29
EVENT_STREAM = {"content-type": "text/event-stream; charset=utf-8"}


@cache
def real_stream() -> bytes:
    """Return what the mock server streams, with text of more than one byte to a letter in its place."""
    body = tapes().answers["chat.stream"][-1].body
    events = body.decode().replace('"content":"I "', '"content":"Grüße ✓🙂 "').encode()
    assert events.endswith(b"data: [DONE]\n\n")
    assert "🙂".encode() in events
    return events


def said_in(stream: bytes) -> str:
    """Return the text of the events that are whole."""
    events = [json.loads(event.removeprefix(b"data: ")) for event in stream.split(b"\n\n")[:-1]]
    return "".join(choice["delta"].get("content", "") for event in events for choice in event["choices"])


async def read_into(said: list[str], pieces: AsyncIterator[ChatChunk]) -> None:
    """Keep each piece's text as it comes."""
    async for piece in pieces:
        said += [piece.text]


def endpoint_at(url: str) -> Endpoint:
    return Endpoint.read({"name": "e", "properties": {"inferenceEndpoint": {"uri": url}}})


@pytest.fixture
def maas(wire: Wire) -> Resources:
    """Every resource, on either wire, with a service that answers as the test says."""
    return Resources(wire, Settings("sub-1", "group-1", "work-1", endpoint="http://127.0.0.1:1"), None)


@pytest.fixture
def plain_wire(kind: str, clock: Clock) -> Wire:
    """A wire to whatever is at the address."""
    return make_wire(kind, clock)


def ending(stream: bytes, error: Exception | None) -> Callable[[], Iterator[bytes]]:
    """Give the bytes, and then end in order or with an error."""

    def pieces() -> Iterator[bytes]:
        yield stream
        if error is not None:
            raise error

    return pieces


@pytest.mark.parametrize(
    "error",
    [None, httpx.ReadError("reset"), httpx.RemoteProtocolError("incomplete chunked read"), httpx.ReadTimeout("silent")],
    ids=["in order", "reset", "incomplete", "silent"],
)
async def test_a_cut_at_any_byte_is_an_error_with_all_the_text_before(
    maas: Resources, service: FakeService, error: Exception | None
) -> None:
    whole = real_stream()
    for cut in range(len(whole)):
        service.script(httpx.Response(200, headers=EVENT_STREAM, stream=Stream(ending(whole[:cut], error))))
        said: list[str] = []
        with pytest.raises(StreamInterrupted) as caught:
            await read_into(said, maas.chat.stream(endpoint_at("http://127.0.0.1:1/e"), "x", key="k"))
        assert caught.value.text == "".join(said) == said_in(whole[:cut])


async def test_the_whole_stream_is_a_whole_answer(maas: Resources, service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(200, headers=EVENT_STREAM, content=real_stream())
    said: list[str] = []
    await read_into(said, maas.chat.stream(endpoint_at("http://127.0.0.1:1/e"), "x", key="k"))
    assert "".join(said).startswith("Grüße ✓🙂 am Phi-4")


Framing = Callable[[bytes, int], bytes]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
FRAMINGS: dict[str, tuple[Framing, bool]] = {
    "closed": (lambda whole, cut: HEAD + b"Connection: close\r\n\r\n" + whole[:cut], False),
    "short of its length": (lambda whole, cut: HEAD + b"Content-Length: %d\r\n\r\n" % len(whole) + whole[:cut], False),
    "in the middle of a chunk": (
        lambda whole, cut: HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(whole) + whole[:cut],
        False,
    ),
    "chunks without the last one": (
        lambda whole, cut: (
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % max(cut, 1) + whole[: max(cut, 1)] + b"\r\n"
        ),
        False,
    ),
    "chunks that end in order": (
        # The answer is complete for HTTP: without the header the connection would be used again while it closes.
        lambda whole, cut: (
            HEAD
            + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % max(cut, 1)
            + whole[: max(cut, 1)]
            + b"\r\n0\r\n\r\n"
        ),
        False,
    ),
    "reset": (lambda whole, cut: HEAD + b"Connection: close\r\n\r\n" + whole[:cut], True),
}
"""What is sent, and whether the connection is reset behind it instead of closed in order."""


def read_request(connection: socket.socket) -> None:
    """Read a request to its end: what is left unread turns the end of a connection into a reset."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        seen += connection.recv(1 << 16)
    head, _, body = seen.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    while length is not None and len(body) < int(length[1]):
        body += connection.recv(1 << 16)


@contextmanager
def serving(answers: Sequence[bytes], *, reset: bool) -> Generator[str]:
    """Answer one connection after another on a socket of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for answer in answers:
                connection, _ = listening.accept()
                with connection:
                    read_request(connection)
                    connection.sendall(answer)
                    if reset:  # no time to linger: the connection ends with RST and not with FIN
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/e"
        thread.join(10)


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_a_connection_lost_in_a_stream_is_an_error_with_its_text(plain_wire: Wire, framing: str) -> None:
    whole, (frame, reset) = real_stream(), FRAMINGS[framing]
    cuts = [*range(1, len(whole), SOCKET_STEP), len(whole) - 1]
    maas = Resources(plain_wire, Settings("sub-1", "group-1", "work-1", endpoint="http://127.0.0.1:1"), None)
    with serving([frame(whole, cut) for cut in cuts], reset=reset) as url:
        for cut in cuts:
            said: list[str] = []
            # A reset lets the system throw away what had arrived: some of the text, or all the answer.
            expected = (StreamInterrupted, ReplyLost) if reset else StreamInterrupted
            with pytest.raises(expected) as caught:
                await read_into(said, maas.chat.stream(endpoint_at(url), "x", key="k"))
            assert getattr(caught.value, "text", "") == "".join(said)
            assert said_in(whole[:cut]).startswith("".join(said))
            assert reset or said_in(whole[:cut]) == "".join(said)


@pytest.mark.parametrize(
    ("piece", "why"),
    [
        (b": still here\n\n", "no event within"),
        (b'data: {"choices":[{"delta":{"content":"' + b"x" * 500_000 + b'"}}]}\n\n', f"longer than {LONGEST_ANSWER}"),
        (b"data: " + b"x" * 900_000 + b"\ndata: y", "larger than"),
    ],
    ids=["keep-alives", "text", "one event"],
)
async def test_an_endless_stream_is_abandoned(
    maas: Resources, service: FakeService, clock: Clock, piece: bytes, why: str
) -> None:
    def pieces() -> Iterator[bytes]:
        while True:
            clock.time += 1
            yield piece

    service.answer = lambda _: httpx.Response(200, headers=EVENT_STREAM, stream=Stream(pieces))
    with pytest.raises(StreamInterrupted, match=why):
        await read_into([], maas.chat.stream(endpoint_at("http://127.0.0.1:1/e"), "x", key="k"))


def by_the_book(stream: bytes) -> list[str]:
    """The data of a whole stream's events, step by step as the standard words it (WHATWG HTML, section 9.2.6)."""
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
    events: list[str] = []
    data = ""
    for line in re.split("\r\n|\n|\r", text)[:-1]:
        field, colon, value = line.partition(":")
        if line == "":
            events += [data.removesuffix("\n")] if data else []
            data = ""
        elif field == "data":
            data += (value.removeprefix(" ") if colon else "") + "\n"
    return events


def decoded(pieces: Sequence[bytes]) -> list[str]:
    decoder = Decoder()
    return [event for piece in pieces for event in decoder.feed(piece)]


FIELDS = [b"data", b"data:", b"data: ", b"Data: x", b"event: x", b"id: 1\0", b"retry: 5", b"retry: x", b":"]
ENDS = [b"\n", b"\r", b"\r\n", b"\n\n"]
LETTERS = [b"\xef\xbb\xbf", "é🙂".encode(), b"\xe2\x82", b"\xff", b"a", b" "]
WORDS = st.sampled_from([*FIELDS, *ENDS, *LETTERS])
STREAMS = st.lists(WORDS | st.binary(max_size=4), max_size=40).map(b"".join)


@given(STREAMS, st.data())
def test_any_split_of_any_bytes_gives_the_events_of_the_standard(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert decoded(pieces) == by_the_book(stream) == decoded([bytes([byte]) for byte in stream])


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", ["YHOO\n+2\n10"]),
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            ["first event", "second event", " third event"],
        ),
        (b"data\n\ndata\ndata\n\ndata:", ["", "\n"]),
        (b"data:test\n\ndata: test\n\n", ["test", "test"]),
        (b"retry: 10\ndata: a\r\rdata: b\r\n\r\n", ["a", "b"]),
    ],
)
def test_the_standards_own_examples_are_read_as_it_says(stream: bytes, events: list[str]) -> None:
    assert decoded([stream]) == by_the_book(stream) == events


@pytest.mark.parametrize("size", [13, 1 << 16, 1 << 22])
def test_the_limits_apply_at_the_same_byte_for_any_split(size: int) -> None:
    longest = b"data: " + b"x" * (MAX_EVENT - 6) + b"\n\n"
    assert [len(event) for event in decoded(list(cut(longest, size)))] == [MAX_EVENT - 6]
    for stream in (
        b"data: " + b"x" * (MAX_EVENT - 5) + b"\n",
        b":" * (MAX_EVENT + 1) + b"\n",
        b"\n" * (MAX_SILENCE + 1),
    ):
        with pytest.raises(EventTooLarge):
            decoded(list(cut(stream, size)))


def cut(stream: bytes, size: int) -> Iterator[bytes]:
    return (stream[start : start + size] for start in range(0, len(stream), size))


@pytest.mark.parametrize("stream", [b"\n" * MAX_EVENT, b"data: " + b"x" * (MAX_EVENT // 2)], ids=["lines", "one line"])
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_the_time_is_linear_in_the_bytes(stream: bytes, size: int) -> None:
    began = time.process_time()
    assert decoded(list(cut(stream, size))) == []
    assert time.process_time() - began < 10
