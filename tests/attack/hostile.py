"""A hostile server: every operation of both clients is answered with hostile bytes over a real socket.

A call has to end, in its time, with a value or an error of ours that holds no secret, and leave no connection in use.
"""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import httpx
from raw_server import raw_server
from support import Clock

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.core.blocking import run
from maas_client.core.http_messages import Reply, Request
from maas_client.errors import MaasError
from maas_client.wire import AsyncWire, BlockingWire, no_tls
from maas_client.wire.protocol import Incoming
from tests.attack.answers import Asked, Hostile, hostile_answer, whole
from tests.attack.figures import Figures
from tests.promises.canaries import Credential, everything_of
from tests.promises.tape import ON_BOTH_WIRES, OPERATIONS, Here, Taped, key_of, tapes, write_rows

TIMEOUT = 0.4
"""Seconds that an attempt of the clients may take."""

LONGEST_ANSWER = 30.0
"""Seconds after which the server gives up an answer that the client should have left long before."""

LONGEST_STREAM = 1.0
"""Seconds of an endless answer to a request whose answer may last for as long as pieces arrive."""

LONGEST_CALL = 240.0
"""Seconds after which a call counts as one that hangs: several requests, each with its attempts."""

AT_ONCE = 12


@dataclass
class HostileServer:
    """Answers one call: some requests as recorded, the others with hostile bytes."""

    operation: str
    dice: Random
    share: float
    port: int = 0
    given: list[Hostile] = field(default_factory=list[Hostile])
    secrets: set[str] = field(default_factory=set[str])
    outlasted: list[str] = field(default_factory=list[str])
    requests: int = 0

    def __post_init__(self) -> None:
        self._over, self._lock = threading.Event(), threading.Lock()
        self._places: defaultdict[tuple[str, str, str], list[Taped]] = defaultdict(list)
        for taped in tapes().answers[self.operation]:
            self._places[key_of(taped.method, taped.url)].append(taped)

    def answer(self, stream: socket.socket, head: bytes) -> bool:
        """Answer a request; True keeps the connection."""
        with self._lock:
            self.requests += 1
            asked = self._asked(head)
            self.secrets |= {asked.secret} - {""}
            hostile = hostile_answer(self.dice, asked) if self.dice.random() < self.share else None
            self.given += [hostile] if hostile else []
        if hostile is None:
            stream.sendall(whole(asked.taped))
            return True
        self._send(stream, hostile, LONGEST_ANSWER if b"/subscriptions/" in head[:100] else LONGEST_STREAM)
        if hostile.hangs:
            self._over.wait(LONGEST_ANSWER)
        return False

    def end(self) -> None:
        """Leave the connections that hang."""
        self._over.set()

    def _send(self, stream: socket.socket, hostile: Hostile, longest: float) -> None:
        end = time.monotonic() + longest
        for piece in hostile.pieces():
            stream.sendall(piece)
            if self._over.wait(hostile.pause) if hostile.pause else self._over.is_set():
                return
            if time.monotonic() > end:
                self.outlasted += [hostile.kind] if longest == LONGEST_ANSWER else []
                return

    def _asked(self, head: bytes) -> Asked:
        method, target, _ = head.decode("latin-1").split(" ", 2)
        places = self._places.get(key_of(method, httpx.URL(f"http://127.0.0.1{target}")), [])
        missing = Taped(method, httpx.URL(), 404, {}, b'{"error": {"code": "NotOnTape", "message": "no such thing"}}')
        taped = places.pop(0) if len(places) > 1 else (places or [missing])[0]
        return Asked(head, self._here(taped), f"127.0.0.1:{self.port}")

    def _here(self, taped: Taped) -> Taped:
        """Let the addresses of a recorded answer lead to this server."""
        there, here = tapes().endpoint.partition("://")[2], f"127.0.0.1:{self.port}"
        headers = {name: value.replace(there, here) for name, value in taped.headers.items()}
        return replace(taped, headers=headers, body=taped.body.replace(there.encode(), here.encode()))


class Brief(BlockingWire):
    """A blocking wire whose attempts have TIMEOUT seconds."""

    async def send(self, request: Request, /) -> Reply:
        return await super().send(replace(request, timeout=TIMEOUT))

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        async with super().open(replace(request, timeout=TIMEOUT)) as incoming:
            yield incoming


class BriefOnALoop(AsyncWire):
    """The same on an event loop."""

    async def send(self, request: Request, /) -> Reply:
        return await super().send(replace(request, timeout=TIMEOUT))

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        async with super().open(replace(request, timeout=TIMEOUT)) as incoming:
            yield incoming


