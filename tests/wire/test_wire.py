"""The wire's awkward corners, on both wires: failing blocks, broken answers, early exits, interrupts, loops."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial

import httpx
import pytest
from support import Clock, FakeService, make_wire

from maas_client import errors
from maas_client.core.blocking import run
from maas_client.core.http_messages import Reply, Request
from maas_client.wire import MAX_REPLY, BlockingWire, Wire

GET = Request("GET", "https://x.example/a?sig=SECRET")


async def test_an_answer_is_read_whole(wire: Wire, service: FakeService, clock: Clock) -> None:
    service.answer = lambda _: httpx.Response(200, headers={"X-Thing": "1"}, content=b"body")
    reply = await wire.send(GET)
    assert reply == Reply(200, {"x-thing": "1", "content-length": "4"}, b"body", clock.now())


@pytest.mark.parametrize(
    ("raised", "ours"),
    [
        (httpx.ConnectError("refused"), errors.ConnectionFailed),
        (httpx.ConnectTimeout(""), errors.ConnectionFailed),
        (httpx.ProxyError("no"), errors.ConnectionFailed),
        (httpx.UnsupportedProtocol("ftp"), errors.ConnectionFailed),
        (httpx.ReadTimeout(""), errors.ReplyLost),
        (httpx.WriteTimeout(""), errors.ReplyLost),
        (httpx.ReadError(""), errors.ReplyLost),
        (httpx.WriteError("pipe"), errors.ReplyLost),
        (httpx.RemoteProtocolError("half"), errors.ReplyLost),
        (httpx.DecodingError("gzip"), errors.ReplyLost),
    ],
)
async def test_network_errors_become_client_errors(
    wire: Wire, service: FakeService, raised: Exception, ours: type[errors.TransportError]
) -> None:
    service.script(raised)
    with pytest.raises(ours, match=r"GET https://x\.example/a\?sig=\*\*\*") as caught:
        await wire.send(GET)
    assert "SECRET" not in str(caught.value)


async def test_an_answer_without_end_is_refused(wire: Wire, service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(200, content=b"x" * (MAX_REPLY + 1))
    with pytest.raises(errors.UnexpectedReply, match="larger than"):
        await wire.send(GET)


async def test_several_operations_give_their_results_in_order(wire: Wire) -> None:
    async def double(number: int) -> int:
        return 2 * number

    assert await wire.gather((partial(double, number) for number in range(20)), limit=4) == list(range(0, 40, 2))


async def test_one_failing_operation_ends_all_with_its_own_error(wire: Wire) -> None:
    done: list[int] = []

    async def block(number: int) -> None:
        if number == 3:
            raise errors.InvalidInput("block 3")
        await wire.call(lambda: done.append(number))

    with pytest.raises(errors.InvalidInput, match="block 3"):
        await wire.gather((partial(block, number) for number in range(5000)), limit=2)
    assert len(done) < 4000


async def test_no_more_operations_run_at_once_than_allowed(wire: Wire) -> None:
    running, most = [0], [0]

    async def one() -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        await wire.sleep(0)
        running[0] -= 1

    await wire.gather((one for _ in range(50)), limit=3)
    assert 1 <= most[0] <= 3


async def test_an_operation_that_never_starts_leaves_nothing_behind(wire: Wire) -> None:
    started: list[int] = []

    async def fail(number: int) -> None:
        started.append(number)
        raise errors.InvalidInput("no")

    with pytest.raises(errors.InvalidInput):
        await wire.gather((partial(fail, number) for number in range(10)), limit=1)
    assert started == [0]


async def test_a_lock_lets_one_in_at_a_time(wire: Wire) -> None:
    lock, inside = wire.lock(), [0]

    async def one() -> int:
        async with lock:
            inside[0] += 1
            await wire.sleep(0)
            seen = inside[0]
            inside[0] -= 1
            return seen

    assert set(await wire.gather((one for _ in range(20)), limit=4)) == {1}


async def test_a_streamed_answer_arrives_in_pieces_and_can_be_left(wire: Wire, service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(200, content=b"abc")
    async with wire.open(GET) as incoming:
        assert incoming.status == 200
        assert await incoming.read(2) == b"ab"


class _Block:
    """A body of two reads."""

    size = 6

    def __iter__(self) -> Iterator[bytes]:
        return iter((b"abc", b"def"))


async def test_a_body_in_pieces_goes_out_with_its_length(wire: Wire, service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(201)
    await wire.send(Request("PUT", "https://x.example/", body=_Block()))
    assert service.asked[0].headers["content-length"] == "6"
    assert "transfer-encoding" not in service.asked[0].headers
    assert service.asked[0].content == b"abcdef"


async def test_a_request_beside_a_failed_one_stops_within_its_body(wire: Wire, service: FakeService, kind: str) -> None:
    failed = threading.Event()
    read: list[int] = []

    class Slow:
        """A body that begins, and continues once the other block has failed."""

        size = 3

        def __iter__(self) -> Iterator[bytes]:
            for number in range(3):
                read.append(number)
                yield b"x"
                failed.wait(5)

    async def send() -> None:
        await wire.send(Request("PUT", "https://x.example/", body=Slow()))

    async def fail() -> None:
        await wire.call(lambda: wait_for(read))
        failing = errors.InvalidInput("block 2")
        threading.Timer(0.05, failed.set).start()
        raise failing

    service.answer = lambda _: httpx.Response(201)
    with pytest.raises(errors.InvalidInput, match="block 2"):
        await wire.gather([send, fail], limit=2)
    await wire.call(failed.wait)
    assert len(read) < 3, kind


def wait_for(seen: list[int]) -> None:
    """Block until something has been seen."""
    while not seen:
        threading.Event().wait(0.001)


def test_ctrl_c_in_a_sleep_reaches_the_caller() -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    wire = BlockingWire(sleep=interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(wire.sleep(60))
    wire.close()


def test_cancelling_stops_a_sleep_and_what_runs_beside_it(clock: Clock) -> None:
    async def main() -> list[str]:
        seen: list[str] = []
        forever = asyncio.Event()
        wire = make_wire("async", clock)

        async def stuck() -> None:
            try:
                await forever.wait()
            finally:
                seen.append("cancelled")

        task = asyncio.create_task(wire.gather([stuck, stuck], limit=2))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return seen

    assert asyncio.run(main()) == ["cancelled", "cancelled"]


def test_the_blocking_wire_works_inside_a_running_loop(clock: Clock, service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(200, content=b"{}")

    async def notebook() -> int:
        wire = make_wire("blocking", clock, httpx.MockTransport(service))
        return run(wire.send(GET)).status

    assert asyncio.run(notebook(), debug=True) == 200


def test_blocking_work_runs_in_the_callers_thread_and_in_no_loop(clock: Clock) -> None:
    wire = make_wire("blocking", clock)

    async def here() -> int:
        return threading.get_ident()

    assert run(wire.gather([here], limit=8)) == [threading.get_ident()]


def test_context_variables_reach_the_threads(clock: Clock) -> None:
    from contextvars import ContextVar

    name: ContextVar[str] = ContextVar("name", default="nobody")
    name.set("somebody")
    wire = make_wire("blocking", clock)

    async def who() -> str:
        return name.get()

    assert run(wire.gather([who, who, who], limit=3)) == ["somebody"] * 3


def test_importing_the_wire_imports_no_command_line() -> None:
    code = "import sys, maas_client.wire; print([m for m in ('click', 'rich', 'pygments') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_importing_the_package_imports_very_little() -> None:
    heavy = ("httpx", "pydantic", "tenacity", "azure", "rich", "click", "asyncio")
    code = f"import sys, maas_client; print([m for m in {heavy} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_both_wires_offer_the_same(clock: Clock) -> None:
    def names(wire: Wire) -> set[str]:
        return {name for name in dir(wire) if not name.startswith("_")}

    of_a_caller_that_only_waits = {"call_while_sleeping"}
    assert names(make_wire("async", clock)) == names(make_wire("blocking", clock)) - of_a_caller_that_only_waits
