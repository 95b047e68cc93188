"""Whatever leaves a wire, its traceback holds no frame of httpx's: those show the signed address and the headers."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from support import FakeService, Handler

from maas_client.core.http_messages import Request
from maas_client.wire import Wire

SECRET = "SIGNATURE-CANARY"
GET = Request("GET", f"https://x.example/a?sig={SECRET}", {"Authorization": f"Bearer {SECRET}"})

RAISED = [
    KeyboardInterrupt(),
    SystemExit(3),
    asyncio.CancelledError(),
    MemoryError(),
    ValueError("a defect"),
    httpx.ReadError("broken"),
    httpx.ConnectError("refused"),
    httpx.InvalidURL("no"),
]


def shown(error: BaseException) -> str:
    """Show an exception as tools do that print local variables, below the test's own frames."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    whole = traceback.TracebackException.from_exception(error.with_traceback(frames), capture_locals=True)
    return "".join(whole.format())


def raising(error: BaseException) -> Handler:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return answer


async def stream(wire: Wire) -> None:
    async with wire.open(GET) as incoming:
        await incoming.read()


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
async def test_no_frame_of_httpx_leaves_a_call(wire: Wire, service: FakeService, error: BaseException) -> None:
    service.answer = raising(error)
    with pytest.raises(BaseException) as caught:  # noqa: PT011 -- whatever it is
        await wire.send(GET)
    assert_clean(caught.value)


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
async def test_no_frame_of_httpx_leaves_a_stream(wire: Wire, service: FakeService, error: BaseException) -> None:
    service.answer = raising(error)
    with pytest.raises(BaseException) as caught:  # noqa: PT011 -- whatever it is
        await stream(wire)
    assert_clean(caught.value)


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
async def test_no_frame_of_httpx_leaves_the_body_of_a_stream(
    wire: Wire, service: FakeService, error: BaseException
) -> None:
    class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"x"
            raise error

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"x"
            raise error

    service.answer = lambda _: httpx.Response(200, stream=Body())
    with pytest.raises(BaseException) as caught:  # noqa: PT011 -- whatever it is
        await stream(wire)
    assert_clean(caught.value)


def assert_clean(error: BaseException) -> None:
    text = shown(error)
    assert SECRET not in text
    assert "/httpx/" not in text
    assert "/httpcore/" not in text
    assert error.__context__ is None
