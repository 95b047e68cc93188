"""One run: the whole job under some rules, with one kind of client, and what there is to say against it."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from maas_client.core.blocking import run
from maas_client.wire import AsyncWire, BlockingWire
from mock_server.server import Server
from tests.chaos.ground import LATENCY, Ground, Hang
from tests.chaos.scenario import HANG, Outcome, Work, whole_job, write_rows
from tests.chaos.secrets import everything_logged, written

LONGEST = 60
"""Real seconds of a run, which takes a fraction of one."""

MADE: dict[str, int] = {
    "jobs.create": 2,
    "data.create": 2,
    "endpoints.create": 2,
    "online_endpoints.put": 1,
    "online_deployments.put": 1,
    "computes.create": 1,
}
"""How many of each a run makes at the most: two data sets, one job and one endpoint with a name and without, and one
endpoint with one deployment and one cluster on machines of one's own."""

_VOLATILE = re.compile(
    r"127\.0\.0\.1(?:%3A|:)\d+|[0-9a-f]{8}-[0-9a-f-]{27}|(?<=[?&])(?:se|st|sig|skoid|sktid)=[^&]*"
    r"|(?<=[?&])[tsh]=[^& ]*"
    r"|(?<=-)[0-9a-f]{8}(?=[/?]|$)"
)

Disturb = Callable[[str, Ground], object]
"""Is told which call comes next, and may do something to the server before it."""


def nothing(_step: str, _ground: Ground) -> None:
    """Leave the server alone."""


@dataclass
class Run:
    """What became of the calls, what the server was asked, and what it and others say of it."""

    outcomes: list[Outcome]
    requests: list[dict[str, Any]]  # Any: a journal's entries are JSON
    charges: list[str] = field(default_factory=list[str])
    duplicates: list[str] = field(default_factory=list[str])
    leaks: list[str] = field(default_factory=list[str])

    @property
    def others(self) -> list[Outcome]:
        """The calls that ended in anything else than success or one of our errors; hangs are told apart."""
        return [outcome for outcome in self.outcomes if not outcome.ours and outcome.error != HANG]

    @property
    def hangs(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.error == HANG]

    @property
    def story(self) -> list[tuple[str, str]]:
        """Each call with the name of its error, in order."""
        return [(outcome.step, outcome.error) for outcome in self.outcomes]

    @property
    def asked(self) -> list[str]:
        """What was asked, without what differs from run to run: the port, invented names, ids, dates of signatures."""
        return [_VOLATILE.sub("~", f"{one['method']} {one['url']} {one['status']}") for one in self.requests]

    @property
    def struck(self) -> set[str]:
        """The operations that a fault struck."""
        return {entry["operation"] for entry in self.requests if entry["fault"] is not None}

    @property
    def crashes(self) -> list[str]:
        """The requests at which the server itself failed."""
        return [f"mock_server failed at {entry['operation']}" for entry in self.requests if entry["worked"] == 500]


def one_run(
    server: Server,
    kind: str,
    rules: Sequence[dict[str, Any]],
    *,
    silent: bool = False,
    latency: float = LATENCY,
    slowness: float = 0.0,
    patience: int = 25,
    seed: int = 0,
    logged: bool = False,
    disturb: Disturb = nothing,
) -> Run:
    """Run the whole job on an empty server under these rules; the same seed and arguments, the same run."""
    server.reset()
    server.set_quota({"gpu": 1000})
    for rule in rules:
        server.fault(**rule)
    with (
        _dice(seed),
        TemporaryDirectory(prefix="maas-chaos-") as name,
        _own_state(Path(name)),
        everything_logged(logged) as log,
    ):
        folder = Path(name)
        write_rows(folder)
        ground = Ground(server, kind, silent=silent, latency=latency, slowness=slowness)
        with _no_longer_than(LONGEST):
            outcomes = _driven(ground, folder, disturb, patience)
        requests = server.requests()
        places = {"log": log.getvalue(), "files": written(folder)}
        places |= {f"error of {outcome.step}": outcome.said for outcome in outcomes if outcome.said}
    leaks = [f"{place}: {seen}" for place, text in places.items() if (seen := ground.secrets.seen_in(text))]
    charges = [f"{one['charge']}: {one['because']}" for one in server.verdict()["charges"]]
    return Run(outcomes, requests, charges, _duplicates(requests), leaks)


def _driven(ground: Ground, folder: Path, disturb: Disturb, patience: int) -> list[Outcome]:
    """Make the calls on the wire that was asked for, and close it."""
    wire = ground.wire()
    work = Work(ground.resources(wire), folder)

    def before(step: str) -> None:
        disturb(step, ground)

    if isinstance(wire, BlockingWire):
        try:
            return run(whole_job(ground, work, before, patience))
        finally:
            wire.close()
    assert isinstance(wire, AsyncWire)

    async def driving() -> list[Outcome]:
        try:
            return await whole_job(ground, work, before, patience)
        finally:
            await wire.close()

    return asyncio.run(driving())


def _duplicates(requests: Sequence[dict[str, Any]]) -> list[str]:
    """Name what was made more often than it was asked for."""
    found: list[str] = []
    for operation, most in MADE.items():
        made = {one["url"] for one in requests if one["operation"] == operation and one["worked"] == 201}
        found += [f"{operation}: {sorted(made)}"] if len(made) > most else []
    return found


@contextmanager
def _dice(seed: int) -> Generator[None]:
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)


@contextmanager
def _own_state(folder: Path) -> Generator[None]:
    """Keep what is remembered of uploads in the run's own folder."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    try:
        yield
    finally:
        os.environ.pop("XDG_STATE_HOME")
        os.environ.update({"XDG_STATE_HOME": before} if before is not None else {})


@contextmanager
def _no_longer_than(seconds: int) -> Generator[None]:
    """Raise Hang in the main thread when a block takes so many real seconds."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise Hang(f"no end after {seconds} real seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
