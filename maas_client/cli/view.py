"""What is seen of jobs that are followed: a live view that is fed between two looks, or a line for each change."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..errors import MaasError
from .exits import resumable
from .session import Session

if TYPE_CHECKING:
    from .. import Job, MaasClient, MetricPoint
    from .live import Panel

EVERY = 5.0
"""Seconds after which what a job measures and writes is fetched again."""

NEVER = datetime.min.replace(tzinfo=UTC)

FED = 4
"""Jobs whose measurements are fetched between two looks at most."""


@dataclass(slots=True)
class _Seen:
    """What is known of a job: its last state, how far its log was read, and of which alarms somebody was told."""

    job: Job | None = None
    fetched: datetime | None = None
    offset: int = 0
    log: deque[str] = field(default_factory=deque[str])
    alarms: set[str] = field(default_factory=set[str])


class View:
    """Follows jobs for a command; `quietly` keeps stdout for what follows."""

    def __init__(
        self,
        session: Session,
        names: Sequence[str],
        *,
        quietly: bool = False,
        tail: int = 5,
        stop_on_alarm: bool = False,
    ) -> None:
        self._session, self._names, self._quietly = session, names, quietly
        self._stop_on_alarm = stop_on_alarm
        self._seen = {name: _Seen(log=deque(maxlen=tail)) for name in names}
        self._panels: dict[str, Panel] = {}

    def follow_one(self, *, timeout: float | None = None, max_queue: float | None = None) -> Job:
        """Follow the only job; return it when it has completed.

        Raises what `jobs.wait` raises, and Failed with the way to resume on Ctrl-C.
        """
        with self._shown() as maas:
            return maas.jobs.wait(self._names[0], timeout=timeout, max_queue=max_queue, on_update=self._update)

    def follow_all(self, *, timeout: float | None = None, max_queue: float | None = None) -> list[Job]:
        """Follow several jobs; return them, in the order of their names, when all have ended, however they did."""
        with self._shown() as maas:
            for job in maas.jobs.watch(self._names, timeout=timeout, max_queue=max_queue):
                self._update(job)
        return [seen.job for seen in self._seen.values() if seen.job is not None]

    @contextmanager
    def _shown(self) -> Generator[MaasClient]:
        """Show what is seen while the block lasts."""
        from ..wire import BlockingWire

        session, goes_on = self._session, "the job goes on" if len(self._names) == 1 else "the jobs go on"
        wire = session.wire() if session.wire is not None else BlockingWire()
        wire.look_around(self._look, every=EVERY)
        resume = resumable(session.command("jobs", "watch", *self._names), goes_on)
        with session.client(wire) as self._maas, resume, self._drawn():
            yield self._maas

    @contextmanager
    def _drawn(self) -> Generator[None]:
        """Draw the view, where one can be drawn."""
        if not self._session.printer.is_live:
            yield
            return
        from .live import Board, Panel, panel

        self._panels = {name: Panel(name) for name in self._names}
        with panel(Board(list(self._panels.values())) if len(self._names) > 1 else self._panels[self._names[0]]):
            yield

    def _update(self, job: Job) -> None:
        """Take note of a job whose status has changed, and tell it."""
        self._seen[job.name].job = job
        if job.name in self._panels:
            self._panels[job.name].job = job
        else:
            self._tell(job)
        if job.status.is_final:
            self._fetch(job.name)

    def _tell(self, job: Job) -> None:
        """Write a status: JSON lines are data, and so is the plain line of `watch` itself."""
        printer = self._session.printer
        if printer.output == "jsonl" and not self._quietly:
            printer.document(job.model_dump(mode="json"))
            return
        line = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}  {job.name}  {job.status.value}"
        if self._quietly or printer.is_json:
            printer.note(line)
        else:
            printer.line(line)

    def _look(self) -> None:
        """Fetch what some of the jobs have measured and written since."""
        now = datetime.now(UTC)
        due = [(name, seen) for name, seen in self._seen.items() if self._is_due(seen, now)]
        due.sort(key=lambda one: one[1].fetched or NEVER)
        for name, seen in due[:FED]:
            seen.fetched = now
            self._fetch(name)

    def _is_due(self, seen: _Seen, now: datetime) -> bool:
        if seen.job is None or seen.job.status.is_waiting or seen.job.status.is_final:
            return False
        return seen.fetched is None or (now - seen.fetched).total_seconds() >= EVERY

    def _fetch(self, name: str) -> None:
        """Fetch what is to be known of a job; a view that cannot be fed goes on with what it has."""
        with suppress(MaasError):
            measured = self._maas.jobs.metrics(name)
            self._heed(name, measured)
            if name not in self._panels:
                return
            self._panels[name].metrics = measured
            details = self._maas.jobs.details(name)
            self._panels[name].ran(details.started, details.ended)
            if len(self._names) == 1 and self._seen[name].log.maxlen:
                self._read_log(name)

    def _read_log(self, name: str) -> None:
        seen = self._seen[name]
        part = self._maas.jobs.log_part(name, offset=seen.offset)
        seen.offset = part.offset
        seen.log.extend(part.lines)
        self._panels[name].log = tuple(seen.log)

    def _heed(self, name: str, measured: Mapping[str, Sequence[MetricPoint]]) -> None:
        """Tell of each alarm once, where no view does; cancel the job if that was asked for."""
        from ..alarms import alarms

        seen, printer = self._seen[name], self._session.printer
        for alarm in alarms(measured):
            if str(alarm) in seen.alarms:
                continue
            seen.alarms.add(str(alarm))
            if name not in self._panels:
                printer.note(f"warning: {name}: {alarm}")
            if self._stop_on_alarm and alarm.is_fatal and seen.job is not None and not seen.job.status.is_final:
                self._maas.jobs.cancel(name)
                printer.note(f"{name}: canceled, as --stop-on-alarm asks")
