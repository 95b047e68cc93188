"""Several jobs followed at once by one caller: each is looked at when its turn has come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from ..core.errors import MaasError
from ..http.polling import poll_once, retry_after_of, sleep_between
from ..http.retry import poll_intervals
from ..wire import Wire
from .job import Job
from .wait import JobWait

Look = Callable[[str], Awaitable[tuple[Job, float | None]]]
"""Looks at a job by its name; gives the job, and the seconds that the service asks to be left alone."""


@dataclass
class _Watched:
    """One of the jobs: its wait, and the pause until it is looked at, which began at so many seconds of the wait."""

    name: str
    wait: JobWait
    intervals: Iterator[float]
    pause: float = 0.0
    began: float = 0.0
    asked: float | None = None

    def left(self) -> float:
        """Return the seconds until it is to be looked at."""
        return self.pause - (self.wait.seconds - self.began)

    def put_off(self, asked: float | None) -> None:
        """Decide when to look again; raise what ends the wait."""
        self.asked = asked
        self.pause, self.began = self.wait.pause_or_end(next(self.intervals), asked), self.wait.seconds


async def watch(wire: Wire, look: Look, waits: Sequence[tuple[str, JobWait]]) -> AsyncIterator[Job]:
    """Yield each job at first and whenever its status has changed, until all have ended.

    A wait that ends without its job having ended does not end the others: the first such error is raised at last.
    """
    under_way = [_Watched(name, wait, poll_intervals()) for name, wait in waits]
    failures: list[MaasError] = []
    while under_way:
        one = min(under_way, key=_Watched.left)
        await _rest(wire, one, under_way)
        try:
            if one.wait.is_early(one.pause, one.asked):
                raise one.wait.over() or one.wait.out_of_time()
            found = await poll_once(wire, one.wait, partial(look, one.name))
            if found is not None and one.wait.saw(found[0]):
                yield found[0]
            if found is not None and found[0].status.is_final:
                under_way.remove(one)
                continue
            asked = retry_after_of(one.wait.last_error) if found is None else found[1]
            one.wait.tick(wire.now(), wire.clock())
            one.put_off(asked)
        except MaasError as failure:
            failures.append(failure)
            under_way.remove(one)
    if failures:
        raise failures[0]


async def _rest(wire: Wire, one: _Watched, under_way: Sequence[_Watched]) -> None:
    """Let time pass until a job is to be looked at; it passes for the others as well."""
    if (pause := one.left()) <= 0:
        return
    await sleep_between(wire, one.wait, pause)
    for other in under_way:
        if other is not one:
            other.wait.tick(wire.now(), wire.clock())
