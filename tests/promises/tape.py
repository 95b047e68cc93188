"""What the mock server answers to every operation, recorded once, to be played back with something wrong."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from support import Clock, make_wire

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.core.blocking import run
from maas_client.wire import AsyncWire, BlockingWire
from mock_server.server import serve

MODEL = "Phi-4-mini-instruct"
REQUESTS = 12_000
"""More than the longest listing that is followed; an operation that sends more never ends."""


@dataclass(frozen=True)
class Here:
    """A client, a folder with a file of rows, and the version of the data asset `rows`."""

    maas: Resources
    folder: Path
    version: str = ""

    @property
    def file(self) -> Path:
        return self.folder / "train.jsonl"


async def every(items: AsyncIterator[Any]) -> list[Any]:
    """Read an asynchronous iterator, but not for ever."""
    found: list[Any] = []
    async for item in items:
        found.append(item)
        if len(found) >= 100_000:
            return found
    return found


OPERATIONS: Mapping[str, Callable[[Here], Awaitable[object]]] = {
    "workspace.get": lambda here: here.maas.workspace.get(),
    "workspace.grants": lambda here: here.maas.workspace.grants(),
    "workspace.registration": lambda here: here.maas.workspace.registration(),
    "workspace.storage": lambda here: here.maas.workspace.storage(),
    "workspace.datastore": lambda here: here.maas.workspace.datastore(),
    "workspace.registry_model": lambda here: here.maas.workspace.registry_model(MODEL),
    "datasets.upload": lambda here: here.maas.datasets.upload(here.file, name="tape"),
    "datasets.get": lambda here: here.maas.datasets.get("rows", here.version),
    "datasets.list": lambda here: every(here.maas.datasets.list("rows")),
    "datasets.download": lambda here: here.maas.datasets.download(f"rows:{here.version}", here.folder / "down"),
    "jobs.create": lambda here: here.maas.jobs.create(model=MODEL, training_data=f"rows:{here.version}", name="ft-2"),
    "jobs.get": lambda here: here.maas.jobs.get("ft-1"),
    "jobs.list": lambda here: every(here.maas.jobs.list()),
    "jobs.cancel": lambda here: here.maas.jobs.cancel("ft-2"),
    "jobs.wait": lambda here: here.maas.jobs.wait("ft-1", timeout=900),
    "jobs.wait for a failed one": lambda here: here.maas.jobs.wait("ft-bad", timeout=900),
    "jobs.details": lambda here: here.maas.jobs.details("ft-1"),
    "jobs.metrics": lambda here: here.maas.jobs.metrics("ft-1"),
    "jobs.logs": lambda here: every(here.maas.jobs.logs("ft-1")),
    "jobs.download": lambda here: here.maas.jobs.download("ft-1", here.folder / "job"),
    "endpoints.create": lambda here: here.maas.endpoints.create(model="Phi-4", name="e-2"),
    "endpoints.create and wait": lambda here: _deploy(here, "e-3"),
    "endpoints.get": lambda here: here.maas.endpoints.get("e-1"),
    "endpoints.list": lambda here: every(here.maas.endpoints.list()),
    "endpoints.keys": lambda here: here.maas.endpoints.keys("e-1"),
    "endpoints.regenerate_key": lambda here: here.maas.endpoints.regenerate_key("e-1"),
    "endpoints.wait": lambda here: here.maas.endpoints.wait("e-1", timeout=900),
    "chat.complete": lambda here: here.maas.chat.complete("e-1", "Hello"),
    "chat.stream": lambda here: every(here.maas.chat.stream("e-1", "Hello")),
    "endpoints.delete": lambda here: here.maas.endpoints.delete("e-1", timeout=900),
}
"""By name, in the order in which they are recorded; each can be asked of a client that has done nothing else."""


ON_BOTH_WIRES = [(operation, kind) for operation in OPERATIONS for kind in ("blocking", "async")]


async def _deploy(here: Here, name: str) -> object:
    return await here.maas.endpoints.wait(await here.maas.endpoints.create(model="Phi-4", name=name), timeout=900)


@dataclass(frozen=True)
class Taped:
    """One answer, and what it answers."""

    method: str
    url: httpx.URL
    status: int
    headers: Mapping[str, str]
    body: bytes

    def response(self) -> httpx.Response:
        return httpx.Response(self.status, headers=dict(self.headers), content=self.body)

    def document(self) -> Any:
        """The JSON of an answer, None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def with_document(self, document: object) -> Taped:
        return replace(self, body=json.dumps(document).encode())


def key_of(method: str, url: httpx.URL) -> tuple[str, str, str]:
    """What distinguishes requests: method, path and the part of the query that does not sign."""
    query = {name: value for name, value in url.params.items() if name in {"comp", "restype", "marker", "$skip"}}
    return method, url.path, str(query)


