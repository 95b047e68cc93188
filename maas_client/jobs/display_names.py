"""When a name that no job has may be a display name, and what the error then says. Decisions only."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import BadRequest, InvalidInput, MaasError, NotFound
from ..core.names import is_valid_name
from ..core.text import one_line
from .job import Job

_SHOWN = 3


def may_be_display_name(name: str, error: MaasError) -> bool:
    """Return whether an error about a job of this name may be due to a display name.

    Either the service has no job of this name, or the name is not one that a job can have: with white space in it, it
    is not an attempt at another path either.
    """
    if isinstance(error, NotFound):
        return any(f"/{kind}/" in error.request for kind in ("jobs", "runs"))
    is_title = name.isprintable() and bool(name.strip()) and not is_valid_name(name)
    return is_title and (isinstance(error, BadRequest) or (isinstance(error, InvalidInput) and " " in name.strip()))


def is_displayed_as(display_name: str, name: str) -> bool:
    """Return whether a job's display name is this text, apart from case and white space."""
    return " ".join(display_name.casefold().split()) == " ".join(one_line(name).casefold().split())


def no_such_job(name: str, workspace: str, displayed: Sequence[Job]) -> NotFound:
    """Return the error for a job that does not exist, with the jobs that are displayed by this name."""
    detail = f"no job {name!r} in workspace {workspace!r}; a job's name is the one that `maas jobs list` shows"
    if displayed:
        others = f" and {len(displayed) - _SHOWN} more" if len(displayed) > _SHOWN else ""
        verb = "is" if len(displayed) == 1 else "are"
        names = ", ".join(job.name for job in displayed[:_SHOWN])
        detail += f": {names}{others} {verb} displayed as {displayed[0].display_name!r}"
    return NotFound(f"job {name!r}", status=404, detail=detail, summary=detail)
