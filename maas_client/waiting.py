"""When a wait for a job is over, decided from what was seen and when. No I/O and no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import JobStalled, MaasError, WaitTimeout
from .job import Job, JobStatus

OUTAGE = 3600.0
"""Seconds of uninterrupted trouble after which a wait gives up: a poll's error is not the job's."""


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

    def outlives(self, now: float) -> bool:
        """Say whether the wait goes on after a look that failed."""
        return self.job is not None and now - self.good < OUTAGE

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
        """Return the seconds until the next look: never sooner than asked, at most one interval past the end."""
        seconds = max(interval, asked or 0.0)
        limits = [limit for limit in (self.timeout, self._queue_limit) if limit is not None]
        left = min((limit - (now - self.started) for limit in limits), default=seconds)
        return max(asked or 0.0, min(seconds, max(left, 1.0)))

    @property
    def _queue_limit(self) -> float | None:
        return self.max_queue if self.job is not None and self.job.status.is_waiting else None
