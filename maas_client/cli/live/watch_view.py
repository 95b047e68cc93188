"""The output while jobs are watched: a live view refreshed between status polls, or a line per change."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...core.errors import MaasError, ServiceUnavailable, Throttled, TransportError
from ..app.error_messages import message_of
from ..app.exit_codes import resume_hint_on_interrupt
from ..app.session import Session
from ..output.printer import format_size, show_upload_progress
from ..output.progress import ProgressCallback
from .log_tail import LogTail
from .outage_text import OutageLines, ShownOutage
from .plain_lines import PlainLines

if TYPE_CHECKING:
    from ... import Job, MaasClient, MetricPoint, Outage, TransferProgress
    from .job_panel import JobPanel
    from .jobs_board import JobsBoard

OnEnd = Callable[["MaasClient", "Job", Callable[[str], None]], None]

REFRESH_SECONDS = 5.0
"""Interval at which metrics and logs are fetched."""

REFRESH_COST_FACTOR = 10.0
"""Minimum interval as a multiple of the fetch duration, so that a job with 100,000 points is fetched less often."""

MAX_JOBS_PER_REFRESH = 4
"""Maximum number of jobs whose metrics are fetched between two status polls."""

DEFAULT_VIEW_LINES = 5
"""Default number of log lines in the live view."""


@dataclass(slots=True)
class _WatchedJob:
    """The state of a watched job: last status, log position, reported alarms, time of the next fetch."""

    log: LogTail
    recent_lines: deque[str]
    job: Job | None = None
    next_fetch: float = 0.0
    reported: set[str] = field(default_factory=set[str])
    steps: dict[str, str] = field(default_factory=dict[str, str])
    stage: str = ""
    outage: OutageLines = field(default_factory=OutageLines)
    is_stopped: bool = False


class WatchView:
    """Watches jobs for a command, in a live view or as lines.

    `resume_command` is shown on Ctrl-C. `to_stderr` keeps stdout free for what the command prints afterwards. With
    `lines` the logs are printed instead of a live view: lines since `since`, and of the backlog only the last `tail`.
    The live view of a single job shows the last `tail` lines of its log. The jobs of a `sweep` are added while it is
    followed. `on_end` is called for each job that has ended, with what prints a note.
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
        sweep: bool = False,
        on_end: OnEnd | None = None,
    ) -> None:
        self._session, self._names, self._resume_command = session, names, resume_command
        self._lines, self._stop_on_alarm = lines, stop_on_alarm
        self._since, self._tail, self._is_sweep = since, tail, sweep
        self._board: JobsBoard | None = None
        self._jobs: dict[str, _WatchedJob] = {}
        for name in names:
            self._add(name)
        self._on_end = on_end
        self._note: Callable[[str], None] = session.printer.note
        self._plain = PlainLines(session.printer, max(map(len, names), default=0), to_stderr)
        self._panels: dict[str, JobPanel] = {}
        self._silent: frozenset[str] = frozenset()
        self._outage = OutageLines()

    def follow_one(self, *, timeout: float | None = None, max_queue: float | None = None) -> Job:
        """Watch a single job; return it once it has completed.

        Raises what `jobs.wait` raises, and Failed with the resume command on Ctrl-C.
        """
        with self._watching():
            return self._maas.jobs.wait(
                self._names[0], timeout=timeout, max_queue=max_queue, on_update=self.update, on_outage=self.saw_outage
            )

    def follow_all(self, *, timeout: float | None = None, max_queue: float | None = None) -> list[Job]:
        """Watch several jobs; return them, in the order of `names`, once all have ended, whatever their outcome.

        Raises NotFound immediately for an unknown job name. Otherwise raises what `follow_one` raises.
        """
        with self._watching():
            for name in self._names:
                with suppress(TransportError, ServiceUnavailable, Throttled):  # the watch retries these
                    self._maas.jobs.get(name)
            for job in self._maas.jobs.watch(
                self._names, timeout=timeout, max_queue=max_queue, on_outage=self.saw_outage
            ):
                self.update(job)
        return [watched.job for watched in self._jobs.values() if watched.job is not None]

    @contextmanager
    def following(self, names: Callable[[MaasClient], Iterable[str]]) -> Generator[MaasClient]:
        """Show the jobs that another operation follows, which calls `update` and `saw_outage`; yield its client."""
        with self._watching():
            for name in names(self._maas):
                self._add(name)
            yield self._maas

    def _add(self, name: str) -> None:
        """Watch a job, in the view if there is one."""
        log = LogTail(self._since, self._tail if self._lines else None)
        self._jobs[name] = _WatchedJob(log, deque(maxlen=DEFAULT_VIEW_LINES if self._tail is None else self._tail))
        if self._board is not None:
            self._panels[name] = self._board.add(name)

    @contextmanager
    def _watching(self) -> Generator[None]:
        """Open the client and the live view for the duration of the block."""
        session, status = self._session, "the job keeps running" if len(self._names) == 1 else "the jobs keep running"
        self._wire = session.new_wire()
        self._wire.call_while_sleeping(self._refresh, every=REFRESH_SECONDS)
        with (
            session.client(self._wire) as self._maas,
            resume_hint_on_interrupt(self._resume_command, status),
            self._live_view(),
        ):
            yield

    @contextmanager
    def _live_view(self) -> Generator[None]:
        """Draw the live view if the terminal supports it."""
        if self._lines or not self._session.printer.is_live:
            yield
            return
        from .job_panel import JobPanel, live_view
        from .jobs_board import JobsBoard

        self._panels = {name: JobPanel(name) for name in self._names}
        self._board = JobsBoard(list(self._panels.values())) if self._is_sweep or len(self._names) > 1 else None
        with live_view(self._board or self._panels[self._names[0]]) as print_above:
            self._note = print_above
            yield

    def show_progress(self, advance: ProgressCallback, progress: TransferProgress) -> None:
        """Show the progress of an upload below the view, or with `advance` without one."""
        if self._board is None:
            show_upload_progress(advance, progress)
        elif progress.read or progress.done < progress.total:
            done = progress.read or progress.done
            doing = "reading" if progress.read else "sending"
            self._board.caption = f"{doing} data: {format_size(done)} of {format_size(progress.total)}"
        else:
            self._board.caption = ""

    def update(self, job: Job) -> None:
        """Record and print a status change; a final status is printed after the remaining log."""
        self._jobs[job.name].job = job
        if job.name in self._panels:
            self._panels[job.name].job = job
        if job.status.is_final:
            self._fetch(job.name)
        if self._lines and job.status.is_final:
            self._print_remaining_log(job.name)
        if job.name not in self._panels:
            self._plain.state(job)
        if job.status.is_final and self._on_end is not None:
            self._on_end(self._maas, job, self._note)

    def saw_outage(self, outage: Outage) -> None:
        """Show that the service does not answer, or does so again."""
        now, name = datetime.now(UTC), outage.name
        self._silent = self._silent - {name} if outage.is_over else self._silent | {name}
        shown = None if outage.is_over else ShownOutage.of(outage, now)
        for panel in [self._panels[name]] if name in self._panels else self._panels.values():
            panel.outage = shown
        if not self._panels:
            lines = self._jobs[name].outage if name in self._jobs else self._outage
            self._plain.outage(name, lines.line(outage, now))

    def _refresh(self) -> None:
        """Fetch new metrics and log lines of the jobs that are due; none while the service does not answer."""
        if self._silent:
            return
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
        """Fetch steps, metrics, run times and log of a job; on errors the view keeps what it has."""
        panel = self._panels.get(name)
        with suppress(MaasError):
            self._fetch_steps(name, panel)
        with suppress(MaasError):
            measured = self._maas.jobs.metrics(name)
            self._handle_alarms(name, measured)
            if panel is not None:
                panel.metrics = measured
        with suppress(MaasError):
            self._fetch_run(name, panel)
        with suppress(MaasError):
            if self._lines or (panel is not None and len(self._names) == 1 and self._jobs[name].recent_lines.maxlen):
                self._read_log(name)

    def _fetch_run(self, name: str, panel: JobPanel | None) -> None:
        """Fetch times and stage of a job's run, and print a stage that is new unless a view or its log shows it."""
        watched = self._jobs[name]
        if panel is None and (self._lines or not _is_training(watched)):
            return
        details = self._maas.jobs.details(name)
        if panel is not None:
            panel.set_run_times(details.started, details.ended, details.stage)
        elif details.stage and details.stage != watched.stage:
            self._plain.stage(name, details.stage)
        watched.stage = details.stage

    def _fetch_steps(self, name: str, panel: JobPanel | None) -> None:
        """Fetch the steps of a pipeline job, and print those whose status has changed unless a view shows them."""
        watched = self._jobs[name]
        if watched.job is None or watched.job.kind != "pipeline":
            return
        steps = list(self._maas.jobs.children(name))
        if panel is not None:
            panel.steps = steps
        for step in steps:
            if panel is None and watched.steps.get(step.run) != step.status.value:
                self._plain.step(name, step)
            watched.steps[step.run] = step.status.value

    def _read_log(self, name: str) -> None:
        """Read the next lines of what a job does: its log, or its events."""
        watched, more = self._jobs[name], True
        while more:
            part = self._maas.jobs.activity(name, offset=watched.log.offset)
            watched.log.offset, more = part.offset, part.more
            select = watched.log.select(part.lines, more=more)
            if self._lines:
                self._plain.lines(name, select)
            else:
                watched.recent_lines.extend(select)
                self._panels[name].log = tuple(watched.recent_lines)

    def _print_remaining_log(self, name: str) -> None:
        """Print the rest of the log of a job that has ended, retrying as needed."""
        log = self._jobs[name].log
        try:
            lines = self._maas.jobs.follow_activity(name, offset=log.offset)
            self._plain.lines(name, log.select(lines, more=False))
        except MaasError as error:
            self._session.printer.note(f"{name}: cannot read the end of its log: {message_of(error)}")

    def _handle_alarms(self, name: str, measured: Mapping[str, Sequence[MetricPoint]]) -> None:
        """Report each alarm once unless a live view shows it; cancel the job with --stop-on-alarm."""
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
        """Cancel a job; a failed attempt is repeated at the next fetch."""
        printer = self._session.printer
        try:
            self._maas.jobs.cancel(name)
        except MaasError as error:
            printer.note(f"{name}: cancel failed, will retry: {message_of(error)}")
            return
        watched.is_stopped = True
        printer.note(f"{name}: canceled (--stop-on-alarm)")


def _is_training(watched: _WatchedJob) -> bool:
    """Return whether a job is producing metrics and logs."""
    return watched.job is not None and not watched.job.status.is_waiting and not watched.job.status.is_final
