"""A job's log followed to its end: parts are fetched from where the last one ended, so that no line is lost or told
twice, whatever becomes of connections."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from .errors import NotFound
from .job import Job
from .job_wait import JobWait
from .log_parts import LogPart
from .looks import look_once, rest
from .policy import poll_intervals
from .waiting import TROUBLE, asked_by
from .wire import Wire

LONGEST_PAUSE = 10.0
"""Seconds between two looks at most: somebody sits and reads."""

Look = Callable[[], Awaitable[tuple[Job, float | None]]]


class Fetch(Protocol):
    """Fetches the part of the log that begins at a byte."""

    def __call__(self, *, offset: int) -> Awaitable[LogPart]:
        """Raise NotFound while there is no log."""
        ...


async def follow(wire: Wire, wait: JobWait, look: Look, fetch: Fetch, *, tail: int | None) -> AsyncIterator[str]:
    """Yield the log's lines until its job has ended; of those that are there at first, only the last `tail`."""
    intervals, offset, keep = poll_intervals(), 0, tail
    while True:
        found = await look_once(wire, wait, look)
        if found is not None:
            wait.saw(found[0])
        is_over = found is not None and found[0].status.is_final
        last = deque[str](maxlen=keep)
        rest_of_line, is_whole = "", False
        async for part in _parts(fetch, offset):
            offset, rest_of_line, is_whole = part.offset, part.rest, not part.more
            if keep is not None:
                last.extend(part.lines)
                continue
            for line in part.lines:
                yield line
        keep = None if is_whole else keep
        for line in [*last, *([rest_of_line] if is_over and is_whole and rest_of_line else [])]:
            yield line
        if is_over and is_whole:
            return
        asked = asked_by(wait.trouble) if found is None else found[1]
        wait.tick(wire.now(), wire.clock())
        if (end := wait.over()) is not None:
            raise end
        await rest(wire, wait, wait.pause(min(next(intervals), LONGEST_PAUSE), asked))


async def _parts(fetch: Fetch, offset: int) -> AsyncIterator[LogPart]:
    """Yield what there is from a byte on; the last part says so, unless fetching fails in a way that may pass."""
    while True:
        try:
            part = await fetch(offset=offset)
        except NotFound:
            part = LogPart((), offset)
        except TROUBLE:
            return
        yield part
        if not part.more:
            return
        offset = part.offset
