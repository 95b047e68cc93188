"""A machine with two clocks, and a service at the other end of its wire: what a long wait is tried on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import httpx
from support import TLS

from maas_client.azure.credentials import TokenCredential
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.wire import AsyncWire, BlockingWire, Wire

SETTINGS = Settings("s", "g", "w", endpoint="http://127.0.0.1:1")


@dataclass
class Laptop:
    """Its wall clock, its clock that stands still in sleep, and what happens during a pause."""

    wall: float = 1_790_000_000.0
    clock: float = 7.0
    naps: list[float] = field(default_factory=list[float])
    meanwhile: Callable[[], object] = lambda: None

    def sleep(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self.naps.append(seconds)
        self.wall += seconds
        self.clock += seconds
        self.meanwhile()

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def wire(self, kind: str, transport: httpx.MockTransport) -> Wire:
        """Make a wire of either kind on these clocks."""
        blocking = BlockingWire(
            verify=TLS, transport=transport, sleep=self.sleep, now=lambda: self.wall, clock=lambda: self.clock
        )
        if kind == "blocking":
            return blocking
        return AsyncWire(
            verify=TLS,
            transport=transport,
            courier=blocking,
            sleep=self.asleep,
            now=lambda: self.wall,
            clock=lambda: self.clock,
        )


def job(status: str) -> httpx.Response:
    """Show a job."""
    return httpx.Response(200, json={"name": "ft-1", "properties": {"jobType": "FineTuning", "status": status}})


@dataclass
class Watched:
    """A service with one job: `answer` is given the seconds since the first look."""

    laptop: Laptop
    answer: Callable[[float], httpx.Response]
    looks: list[float] = field(default_factory=list[float])
    tokens: list[str] = field(default_factory=list[str])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.looks.append(self.laptop.clock)
        self.tokens.append(request.headers.get("authorization", ""))
        return self.answer(self.laptop.clock - self.looks[0])

    @property
    def gaps(self) -> list[float]:
        """The seconds between each two looks."""
        return [after - before for before, after in pairwise(self.looks)]


def resources(
    kind: str,
    laptop: Laptop,
    service: Callable[[httpx.Request], httpx.Response],
    credential: TokenCredential | None = None,
) -> Resources:
    """Every resource, over a wire to a service."""
    return Resources(laptop.wire(kind, httpx.MockTransport(service)), SETTINGS, credential)