@dataclass(frozen=True)
class Ended:
    """How a call ended: its value or error, and how many connections its wire then had in use."""

    value: object
    error: BaseException | None
    busy: int


def called(operation: str, kind: str, endpoint: str, token: str) -> Ended:
    """Make a call with a client of its own, whose waits pass at once and whose attempts have TIMEOUT seconds."""
    clock = Clock(tapes().now)
    settings = Settings("sub-1", "group-1", "work-1", endpoint=endpoint)
    blocking = Brief(verify=no_tls(), sleep=clock.sleep, now=clock.now, clock=clock.now)
    wire = (
        blocking
        if kind == "blocking"
        else BriefOnALoop(verify=no_tls(), courier=blocking, sleep=clock.asleep, now=clock.now, clock=clock.now)
    )
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        write_rows(Path(folder))
        here = Here(Resources(wire, settings, Credential(token)), Path(folder), tapes().version)
        ended = _ended(OPERATIONS[operation], here, wire)
        return run(ended) if wire is blocking else asyncio.run(ended)


async def _ended(call: Callable[[Here], Awaitable[object]], here: Here, wire: AsyncWire | BlockingWire) -> Ended:
    value, failure = None, None
    try:
        value = await call(here)
    except Exception as error:  # whatever it is, it is looked at
        failure = error
    busy = wire.busy
    if isinstance(wire, AsyncWire):
        await wire.close()
    else:
        wire.close()
    return Ended(value, failure, busy)


@contextmanager
def hostile_server(operation: str, dice: Random) -> Generator[tuple[HostileServer, str]]:
    """Run a server for one call."""
    server = HostileServer(operation, dice, share=dice.choice([0.1, 0.3, 1.0]))
    with raw_server(server.answer) as running:
        server.port = running.port
        try:
            yield server, running.url
        finally:
            server.end()


@cache
def recorded_secrets() -> frozenset[str]:
    """Return the keys and signatures in the recorded answers."""
    bodies = b"\n".join(taped.body for answers in tapes().answers.values() for taped in answers).decode(
        "utf-8", "replace"
    )
    keys = re.findall(r'"(?:primary|secondary)Key": ?"([^"]+)"', bodies)
    return frozenset(keys + re.findall(r"[?&]sig=([^\"&\s]+)", bodies))


def wrong_with(ended: Ended, server: HostileServer, token: str) -> list[str]:
    """Return what is wrong with how a call ended."""
    kinds = ", ".join(sorted({hostile.kind for hostile in server.given}))
    wrong = [f"the client did not leave an answer in {LONGEST_ANSWER:g} s ({kind})" for kind in server.outlasted]
    wrong += [f"{ended.busy} connections are in use after the call"] if ended.busy else []
    if ended.error is None:
        last = server.given[-1] if server.given else None
        swallowed = server.operation == "chat.stream" and last is not None and last.must_fail
        return wrong + ([f"a stream with an error in it ended as success: {ended.value!r}"] if swallowed else [])
    if not isinstance(ended.error, MaasError):
        wrong.append(f"{type(ended.error).__name__}: {str(ended.error)[:200]} ({kinds})")
    text = everything_of(ended.error, __file__, asyncio.runners.__file__, asyncio.base_events.__file__)
    for secret in {token, *server.secrets, *recorded_secrets()}:
        at = text.find(secret)
        wrong += [f"a secret is shown ({kinds}): {text[max(0, at - 150) : at]!r}…"] if at >= 0 else []
    return wrong


def one_call(seed: int, figures: Figures) -> None:
    """Choose an operation and a client by a seed, and make the call against a hostile server."""
    dice = Random(seed)
    operation, kind = ON_BOTH_WIRES[seed % len(ON_BOTH_WIRES)]
    token = f"CANARY.{dice.randbytes(12).hex()}.token"
    with hostile_server(operation, dice) as (server, endpoint):
        begun = time.monotonic()
        with figures.timed(f"call ({kind})"):
            ended = called(operation, kind, endpoint, token)
        seconds = time.monotonic() - begun
    figures.count("calls")
    figures.count("requests", server.requests)
    figures.count("hostile answers", len(server.given))
    figures.count("calls that succeeded" if ended.error is None else "calls that ended with an error of ours")
    late = [f"the call took {seconds:.0f} s"] if seconds > LONGEST_CALL else []
    for why in late + wrong_with(ended, server, token):
        figures.fail(seed, f"{operation} ({kind}): {why}")


def attack(seeds: Sequence[int], figures: Figures) -> None:
    """Make the calls that the seeds stand for, some at once: most of their time is waiting."""
    tapes()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(one_call, seed, figures) for seed in seeds]:
            done.result()
