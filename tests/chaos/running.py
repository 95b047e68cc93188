"""One run: the whole job under some rules, with one kind of client, and what is wrong with it."""

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
from tests.chaos.environment import LATENCY, Hang, RunEnvironment
from tests.chaos.scenario import HANG, Outcome, Work, whole_job, write_rows
from tests.chaos.secrets import captured_logs, text_of_files

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

BeforeStep = Callable[[str, RunEnvironment], object]
"""Called with the name of the next step; may change the server before it."""


def no_event(_step: str, _environment: RunEnvironment) -> None:
    """Change nothing."""


@dataclass
class Run:
    """The outcomes of the calls, the requests that the server got, and what is wrong with them."""

    outcomes: list[Outcome]
    requests: list[dict[str, Any]]  # Any: a journal's entries are JSON
    charges: list[str] = field(default_factory=list[str])
    duplicates: list[str] = field(default_factory=list[str])
    leaks: list[str] = field(default_factory=list[str])

    @property
    def unexpected(self) -> list[Outcome]:
        """The calls that ended neither in success nor in a client error; hangs are listed apart."""
        return [outcome for outcome in self.outcomes if not outcome.is_client_error and outcome.error != HANG]

    @property
    def hangs(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.error == HANG]

    @property
    def results(self) -> list[tuple[str, str]]:
        """Each call with the name of its error, in order."""
        return [(outcome.step, outcome.error) for outcome in self.outcomes]

    @property
    def requests_sent(self) -> list[str]:
        """The requests, without what differs from run to run: the port, invented names, ids, dates of signatures."""
        return [_VOLATILE.sub("~", f"{one['method']} {one['url']} {one['status']}") for one in self.requests]

    @property
    def faulted_operations(self) -> set[str]:
        """The operations that a fault was applied to."""
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
    most_calls: int = 25,
    seed: int = 0,
    logged: bool = False,
    before_step: BeforeStep = no_event,
) -> Run:
    """Run the whole job on an empty server under these rules; the same seed and arguments, the same run."""
    server.reset()
    server.set_quota({"gpu": 1000})
    for rule in rules:
        server.fault(**rule)
    with (
        _seeded_random(seed),
        TemporaryDirectory(prefix="maas-chaos-") as name,
        _own_state(Path(name)),
        captured_logs(logged) as log,
    ):
        folder = Path(name)
        write_rows(folder)
        environment = RunEnvironment(server, kind, silent=silent, latency=latency, slowness=slowness)
        with _no_longer_than(LONGEST):
            outcomes = _driven(environment, folder, before_step, most_calls)
        requests = server.requests()
        places = {"log": log.getvalue(), "files": text_of_files(folder)}
        places |= {f"error of {outcome.step}": outcome.message for outcome in outcomes if outcome.message}
    leaks = [f"{place}: {seen}" for place, text in places.items() if (seen := environment.secrets.found_in(text))]
    charges = [f"{one['charge']}: {one['because']}" for one in server.verdict()["charges"]]
    return Run(outcomes, requests, charges, _duplicates(requests), leaks)


def _driven(environment: RunEnvironment, folder: Path, before_step: BeforeStep, most_calls: int) -> list[Outcome]:
    """Make the calls on the wire that was asked for, and close it."""
    wire = environment.wire()
    work = Work(environment.resources(wire), folder)

    def before(step: str) -> None:
        before_step(step, environment)

    if isinstance(wire, BlockingWire):
        try:
            return run(whole_job(environment, work, before, most_calls))
        finally:
            wire.close()
    assert isinstance(wire, AsyncWire)

    async def driving() -> list[Outcome]:
        try:
            return await whole_job(environment, work, before, most_calls)
        finally:
            await wire.close()

    return asyncio.run(driving())


def _duplicates(requests: Sequence[dict[str, Any]]) -> list[str]:
    """Return what was created more often than the run asked for."""
    found: list[str] = []
    for operation, most in MADE.items():
        made = {one["url"] for one in requests if one["operation"] == operation and one["worked"] == 201}
        found += [f"{operation}: {sorted(made)}"] if len(made) > most else []
    return found


@contextmanager
def _seeded_random(seed: int) -> Generator[None]:
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
    """Raise Hang in the main thread when a block takes this many real seconds."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise Hang(f"no end after {seconds} real seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
