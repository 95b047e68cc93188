"""What steps on several surfaces do alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from inspect import isasyncgen
from typing import TYPE_CHECKING, Any, TypeVar

from ..core.errors import Conflict
from ..jobs.phase import JobPhase
from .assumed import accepted
from .step_context import NotPossible, StepContext

if TYPE_CHECKING:
    from ..jobs.job import Job

T = TypeVar("T")

LONGEST_JOB = 6 * 3600.0
"""Seconds that a job over 20 rows may take in all; the time limit of the run may be shorter."""

LONGEST_CANCELLATION = 1800.0
"""Seconds that a job may take to end once it is canceled."""

QUESTION = "When do you open?"


async def some(items: AsyncIterator[T], most: int) -> list[T]:
    """Return the first few items of an iterator, and close it."""
    found: list[T] = []
    async for item in items:
        found.append(item)
        if len(found) >= most:
            break
    if isasyncgen(items):
        await items.aclose()
    return found


async def missing(context: StepContext, what: str, reading: Awaitable[object]) -> None:
    """Expect a 404 of something that never was."""
    await context.expect_missing(what, reading)


async def read_listed(context: StepContext) -> str:
    """Read the newest job that is listed by its name, and return the name."""
    newest = next(iter(await some(context.maas.jobs.list(), 1)), None)
    if newest is None:
        raise NotPossible("there is no job yet")
    job = await context.maas.jobs.get(newest.name)
    context.expect(job.name == newest.name, "the name of a listed job", expected="the same", found="another one")
    return job.name


async def same_content(context: StepContext, data: Any) -> None:
    """Download data, and compare it with the rows that were uploaded; `data` is what `upload` returned."""
    target = context.folder / "downloaded.jsonl"
    target.unlink(missing_ok=True)
    await context.maas.datasets.download(data, target)
    sent, got = context.rows.read_bytes(), target.read_bytes()
    context.expect(len(sent) == len(got), "the size of uploaded data", expected=str(len(sent)), found=str(len(got)))
    context.expect(sent == got, "the content of uploaded data", expected="the same", found="another one")


async def cancel_and_follow(context: StepContext, name: str) -> None:
    """Cancel a job, and expect that it ends as canceled."""
    with suppress(Conflict):  # it has ended before
        await context.maas.jobs.cancel(name)
    job = await context.until_ended(name, timeout=LONGEST_CANCELLATION)
    if job.phase == JobPhase.DONE:
        raise NotPossible("the job had ended before it could be canceled")
    canceled = job.phase == JobPhase.CANCELED
    context.expect(canceled, "the status of a canceled job", expected="canceled", found=job.phase.value)
    await accepted(context, "the cancellation of a job that is canceled already", context.maas.jobs.cancel(name))


async def follow_to_done(context: StepContext, name: str) -> Job:
    """Follow a job to its end, and raise its failure if it has failed."""
    await context.until_ended(name, timeout=LONGEST_JOB)
    return await context.maas.jobs.wait(name)


async def ask(context: StepContext, endpoint: str) -> None:
    """Chat with an endpoint at once, and as a stream."""
    whole = await context.maas.chat.complete(endpoint, QUESTION, max_tokens=20)
    context.expect(bool(whole.text), "the answer of a chat", expected="text", found="nothing")
    pieces = [piece.text async for piece in context.maas.chat.stream(endpoint, QUESTION, max_tokens=20)]
    context.expect(bool("".join(pieces)), "the streamed answer of a chat", expected="text", found="nothing")


async def replace_second_key(context: StepContext, endpoint: str) -> None:
    """Replace the second key of an endpoint, whose first one stays."""
    before = await context.maas.endpoints.keys(endpoint)
    after = await context.maas.endpoints.regenerate_key(endpoint, secondary=True)
    is_new = before.secondary != after.secondary
    context.expect(is_new, "the second key once replaced", expected="another", found="the same")
    context.expect(before.primary == after.primary, "the first key then", expected="the same", found="another one")


async def gone_from(context: StepContext, where: str, reading: Awaitable[object], *, kind: str, name: str) -> None:
    """Expect that something is not to be found after its deletion, and note that it is gone."""
    if await context.expect_missing(where, reading):
        context.removed(kind, name)
