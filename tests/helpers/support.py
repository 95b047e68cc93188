"""Helpers of the tests: a clock that moves without waiting, a scripted service, wires to both."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from time import time as real_time
from typing import TypeVar

import httpx
from azure.core.credentials import AccessToken

from maas_client.wire import AsyncWire, BlockingWire, Wire, tls_context

T = TypeVar("T")

TLS = tls_context()
"""Made once, for making one takes 20 ms."""

Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class Clock:
    """A clock that moves when a caller sleeps, and calls its listeners."""

    time: float = field(default_factory=real_time)
    naps: list[float] = field(default_factory=list[float])
    listeners: list[Callable[[float], object]] = field(default_factory=list[Callable[[float], object]])

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += seconds
        for listener in self.listeners:
            listener(seconds)

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)


@dataclass
class FakeService:
    """A service that answers as the test says, and keeps what it was asked."""

    answer: Handler = lambda _: httpx.Response(404)
    asked: list[httpx.Request] = field(default_factory=list[httpx.Request])

    def script(self, *answers: httpx.Response | Exception) -> None:
        """Give these answers, one after another."""
        left = iter(answers)

        def next_one(_: httpx.Request) -> httpx.Response:
            found = next(left)
            if isinstance(found, Exception):
                raise found
            return found

        self.answer = next_one

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        return self.answer(request)


def make_wire(kind: str, clock: Clock, transport: httpx.MockTransport | None = None) -> Wire:
    """Make a wire of either kind on a clock that never really sleeps."""
    blocking = BlockingWire(verify=TLS, transport=transport, sleep=clock.sleep, now=clock.now, clock=clock.now)
    if kind == "blocking":
        return blocking
    return AsyncWire(
        verify=TLS, transport=transport, courier=blocking, sleep=clock.asleep, now=clock.now, clock=clock.now
    )


def jwt(claims: object) -> str:
    """Give an unsigned token."""
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{part}.x"


class Ada:
    """A credential of another library."""

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        return AccessToken(jwt({"upn": "ada@contoso.com", "oid": "1", "tid": "2", "exp": 1 << 40}), 1 << 40)


async def collect(items: AsyncIterator[T]) -> list[T]:
    """Read an asynchronous iterator to its end."""
    return [item async for item in items]
