"""What happens while a job trains: its details, metrics, views and logs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from ..core.arguments import OFFSET, SECONDS, takes_numbers
from .name_arguments import takes_job_names

if TYPE_CHECKING:
    from ..core.metrics import MetricPoint
    from .backend import JobBackend
    from .checkpoint import Checkpoint
    from .job import Job
    from .job_event import JobEvent
    from .log_lines import LogPart
    from .run_details import RunDetails
    from .view import JobView


class JobRuns:
    """The part of `jobs` that reads what a job reports."""

    def __init__(self, backend: JobBackend) -> None:
        self._backend = backend

    @takes_job_names
    async def get(self, name: str) -> Job:
        """Return a job by its name, its ARM id or the URL that Studio shows, as every method takes it.

        Raises NotFound without one, naming the jobs that are displayed by this name, if there are any, and InvalidInput
        for an id or URL of another workspace.
        """
        return await self._backend.get(name)

    async def name_of(self, reference: str) -> str:
        """Return the name of the job that a text names: its name, its id, or its URL in the portal. Nothing is sent.

        Raises InvalidInput for an id or URL that does not name a job, or one of another workspace.
        """
        return self._backend.job_name(reference)

    @takes_job_names
    async def details(self, name: str) -> RunDetails:
        """Return what run history knows of a job: times, warnings, log files, and the reason of a failure."""
        return await self._backend.details(name)

    async def details_of(self, names: Iterable[str]) -> dict[str, RunDetails]:
        """Return the details of several jobs by name, without those that could not be read.

        Raises InvalidInput for a name that no job can have.
        """
        from ..core.errors import ServiceError, TransportError

        async def read(name: str) -> tuple[str, RunDetails] | None:
            try:
                return name, await self.details(name)
            except (ServiceError, TransportError):
                return None

        found = await self._backend.wire.gather((partial(read, name) for name in dict.fromkeys(names)), limit=8)
        return dict(filter(None, found))

    @takes_job_names
    async def metrics(self, name: str) -> dict[str, tuple[MetricPoint, ...]]:
        """Return a job's metrics (`loss`, `eval_loss`, `learning_rate`, …), each as points in the order of steps."""
        return await self._backend.metrics(name)

    @takes_job_names
    async def view(self, name: str) -> JobView:
        """Return a job with its current clocks, curves and alarms, as a notebook draws them."""
        from .view import JobView

        job, details, metrics = await self.get(name), await self.details(name), await self.metrics(name)
        return JobView(job, details, metrics, datetime.fromtimestamp(self._backend.wire.now(), UTC))

    @takes_job_names
    @takes_numbers(every=SECONDS, timeout=SECONDS)
    async def watch_views(
        self, name: str, *, every: float = 5.0, timeout: float | None = None
    ) -> AsyncIterator[JobView]:
        """Yield a job with its clocks, curves and alarms, now and every `every` seconds, until it has ended.

        An ended job is yielded, however it ended. Errors are tolerated as in `wait`.

        Args:
            name: the job's name.
            every: seconds between two polls, at least one.
            timeout: seconds in all.

        Raises:
            NotFound: there is no such job.
            JobStalled: it does not respond, or is paused.
            WaitTimeout: the job continues; nothing was stopped.
        """
        from ..http.polling import resume_note, start_clock
        from .view_stream import views
        from .wait import wait_for_job

        wire = self._backend.wire
        wait = wait_for_job(name, start_clock(wire), timeout=timeout, max_queue=None, patience=600.0)
        with resume_note(wait.what, wait.resume):
            async for view in views(self._backend, name, wait, every=every):
                yield view

    @takes_job_names
    async def logs(self, name: str, file: str | None = None) -> AsyncIterator[str]:
        """Yield the lines of a log file of a job, by default its standard output.

        Raises NotFound, naming the existing files, if there is no such file.
        """
        async for line in self._backend.log_lines(name, file):
            yield line

    @takes_job_names
    async def events(self, name: str) -> AsyncIterator[JobEvent]:
        """Yield what the service has recorded about a job, newest first; pages are fetched as they are needed.

        Raises NotOffered where the platform records none, as Azure Machine Learning: `logs` has what a job wrote.
        """
        async for event in self._backend.events(name):
            yield event

    @takes_job_names
    async def checkpoints(self, name: str) -> AsyncIterator[Checkpoint]:
        """Yield a job's checkpoints, newest first; each can be deployed. Raises NotOffered where there are none."""
        async for checkpoint in self._backend.checkpoints(name):
            yield checkpoint

    @takes_job_names
    @takes_numbers(offset=OFFSET)
    async def log_part(self, name: str, file: str | None = None, *, offset: int = 0) -> LogPart:
        """Return the whole lines of a log file from a byte offset on; `offset` of the result is where to continue.

        Raises NotFound, naming the existing files, if there is no such file (yet).
        """
        return await self._backend.log_part(name, file, offset)

    @takes_job_names
    @takes_numbers(offset=OFFSET, tail=OFFSET, timeout=SECONDS)
    async def follow_logs(
        self,
        name: str,
        file: str | None = None,
        *,
        offset: int = 0,
        since: datetime | None = None,
        tail: int | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[str]:
        """Yield the lines of a log file as they are written, each exactly once, until the job has ended.

        Polls every 2 to 10 s, and tolerates up to an hour of errors.

        Args:
            name: the job's name.
            file: the log file, by default its standard output; there need not be one yet.
            offset: the byte to start at, as `log_part` returns it.
            since: only lines from then on, by the time at their start; a line without one belongs to the line before.
            tail: of the lines already written, only the last `tail`.
            timeout: seconds in all.

        Raises:
            WaitTimeout: the job continues.
            InvalidInput: `since` has no time zone.
            NotOffered: the platform keeps no logs (Foundry: `follow_activity` yields its events).
            NotFound: there is no such job, or it has ended without the log file that was named.
        """
        from ..core.errors import InvalidInput
        from ..http.polling import resume_note, start_clock
        from .log_stream import follow
        from .wait import wait_for_job

        self._backend.check_has_logs(name)
        if since is not None and since.tzinfo is None:
            raise InvalidInput(f"since: {since} has no time zone, as in datetime.now(timezone.utc)")
        clock, part = start_clock(self._backend.wire), partial(self._backend.log_part, name, file)
        wait = wait_for_job(name, clock, timeout=timeout, max_queue=None, patience=inf)
        with resume_note(wait.what, f"`maas jobs logs {name} --follow`"):
            lines = follow(
                self._backend, name, part, wait, must_exist=file is not None, offset=offset, since=since, tail=tail
            )
            async for line in lines:
                yield line

    @takes_job_names
    @takes_numbers(offset=OFFSET)
    async def activity(self, name: str, *, offset: int = 0) -> LogPart:
        """Return the lines of a job's log, from an offset on; that of the result is where to continue.

        They are those of its standard output, or its events where the platform keeps no log, as Foundry.
        """
        return await self._backend.activity(name, offset)

    @takes_job_names
    @takes_numbers(offset=OFFSET, timeout=SECONDS)
    async def follow_activity(self, name: str, *, offset: int = 0, timeout: float | None = None) -> AsyncIterator[str]:
        """Yield the lines of a job's log as they come, each exactly once, until the job has ended.

        Args:
            name: the job's name.
            offset: where to start, as `activity` returns it.
            timeout: seconds in all.

        Raises:
            WaitTimeout: the job continues.
            NotFound: there is no such job.
        """
        from ..http.polling import resume_note, start_clock
        from .log_stream import follow
        from .wait import wait_for_job

        clock, part = start_clock(self._backend.wire), partial(self._backend.activity, name)
        wait = wait_for_job(name, clock, timeout=timeout, max_queue=None, patience=inf)
        with resume_note(wait.what, wait.resume):
            async for line in follow(self._backend, name, part, wait, offset=offset):
                yield line
