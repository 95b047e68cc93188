"""The gate that blocks pass: as many at once as the pace allows, one after another, and never stuck."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from maas_client.transfers.adaptive_concurrency import SUCCESSES_TO_GROW, AdaptiveLimit, ConcurrencyGate
from maas_client.wire import Thunk, Wire

PATIENCE = 120.0  # seconds after which those who should meet have not met
MOMENT = 0.02  # seconds in which one who has come stands in line


def slowed_down(most: int) -> AdaptiveLimit:
    """Give a pace after repeated errors: one at a time."""
    pace = AdaptiveLimit(most)
    while pace.limit > 1:
        pace.on_attempt(503)
    return pace


def a_moment() -> None:
    threading.Event().wait(MOMENT)


def calm_down(pace: AdaptiveLimit, most: int) -> None:
    for _ in range(SUCCESSES_TO_GROW * sum(range(most + 1))):
        pace.on_attempt(201)


async def test_leaving_the_gate_admits_as_many_as_the_limit_allows(wire: Wire) -> None:
    pace = slowed_down(4)
    gate, inside, come = ConcurrencyGate(wire, pace), threading.Event(), threading.Semaphore(0)
    meeting = threading.Barrier(4, timeout=PATIENCE)

    async def first() -> None:
        async with gate.passed():
            inside.set()
            for _ in range(4):
                assert await wire.call(partial(come.acquire, timeout=PATIENCE))
            await wire.call(a_moment)
            calm_down(pace, 4)

    async def other() -> None:
        assert await wire.call(partial(inside.wait, PATIENCE))
        come.release()
        async with gate.passed():
            await wire.call(meeting.wait)

    await wire.gather([first, other, other, other, other], limit=5)
    assert not meeting.broken


async def test_callers_pass_in_the_order_of_arrival(wire: Wire) -> None:
    gate, passed = ConcurrencyGate(wire, slowed_down(4)), list[int]()
    come = [threading.Event() for _ in range(5)]

    async def first() -> None:
        async with gate.passed():
            come[0].set()
            assert await wire.call(partial(come[4].wait, PATIENCE))
            await wire.call(a_moment)

    async def other(number: int) -> None:
        assert await wire.call(partial(come[number - 1].wait, PATIENCE))
        await wire.call(a_moment)
        come[number].set()
        async with gate.passed():
            passed.append(number)

    visits: list[Thunk[None]] = [first, *(partial(other, number) for number in range(1, 5))]
    await wire.gather(visits, limit=5)
    assert passed == [1, 2, 3, 4]


async def test_an_error_inside_makes_room_for_the_next(wire: Wire) -> None:
    gate = ConcurrencyGate(wire, AdaptiveLimit(1))
    with pytest.raises(KeyError):
        async with gate.passed():
            raise KeyError("inside")
    async with gate.passed():
        pass