@dataclass
class Player:
    """Plays answers back to whoever asks the questions that they answered; each last one for as long as it is asked.

    `instead` are answers of the test's making, by their place on the tape.
    """

    tape: Sequence[Taped]
    instead: Mapping[int, Callable[[], httpx.Response]] = field(default_factory=dict[int, Callable[[], httpx.Response]])
    asked: list[httpx.Request] = field(default_factory=list[httpx.Request])

    def __post_init__(self) -> None:
        self._places: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        for place, taped in enumerate(self.tape):
            self._places[key_of(taped.method, taped.url)].append(place)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        assert len(self.asked) < REQUESTS, f"endless: {request.method} {request.url}"
        places = self._places.get(key_of(request.method, request.url), [])
        if not places:
            return httpx.Response(404, json={"error": {"code": "NotOnTape", "message": "there is no such thing"}})
        place = places.pop(0) if len(places) > 1 else places[0]
        made = self.instead.get(place)
        return self.tape[place].response() if made is None else made()


@dataclass(frozen=True)
class Tapes:
    """What was recorded: the endpoint that answered, its time, and the answers to each operation."""

    endpoint: str
    now: float
    version: str
    answers: Mapping[str, Sequence[Taped]]

    def play(self, operation: str, player: Player, kind: str = "blocking") -> object:
        """Run an operation against a player, in a folder of its own, on either wire; time passes at once."""
        clock = Clock(self.now)
        settings = Settings("sub-1", "group-1", "work-1", endpoint=self.endpoint)
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # threads may go on behind an error
            write_rows(Path(folder))
            wire = make_wire(kind, clock, httpx.MockTransport(player))
            here = Here(Resources(wire, settings, None), Path(folder), self.version)
            if isinstance(wire, BlockingWire):
                return run(_awaited(OPERATIONS[operation](here)))
            assert isinstance(wire, AsyncWire)
            return asyncio.run(_closing(wire, OPERATIONS[operation](here)))


async def _awaited(operation: Awaitable[object]) -> object:
    return await operation


async def _closing(wire: AsyncWire, operation: Awaitable[object]) -> object:
    try:
        return await operation
    finally:
        await wire.close()


def write_rows(folder: Path, count: int = 13) -> None:
    """Write a file to upload."""
    turns = ([("user", f"question {n}"), ("assistant", f"answer {n}")] for n in range(count))
    lines = [json.dumps({"messages": [{"role": role, "content": text} for role, text in row]}) for row in turns]
    (folder / "train.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


@cache
def tapes() -> Tapes:
    """Record every operation, once for the process."""
    with serve(clock="virtual") as server, httpx.Client() as http, TemporaryDirectory() as name:
        now = float(http.get(f"{server.endpoint}/_mock/clock").json()["now"])
        clock = Clock(now, listeners=[server.advance])
        recorded: list[Taped] = []

        def forward(request: httpx.Request) -> httpx.Response:
            request.read()
            headers = {key: value for key, value in request.headers.items() if key not in {"host", "accept-encoding"}}
            reply = http.request(request.method, request.url, headers=headers, content=request.content)
            dropped = {"transfer-encoding", "content-encoding", "date"}
            kept = {key: value for key, value in reply.headers.items() if key not in dropped}
            recorded.append(Taped(request.method, request.url, reply.status_code, kept, reply.content))
            return recorded[-1].response()

        folder = Path(name)
        write_rows(folder, 12)
        settings = Settings("sub-1", "group-1", "work-1", endpoint=server.endpoint)

        def here(version: str = "") -> Here:
            wire = make_wire("blocking", clock, httpx.MockTransport(forward))
            return Here(Resources(wire, settings, None), folder, version)

        version = run(_prepared(here(), server.fault))
        answers: dict[str, Sequence[Taped]] = {}
        for operation, work in OPERATIONS.items():
            recorded.clear()
            outcome = run(_outcome(work(here(version))))
            assert outcome == "" or operation == "jobs.wait for a failed one", f"{operation}: {outcome}"
            answers[operation] = tuple(recorded)
        return Tapes(server.endpoint, now, version, answers)


async def _prepared(here: Here, fault: Callable[..., int]) -> str:
    """Make what the operations work on; return the version of the data asset."""
    uploaded = await here.maas.datasets.upload(here.file, name="rows")
    await here.maas.jobs.create(model=MODEL, training_data=uploaded, name="ft-1")
    await here.maas.jobs.wait("ft-1")
    fault(operation="jobs.create", job="fail", reason="out of memory")
    await here.maas.jobs.create(model=MODEL, training_data=uploaded, name="ft-bad")
    await here.maas.endpoints.wait(await here.maas.endpoints.create(model="Phi-4", name="e-1"))
    write_rows(here.folder)
    return uploaded.version


async def _outcome(work: Awaitable[object]) -> str:
    try:
        await work
    except Exception as error:  # what went wrong is reported by the caller
        return repr(error)
    return ""
