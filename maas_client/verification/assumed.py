"""What steps compare that the shape of an answer does not show: see docs/assumptions.md."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from ..core.errors import Conflict, ServiceError
from ..core.names import is_valid_name
from .step_context import StepContext

if TYPE_CHECKING:
    from ..jobs.job import Job

LISTED = 20
"""Items of a list that are looked at."""


def newest_first(context: StepContext, jobs: Iterable[Job]) -> None:
    """Expect that listed jobs come in the order of their creation, the newest first."""
    times: list[datetime] = [job.created for job in jobs if job.created is not None]
    in_order = all(newer >= older for newer, older in itertools.pairwise(times))
    context.expect(in_order, "the order of listed jobs", expected="newest first", found="another one")


def usual_names(context: StepContext, kind: str, names: Iterable[str]) -> None:
    """Expect that the names of what is listed are names that this library would take."""
    other = [name for name in names if not is_valid_name(name)]
    context.expect(
        not other, f"the names of listed {kind}", expected="letters, digits, '-', '_' and '.'", found="others as well"
    )


async def created_once(context: StepContext, what: str, creating_again: Awaitable[object]) -> None:
    """Expect that the same creation again finds what there is."""
    try:
        await creating_again
    except Conflict:
        context.expect(False, f"{what} that is created again", expected="what there is", found="a conflict")


async def accepted(context: StepContext, what: str, asking: Awaitable[object]) -> None:
    """Expect that a request is not refused."""
    try:
        await asking
    except ServiceError as error:
        context.expect(False, what, expected="accepted", found=f"status {error.status}")


async def refused(context: StepContext, what: str, asking: Awaitable[object], *, status: int) -> None:
    """Expect that a request is refused with a status."""
    found = "an answer"
    try:
        await asking
    except ServiceError as error:
        if error.status == status:
            return
        found = f"status {error.status}"
    context.expect(False, what, expected=f"status {status}", found=found)
