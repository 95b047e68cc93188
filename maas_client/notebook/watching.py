"""A job followed in a notebook: its state, clocks and curve, redrawn in place until it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import WaitTimeout
from .display import place
from .views import job_view_html

if TYPE_CHECKING:
    from ..client import MaasClient
    from ..job import Job


def follow(maas: MaasClient, name: str, *, every: float = 5.0, timeout: float | None = None) -> Job:
    """Wait for a job, and show how it stands meanwhile; return the completed job.

    Args:
        maas: the client.
        name: the job's name.
        every: seconds between two drawings.
        timeout: seconds to wait in all.

    Raises:
        JobFailed, JobCanceled, JobStalled, WaitTimeout: as `jobs.wait`.
    """
    shown, left = place(), timeout
    while True:
        view = maas.jobs.view(name)
        shown.show(job_view_html(view), str(view))
        if view.job.status.is_final:
            return maas.jobs.wait(name)
        step = every if left is None else min(every, left)
        try:
            maas.jobs.wait(name, timeout=step)
        except WaitTimeout:
            left = None if left is None else left - step
            if left is not None and left <= 0:
                raise
        except Exception:
            view = maas.jobs.view(name)
            shown.show(job_view_html(view), str(view))
            raise
