"""What is seen of jobs that are followed: a live view that is fed between two looks, or a line for each change."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ...core.errors import MaasError, ServiceUnavailable, Throttled, TransportError
from ..app.exit_codes import resumable, words_of
from ..app.session import Session
from .log_tail import JobLog
from .plain_lines import Teller

if TYPE_CHECKING:
    from ... import Job, MetricPoint
    from ...wire import BlockingWire
    from .job_panel import Panel

EVERY = 5.0
"""Seconds after which what a job measures and writes is fetched again,"""

BREATHER = 10.0
"""and how often as long as it took to fetch it: a job of 100,000 points is asked for them less often."""

FED = 4
"""Jobs whose measurements are fetched between two looks at most."""

IN_VIEW = 5
"""Lines of a log in the view where nobody says how many."""


@dataclass(slots=True)
class _Seen:
    """What is known of a job: its last state, its log, of which alarms somebody was told, when to fetch it again."""

    log: JobLog
    last: deque[str]
    job: Job | None = None
    due: float = 0.0
    told: set[str] = field(default_factory=set[str])
    is_stopped: bool = False


class View:
    """Follows jobs for a command.

    `again` is the command that resumes; `quietly` keeps stdout for what follows. `lines` asks for the lines of the logs
    instead of a live view, from `since` on, and of those that are there at first the last `tail`; a live view of one
    job has so many at its end.
    """

    def __init__(
        self,
        session: Session,
        names: Sequence[str],
        again: str,
        *,
        quietly: bool = False,
        lines: bool = False,
        since: datetime | None = None,
        tail: int | None = None,
        stop_on_alarm: bool = False,
    ) -> None:
        self._session, self._names, self._again = session, names, again
        self._lines, self._stop_on_alarm = lines, stop_on_alarm
        self._seen = {
            name: _Seen(JobLog(since, tail if lines else None), deque(maxlen=IN_VIEW if tail is None else tail))
            for name in names
        }
        self._tell = Teller(session.printer, max(map(len, names), default=0), quietly)
        self._panels: dict[str, Panel] = {}

    def follow_one(self, *, timeout: float | None = None, max_queue: float | None = None) -> Job:
        """Follow the only job; return it when it has completed.

        Raises what `jobs.wait` raises, and Failed with the way to resume on Ctrl-C.
        """
        with self._shown():
            return self._maas.jobs.wait(self._names[0], timeout=timeout, max_queue=max_queue, on_update=self._update)

    def follow_all(self, *, timeout: float | None = None, max_queue: float | None = None) -> list[Job]:
        """Follow several jobs; return them, in the order of their names, when all have ended, however they did.

        Raises NotFound at once for a name that no job has: a watch takes hours. Else as for one.
        """
        with self._shown():
            for name in self._names:
                with suppress(TransportError, ServiceUnavailable, Throttled):  # which the watch itself survives
                    self._maas.jobs.get(name)
            for job in self._maas.jobs.watch(self._names, timeout=timeout, max_queue=max_queue):
                self._update(job)
        return [seen.job for seen in self._seen.values() if seen.job is not None]

    @contextmanager
    def _shown(self) -> Generator[None]:
        """Show what is seen while the block lasts."""
        from ...wire import BlockingWire

        session, goes_on = self._session, "the job goes on" if len(self._names) == 1 else "the jobs go on"
        self._wire: BlockingWire = session.wire() if session.wire is not None else BlockingWire()
        self._wire.look_around(self._look, every=EVERY)
        with session.client(self._wire) as self._maas, resumable(self._again, goes_on), self._drawn():
            yield

    @contextmanager
    def _drawn(self) -> Generator[None]:
        """Draw the view, where one can be drawn."""
        if self._lines or not self._session.printer.is_live:
            yield
            return
        from .job_panel import Panel, panel
        from .jobs_board import Board

        self._panels = {name: Panel(name) for name in self._names}
        with panel(Board(list(self._panels.values())) if len(self._names) > 1 else self._panels[self._names[0]]):
            yield

    def _update(self, job: Job) -> None:
        """Take note of a job whose status has changed, and tell it; how it ended is told last."""
        self._seen[job.name].job = job
        if job.name in self._panels:
            self._panels[job.name].job = job
        if job.status.is_final:
            self._fetch(job.name)
        if self._lines and job.status.is_final:
            self._read_to_the_end(job.name)
        if job.name not in self._panels:
            self._tell.state(job)

    def _look(self) -> None:
        """Fetch what some of the jobs have measured and written since."""
        begun = self._wire.clock()
        due = [(name, seen) for name, seen in self._seen.items() if _trains(seen) and seen.due <= begun]
        due.sort(key=lambda one: one[1].due)
        for name, seen in due[:FED]:
            began = self._wire.clock()
            self._fetch(name)
            ended = self._wire.clock()
            seen.due = ended + max(EVERY, BREATHER * (ended - began))

    def _fetch(self, name: str) -> None:
        """Fetch what is to be known of a job; a view that cannot be fed goes on with what it has."""
        panel = self._panels.get(name)
        with suppress(MaasError):
            measured = self._maas.jobs.metrics(name)
            self._heed(name, measured)
            if panel is not None:
                panel.metrics = measured
        with suppress(MaasError):
            if panel is not None:
                details = self._maas.jobs.details(name)
                panel.ran(details.started, details.ended)
        with suppress(MaasError):
            if self._lines or (panel is not None and len(self._names) == 1 and self._seen[name].last.maxlen):
                self._read_log(name)

    def _read_log(self, name: str) -> None:
        """Read on in a job's log."""
        seen, more = self._seen[name], True
        while more:
            part = self._maas.jobs.log_part(name, offset=seen.log.offset)
            seen.log.offset, more = part.offset, part.more
            wanted = seen.log.wanted(part.lines, more=more)
            if self._lines:
                self._tell.lines(name, wanted)
            else:
                seen.last.extend(wanted)
                self._panels[name].log = tuple(seen.last)

    def _read_to_the_end(self, name: str) -> None:
        """Tell what an ended job has written since, whatever it takes."""
        log = self._seen[name].log
        try:
            self._tell.lines(name, log.wanted(self._maas.jobs.follow(name, offset=log.offset), more=False))
        except MaasError as error:
            self._session.printer.note(f"{name}: the end of its log cannot be had: {words_of(error)}")

    def _heed(self, name: str, measured: Mapping[str, Sequence[MetricPoint]]) -> None:
        """Tell of each alarm once, where no view does; cancel the job if that was asked for."""
        from ...jobs.alarms import alarms

        seen, found = self._seen[name], alarms(measured)
        for alarm in found:
            if str(alarm) not in seen.told and name not in self._panels:
                self._tell.alarm(name, alarm)
            seen.told.add(str(alarm))
        if self._stop_on_alarm and any(alarm.is_fatal for alarm in found) and _trains(seen) and not seen.is_stopped:
            self._stop(name, seen)

    def _stop(self, name: str, seen: _Seen) -> None:
        """Cancel a job; what fails is tried again when the job is looked at next."""
        printer = self._session.printer
        try:
            self._maas.jobs.cancel(name)
        except MaasError as error:
            printer.note(f"{name}: could not be canceled yet: {words_of(error)}")
            return
        seen.is_stopped = True
        printer.note(f"{name}: canceled, as --stop-on-alarm asks")


def _trains(seen: _Seen) -> bool:
    """Say whether a job measures and writes something at the moment."""
    return seen.job is not None and not seen.job.status.is_waiting and not seen.job.status.is_final
