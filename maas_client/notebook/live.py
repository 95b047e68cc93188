"""The newest update of a wait, redrawn in place; a line for each outside notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.redaction import redact
from ..core.text import printable
from ..jobs.phase import JobPhase
from ..rendering.html import card, redacted
from .display import display_handle

if TYPE_CHECKING:
    from ..client import MaasClient
    from ..jobs.job import Job


class Live:
    """Shows the values it is called with, in the cell that creates it: `maas.endpoints.wait(name, on_update=Live())`.

    It takes jobs, endpoints, views of jobs or anything else, from any thread.
    """

    def __init__(self) -> None:
        self._place = display_handle(card("waiting"), "waiting")

    def __call__(self, value: object) -> None:
        """Replace the shown value."""
        draw = getattr(value, "_repr_html_", None)
        html = draw() if draw is not None else card("", f"<p>{redacted(value)}</p>")
        self._place.show(html, redact(printable(str(value))))


def follow(maas: MaasClient, name: str, *, every: float = 5.0, timeout: float | None = None) -> Job:
    """Wait for a job and show its state meanwhile; return the completed job.

    With the asynchronous client give each view of `client.jobs.watch_views(name)` to a `Live()`.

    Args:
        maas: the client.
        name: the job's name.
        every: seconds between two drawings.
        timeout: seconds to wait in all.

    Raises:
        JobFailed, JobCanceled, JobStalled, WaitTimeout: as `jobs.wait`.
    """
    live = Live()
    for view in maas.jobs.watch_views(name, every=every, timeout=timeout):
        live(view)
        if view.job.phase == JobPhase.DONE:
            return view.job
    return maas.jobs.wait(name)  # which knows why a job failed
