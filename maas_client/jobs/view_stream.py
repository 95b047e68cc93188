"""A job looked at again and again, with its clocks and curves, until it has ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

from ..core.errors import NotFound
from ..http.polling import Polling
from ..wire import Wire
from .backend import JobBackend
from .job import Job
from .run_details import RunDetails
from .view import JobView
from .wait import JobWait

UNKNOWN = RunDetails("", "", "", "", "", (), {})
"""What is known of a run that run history has not heard of yet."""

Look = Callable[[], Awaitable[tuple[Job, float | None]]]


async def views(wire: Wire, wait: JobWait, look: Look, backend: JobBackend, *, every: float) -> AsyncIterator[JobView]:
    """Yield a job as each look shows it, every so many seconds, until it has ended.

    Raises what ends the wait before: JobStalled, WaitTimeout, or trouble that it does not bear.
    """
    async for view in Polling(wire, wait, partial(_view, wire, look, backend), partial(wait.pause_or_end, every)):
        if view is None:
            continue
        wait.saw(view.job)
        yield view
        if view.job.status.is_final:
            return


async def _view(wire: Wire, look: Look, backend: JobBackend) -> tuple[JobView, float | None]:
    """Look at a job and then at its run, so that an ended job's run is known to its end."""
    job, asked = await look()
    try:
        details, metrics = await backend.details(job.name), await backend.metrics(job.name)
    except NotFound:  # history learns of a run after the job has been made
        details, metrics = UNKNOWN, {}
    return JobView(job, details, metrics, datetime.fromtimestamp(wire.now(), UTC)), asked
