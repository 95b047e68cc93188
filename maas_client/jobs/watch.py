"""Several jobs watched at once: each is polled on its own schedule."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from ..core.errors import MaasError
from ..http.outage import OnOutage, OutageReports
from ..http.polling import OUTAGE, poll_once, retry_after_of, sleep_between
from ..http.retry import poll_intervals
from ..wire import Wire
from .backend import JobBackend
from .job import Job
from .wait import JobWait


@dataclass
class _Watched:
    """One of the jobs: its wait, and the pause until its next poll, which began `began` seconds into the wait."""

    name: str
    wait: JobWait
    intervals: Iterator[float]
    reports: OutageReports
    pause: float = 0.0
    began: float = 0.0
    asked: float | None = None

    def left(self) -> float:
        """Return the seconds until the next poll."""
        return self.pause - (self.wait.seconds - self.began)

    def put_off(self, asked: float | None) -> None:
        """Schedule the next poll; raise what ends the wait."""
        self.asked = asked
        self.pause, self.began = self.wait.pause_or_end(next(self.intervals), asked), self.wait.seconds
        if (error := self.wait.last_error) is not None:
            silent = self.wait.seconds - self.wait.good
            self.reports.failed(error, silent=silent, retry_in=self.pause, longest=OUTAGE)


async def watch(
    backend: JobBackend, waits: Sequence[tuple[str, JobWait]], on_outage: OnOutage | None = None
) -> AsyncIterator[Job]:
    """Yield each job at first and whenever its status has changed, until all have ended.

    A wait that ends without its job having ended does not end the others: the first such error is raised at last.
    """
    wire = backend.wire
    under_way = [_Watched(name, wait, poll_intervals(), OutageReports(name, on_outage)) for name, wait in waits]
    failures: list[MaasError] = []
    while under_way:
        one = min(under_way, key=_Watched.left)
        await _rest(wire, one, under_way)
        try:
            if one.wait.is_early(one.pause, one.asked):
                raise one.wait.over() or one.wait.out_of_time()
            answered_before = one.wait.good
            found = await poll_once(wire, one.wait, partial(backend.poll, one.name))
            if found is not None:
                one.reports.answered(silent=one.wait.good - answered_before)
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
    """Sleep until a job's next poll; the time passes for the other jobs as well."""
    if (pause := one.left()) <= 0:
        return
    await sleep_between(wire, one.wait, pause)
    for other in under_way:
        if other is not one:
            other.wait.tick(wire.now(), wire.clock())
