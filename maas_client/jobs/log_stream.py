"""A job's log, followed to its end: each part is fetched from where the last one ended, so no line is lost or repeated,
whatever happens to connections."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from functools import partial

from ..core.errors import NotFound
from ..http.polling import TRANSIENT_ERRORS, Polling
from ..http.retry import poll_intervals
from .backend import JobBackend
from .log_lines import LogPart, Since
from .wait import JobWait

LONGEST_PAUSE = 10.0
"""Longest pause between two polls, in seconds: a person may be reading along."""


async def follow(
    backend: JobBackend,
    name: str,
    part: Callable[[int], Awaitable[LogPart]],
    wait: JobWait,
    *,
    must_exist: bool = False,
    offset: int = 0,
    since: datetime | None = None,
    tail: int | None = None,
) -> AsyncIterator[str]:
    """Yield the log's lines until its job has ended, from an offset and a time on.

    `part` returns its lines from an offset on. Of the lines already written, only the last `tail`. Raises NotFound if
    the job ends without a log that must exist.
    """
    intervals, late = poll_intervals(), Since(since)
    last = None if tail is None else deque[str](maxlen=tail)

    def pause(asked: float | None) -> float:
        return wait.pause_or_end(min(next(intervals), LONGEST_PAUSE), asked)

    async for job in Polling(backend.wire, wait, partial(backend.poll, name), pause):
        if job is not None:
            wait.saw(job)
        is_over = job is not None and job.status.is_final
        rest_of_line, is_whole = "", False
        async for found in _parts(part, offset, must_exist=is_over and must_exist):
            offset, rest_of_line, is_whole = found.offset, found.rest, not found.more
            ended = [rest_of_line] if is_over and is_whole and rest_of_line else []
            lines = filter(late.keeps, [*found.lines, *ended])
            if last is not None:
                last.extend(lines)
                continue
            for line in lines:
                yield line
        if last is not None and is_whole:
            for line in last:
                yield line
            last = None
        if is_over and is_whole:
            return


async def _parts(part: Callable[[int], Awaitable[LogPart]], offset: int, *, must_exist: bool) -> AsyncIterator[LogPart]:
    """Yield the parts from an offset on, up to the end or to a transient error."""
    while True:
        try:
            found = await part(offset)
        except NotFound:
            if must_exist and not offset:
                raise
            found = LogPart((), offset)
        except TRANSIENT_ERRORS:
            return
        yield found
        if not found.more:
            return
        offset = found.offset
