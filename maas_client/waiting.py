"""When a wait for a job is over, decided from what was seen and when. No I/O and no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from .errors import JobStalled, MaasError, WaitTimeout
from .job import Job, JobStatus
from .policy import OUTAGE


@dataclass(slots=True)
class Wait:
    """The clocks of one wait, in seconds: the whole, the queue's, and how long the status has stood still."""

    name: str
    started: float
    timeout: float | None = None
    max_queue: float | None = None
    patience: float = 600.0
    job: Job | None = None
    since: float = 0.0
    good: float = 0.0

    def saw(self, job: Job, now: float) -> bool:
        """Take note of a look at the job; say whether its status is another one than before."""
        changed = self.job is None or self.job.status != job.status
        self.since = now if changed else self.since
        self.job, self.good = job, now
        return changed

    def outlives(self, now: float, asked: float | None = None) -> bool:
        """Say whether the wait goes on after a look that failed, and before which the service asks for a pause."""
        return self.job is not None and now - self.good + (asked or 0.0) < OUTAGE

    def over(self, now: float) -> MaasError | None:
        """Return why the wait ends without the job having ended, or None while it goes on."""
        job, waited = self.job, now - self.started
        if job is None:
            return None
        if job.status in {JobStatus.NOT_RESPONDING, JobStatus.PAUSED} and now - self.since >= self.patience:
            stood = f"{now - self.since:.0f} s"
            return JobStalled(job, f"job {job.name!r} has been {job.status} for {stood}; it may come back on its own")
        queued = self.max_queue is not None and waited >= self.max_queue
        if queued and job.status.is_waiting:
            return WaitTimeout(f"job {self.name!r} has not started ({job.status})", waited, job, self.resume)
        if self.timeout is not None and waited >= self.timeout:
            return WaitTimeout(f"job {self.name!r} is {job.status}", waited, job, self.resume)
        return None

    @property
    def resume(self) -> str:
        """How to go on, from this or any other process."""
        return f"`maas jobs watch {self.name}` or jobs.wait({self.name!r})"

    def pause(self, interval: float, asked: float | None, now: float) -> float:
        """Return the seconds until the next look: never sooner than asked, and not beyond the end of the wait."""
        return min(max(interval, asked or 0.0), max(self._left(now), 0.0))

    def timed_out(self, now: float) -> WaitTimeout:
        """Return the error for a wait that has to end before the service wants to be asked again."""
        status = "in an unknown state" if self.job is None else self.job.status
        return WaitTimeout(f"job {self.name!r} is {status}", now - self.started, self.job, self.resume)

    def _left(self, now: float) -> float:
        waiting = self.job is not None and self.job.status.is_waiting
        limits = [self.timeout, self.max_queue if waiting else None]
        return min((limit - (now - self.started) for limit in limits if limit is not None), default=inf)
