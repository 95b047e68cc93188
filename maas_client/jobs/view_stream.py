"""A job with its clocks and curves, polled until it has ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

from ..core.errors import NotFound
from ..http.polling import Polling
from .backend import JobBackend
from .run_details import RunDetails
from .view import JobView
from .wait import JobWait

UNKNOWN = RunDetails("", "", "", "", "", (), {})
"""The details of a run that the platform does not have yet."""


async def views(backend: JobBackend, name: str, wait: JobWait, *, every: float) -> AsyncIterator[JobView]:
    """Yield a job at each poll, `every` seconds apart, until it has ended.

    Raises what ends the wait before: JobStalled, WaitTimeout, or an error that it does not tolerate.
    """
    async for view in Polling(backend.wire, wait, partial(_view, backend, name), partial(wait.pause_or_end, every)):
        if view is None:
            continue
        wait.saw(view.job)
        yield view
        if view.job.status.is_final:
            return


async def _view(backend: JobBackend, name: str) -> tuple[JobView, float | None]:
    """Poll a job and then read its run, so that the run of an ended job is complete."""
    job, asked = await backend.poll(name)
    try:
        details, metrics = await backend.details(name), await backend.metrics(name)
    except NotFound:  # run history has a run some time after its job was created
        details, metrics = UNKNOWN, {}
    return JobView(job, details, metrics, datetime.fromtimestamp(backend.wire.now(), UTC)), asked
