"""A job followed in a notebook: its state, clocks and curve, redrawn in place until it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..jobs.job import JobStatus
from .live import Live

if TYPE_CHECKING:
    from ..client import MaasClient
    from ..jobs.job import Job


def follow(maas: MaasClient, name: str, *, every: float = 5.0, timeout: float | None = None) -> Job:
    """Wait for a job, and show how it stands meanwhile; return the completed job.

    With the asynchronous client give each view of `client.jobs.views(name)` to a `Live()`.

    Args:
        maas: the client.
        name: the job's name.
        every: seconds between two drawings.
        timeout: seconds to wait in all.

    Raises:
        JobFailed, JobCanceled, JobStalled, WaitTimeout: as `jobs.wait`.
    """
    live = Live()
    for view in maas.jobs.views(name, every=every, timeout=timeout):
        live(view)
        if view.job.status == JobStatus.COMPLETED:
            return view.job
    return maas.jobs.wait(name)  # which knows why a job failed
