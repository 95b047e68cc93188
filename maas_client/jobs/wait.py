"""When a wait for a job is over, decided from what was seen and when: one clock for the queue, one for the run."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from ..core.errors import MaasError
from ..http.polling import Elapsed, Wait
from .errors import JobStalled
from .job import Job
from .phase import JobPhase


@dataclass
class JobWait(Wait):
    """One wait for a job. All times are in seconds.

    `queued` counts what passed while the job had not begun to train, `ran` what passed since; a job that is sent back
    to the queue continues with the first. `since` is when its status was first seen, into the wait.
    """

    max_queue: float | None = None
    patience: float = 600.0
    job: Job | None = None
    since: float = 0.0
    queued: float = 0.0
    ran: float = 0.0

    def tick(self, wall: float, clock: float, *, slept: float | None = None) -> float:
        """Take a reading of both clocks; what has passed counts for the status that was seen last."""
        step = super().tick(wall, clock, slept=slept)
        if self._is_queued:
            self.queued += step
        elif self.job is not None:
            self.ran += step
        return step

    def saw(self, job: Job) -> bool:
        """Take note of a look at the job; say whether its status is another one than before."""
        changed = self.job is None or self.job.status != job.status
        self.since = self.seconds if changed else self.since
        self.job = job
        self.succeeded()
        return changed

    def over(self) -> MaasError | None:
        """Return why the wait ends without the job having ended, or None while it continues."""
        job, stood = self.job, self.seconds - self.since
        is_stalled = job is not None and job.phase == JobPhase.PAUSED
        if job is not None and is_stalled and stood >= self.patience:
            return JobStalled(job, f"{self.what} has been {job.status} for {stood:.0f} s; it may come back on its own")
        if job is not None and self._queue_left() <= 0:
            return self.timed_out(f"has not started ({job.status}, {self.queued:.0f} s in the queue)", job)
        return self.out_of_time() if self.left() <= 0 else None

    def pause_or_end(self, interval: float, asked: float | None) -> float:
        """Return the seconds until the next poll; raise what ends the wait."""
        if (end := self.over()) is not None:
            raise end
        return self.pause(interval, asked)

    def out_of_time(self) -> MaasError:
        """Return the error for a wait that has to end before the service wants to be asked again, or is over."""
        if self.job is None:
            return self.timed_out("is in an unknown state")
        clocks = f"{self.queued:.0f} s in the queue, {self.ran:.0f} s since"
        return self.timed_out(f"is {self.job.status} ({clocks})", self.job)

    def left(self) -> float:
        """Return the seconds until the wait's time is up, or the queue's."""
        return min(super().left(), self._queue_left())

    def _queue_left(self) -> float:
        return inf if self.max_queue is None or not self._is_queued else self.max_queue - self.queued

    @property
    def _is_queued(self) -> bool:
        return self.job is not None and self.job.status.is_waiting


def wait_for_job(
    name: str, elapsed: Elapsed, *, timeout: float | None, max_queue: float | None, patience: float
) -> JobWait:
    """Begin to wait for a job."""
    resume = f"`maas jobs watch {name}` or jobs.wait({name!r})"
    return JobWait(f"job {name!r}", resume, elapsed, timeout, max_queue=max_queue, patience=patience)
