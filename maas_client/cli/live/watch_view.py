"""What is seen of jobs that are followed: a live view that is fed between two looks, or a line for each change."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ...core.errors import MaasError, ServiceUnavailable, Throttled, TransportError
from ..app.exit_codes import message_of, resume_hint_on_interrupt
from ..app.session import Session
from .log_tail import LogTail
from .plain_lines import PlainLines

if TYPE_CHECKING:
    from ... import Job, MetricPoint
    from ...wire import BlockingWire
    from .job_panel import JobPanel

REFRESH_SECONDS = 5.0
"""Seconds after which what a job measures and writes is fetched again,"""

REFRESH_COST_FACTOR = 10.0
"""and how often as long as it took to fetch it: a job of 100,000 points is asked for them less often."""

MAX_JOBS_PER_REFRESH = 4
"""Jobs whose measurements are fetched between two looks at most."""

DEFAULT_VIEW_LINES = 5
"""Lines of a log in the view where nobody says how many."""


@dataclass(slots=True)
class _WatchedJob:
    """What is known of a job: its last state, its log, of which alarms somebody was told, when to fetch it again."""

    log: LogTail
    recent_lines: deque[str]
    job: Job | None = None
    next_fetch: float = 0.0
    reported: set[str] = field(default_factory=set[str])
    is_stopped: bool = False


class WatchView:
    """Watches jobs for a command, in a live view or as lines.

    `resume_command` is shown on Ctrl-C. `to_stderr` keeps stdout free for what the command prints afterwards. With
    `lines` the logs are printed instead of a live view: lines since `since`, and of the backlog only the last `tail`.
    The live view of a single job shows the last `tail` lines of its log.
    """

    def __init__(
        self,
        session: Session,
        names: Sequence[str],
        resume_command: str,
        *,
        to_stderr: bool = False,
        lines: bool = False,
        since: datetime | None = None,
        tail: int | None = None,
        stop_on_alarm: bool = False,
    ) -> None:
        self._session, self._names, self._resume_command = session, names, resume_command
        self._lines, self._stop_on_alarm = lines, stop_on_alarm
        self._jobs = {
            name: _WatchedJob(
                LogTail(since, tail if lines else None), deque(maxlen=DEFAULT_VIEW_LINES if tail is None else tail)
            )
            for name in names
        }
        self._plain = PlainLines(session.printer, max(map(len, names), default=0), to_stderr)
        self._panels: dict[str, JobPanel] = {}

    def follow_one(self, *, timeout: float | None = None, max_queue: float | None = None) -> Job:
        """Follow the only job; return it when it has completed.

        Raises what `jobs.wait` raises, and Failed with the way to resume on Ctrl-C.
        """
        with self._watching():
            return self._maas.jobs.wait(self._names[0], timeout=timeout, max_queue=max_queue, on_update=self._update)

    def follow_all(self, *, timeout: float | None = None, max_queue: float | None = None) -> list[Job]:
        """Follow several jobs; return them, in the order of their names, when all have ended, however they did.

        Raises NotFound at once for a name that no job has: a watch takes hours. Else as for one.
        """
        with self._watching():
            for name in self._names:
                with suppress(TransportError, ServiceUnavailable, Throttled):  # which the watch itself survives
                    self._maas.jobs.get(name)
            for job in self._maas.jobs.watch(self._names, timeout=timeout, max_queue=max_queue):
                self._update(job)
        return [watched.job for watched in self._jobs.values() if watched.job is not None]

    @contextmanager
    def _watching(self) -> Generator[None]:
        """Show what is seen while the block lasts."""
        from ...wire import BlockingWire

        session, status = self._session, "the job goes on" if len(self._names) == 1 else "the jobs go on"
        self._wire: BlockingWire = session.wire() if session.wire is not None else BlockingWire()
        self._wire.look_around(self._refresh, every=REFRESH_SECONDS)
        with (
            session.client(self._wire) as self._maas,
            resume_hint_on_interrupt(self._resume_command, status),
            self._live_view(),
        ):
            yield

    @contextmanager
    def _live_view(self) -> Generator[None]:
        """Draw the view, where one can be drawn."""
        if self._lines or not self._session.printer.is_live:
            yield
            return
        from .job_panel import JobPanel, live_view
        from .jobs_board import JobsBoard

        self._panels = {name: JobPanel(name) for name in self._names}
        with live_view(
            JobsBoard(list(self._panels.values())) if len(self._names) > 1 else self._panels[self._names[0]]
        ):
            yield

    def _update(self, job: Job) -> None:
        """Take note of a job whose status has changed, and tell it; how it ended is told last."""
        self._jobs[job.name].job = job
        if job.name in self._panels:
            self._panels[job.name].job = job
        if job.status.is_final:
            self._fetch(job.name)
        if self._lines and job.status.is_final:
            self._print_remaining_log(job.name)
        if job.name not in self._panels:
            self._plain.state(job)

    def _refresh(self) -> None:
        """Fetch what some of the jobs have measured and written since."""
        now = self._wire.clock()
        due = [
            (name, watched)
            for name, watched in self._jobs.items()
            if _is_training(watched) and watched.next_fetch <= now
        ]
        due.sort(key=lambda one: one[1].next_fetch)
        for name, watched in due[:MAX_JOBS_PER_REFRESH]:
            began = self._wire.clock()
            self._fetch(name)
            ended = self._wire.clock()
            watched.next_fetch = ended + max(REFRESH_SECONDS, REFRESH_COST_FACTOR * (ended - began))

    def _fetch(self, name: str) -> None:
        """Fetch what is to be known of a job; a view that cannot be fed goes on with what it has."""
        panel = self._panels.get(name)
        with suppress(MaasError):
            measured = self._maas.jobs.metrics(name)
            self._handle_alarms(name, measured)
            if panel is not None:
                panel.metrics = measured
        with suppress(MaasError):
            if panel is not None:
                details = self._maas.jobs.details(name)
                panel.set_run_times(details.started, details.ended)
        with suppress(MaasError):
            if self._lines or (panel is not None and len(self._names) == 1 and self._jobs[name].recent_lines.maxlen):
                self._read_log(name)

    def _read_log(self, name: str) -> None:
        """Read on in a job's log."""
        watched, more = self._jobs[name], True
        while more:
            part = self._maas.jobs.log_part(name, offset=watched.log.offset)
            watched.log.offset, more = part.offset, part.more
            select = watched.log.select(part.lines, more=more)
            if self._lines:
                self._plain.lines(name, select)
            else:
                watched.recent_lines.extend(select)
                self._panels[name].log = tuple(watched.recent_lines)

    def _print_remaining_log(self, name: str) -> None:
        """Tell what an ended job has written since, whatever it takes."""
        log = self._jobs[name].log
        try:
            self._plain.lines(name, log.select(self._maas.jobs.follow(name, offset=log.offset), more=False))
        except MaasError as error:
            self._session.printer.note(f"{name}: the end of its log cannot be had: {message_of(error)}")

    def _handle_alarms(self, name: str, measured: Mapping[str, Sequence[MetricPoint]]) -> None:
        """Tell of each alarm once, where no view does; cancel the job if that was asked for."""
        from ...jobs.alarms import alarms

        watched, found = self._jobs[name], alarms(measured)
        for alarm in found:
            if str(alarm) not in watched.reported and name not in self._panels:
                self._plain.alarm(name, alarm)
            watched.reported.add(str(alarm))
        if (
            self._stop_on_alarm
            and any(alarm.is_fatal for alarm in found)
            and _is_training(watched)
            and not watched.is_stopped
        ):
            self._cancel(name, watched)

    def _cancel(self, name: str, watched: _WatchedJob) -> None:
        """Cancel a job; what fails is tried again when the job is looked at next."""
        printer = self._session.printer
        try:
            self._maas.jobs.cancel(name)
        except MaasError as error:
            printer.note(f"{name}: could not be canceled yet: {message_of(error)}")
            return
        watched.is_stopped = True
        printer.note(f"{name}: canceled, as --stop-on-alarm asks")


def _is_training(watched: _WatchedJob) -> bool:
    """Say whether a job measures and writes something at the moment."""
    return watched.job is not None and not watched.job.status.is_waiting and not watched.job.status.is_final
