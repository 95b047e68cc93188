"""A limit on the time of several requests together, and waits that end in their time although no answer ever does."""

from __future__ import annotations

import itertools
import socket

import pytest
from raw_server import raw_server
from support import Clock

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.core.http_messages import Request
from maas_client.errors import WaitTimeout
from maas_client.http.polling import LONGEST_POLL, SHORTEST_POLL, Elapsed, Wait
from maas_client.wire import AsyncWire, BlockingWire, no_tls
from maas_client.wire.time_limit import limit, within_limit


def test_requests_have_the_time_that_is_left() -> None:
    age = [100.0]

    def timer() -> float:
        return age[0]

    request = Request("GET", "http://127.0.0.1/", timeout=60.0)
    assert within_limit(request, timer).timeout == 60.0
    with limit(30.0, timer):
        assert within_limit(request, timer).timeout == 30.0
        age[0] += 20.0
        assert within_limit(request, timer).timeout == 10.0
        with limit(500.0, timer):
            assert within_limit(request, timer).timeout == 10.0
        age[0] += 20.0
        assert 0 < within_limit(request, timer).timeout < 0.01
    assert within_limit(request, timer).timeout == 60.0


def test_a_poll_has_the_time_of_its_wait_within_bounds() -> None:
    def longest(timeout: float | None) -> float:
        return Wait("it", "again", Elapsed(0.0, 0.0), timeout).longest_poll()

    assert [longest(each) for each in (None, 900.0, 7.0, 0.1)] == [LONGEST_POLL, LONGEST_POLL, 7.0, SHORTEST_POLL]


@pytest.mark.parametrize("noun", ["jobs", "endpoints"])
async def test_a_wait_ends_in_its_time_though_no_answer_does(kind: str, clock: Clock, noun: str) -> None:
    def answer(stream: socket.socket, _: bytes) -> None:
        stream.sendall(b"HTTP/1.1 200 OK\r\n")
        for _count in range(100_000):
            stream.sendall(b"X-More: x\r\n")

    timer = map(float, itertools.count()).__next__
    wire = (
        BlockingWire(verify=no_tls(), sleep=clock.sleep, now=clock.now, clock=clock.now, timer=timer)
        if kind == "blocking"
        else AsyncWire(verify=no_tls(), sleep=clock.asleep, now=clock.now, clock=clock.now, timer=timer)
    )
    begun = clock.now()
    with raw_server(answer) as server:
        maas = Resources(wire, Settings("s", "g", "w", endpoint=server.url), None)
        with pytest.raises(WaitTimeout, match=r"no response within [1-5] s"):
            await getattr(maas, noun).wait("it", timeout=5.0)
    assert clock.now() - begun <= 7.0
