"""The phase of a job: the few states that every platform's own statuses amount to."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class JobPhase(StrEnum):
    """What a job does, whatever its platform calls it; `Job.status` is the platform's own word."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """Whether the job has ended. An unknown status is one of a job that has not."""
        return self in {JobPhase.DONE, JobPhase.FAILED, JobPhase.CANCELED}


_STATUSES: Mapping[JobPhase, tuple[str, ...]] = {
    # Azure Machine Learning: azure-ai-ml 1.35.2, `models/_enums.py` (JobStatus). CancelRequested still runs.
    JobPhase.WAITING: ("NotStarted", "Starting", "Provisioning", "Preparing", "Queued"),
    JobPhase.RUNNING: ("Running", "Finalizing", "CancelRequested"),
    # Assumption: A job that is Paused or NotResponding can continue: azure-ai-ml 1.35.2 counts both as ended
    #   (`_run_history_constants.py`), and says of NotResponding that it may return to any status (`models/_enums.py`).
    # Shown wrong by: A job with one of these statuses and an `endTimeUtc` in its run.
    # Verified by: newest job, job to its end
    # If wrong: `jobs.wait` waits until its timeout for a job that has ended.
    JobPhase.PAUSED: ("Paused", "NotResponding"),
    JobPhase.DONE: ("Completed",),
    JobPhase.FAILED: ("Failed",),
    JobPhase.CANCELED: ("Canceled",),
}
_OPENAI_STATUSES: Mapping[JobPhase, tuple[str, ...]] = {
    # Azure OpenAI 2025-04-01-preview and v1 (`FineTuningJob.status`).
    JobPhase.WAITING: ("pending", "created", "validating_files", "queued"),
    JobPhase.RUNNING: ("running", "pausing", "resuming"),
    JobPhase.PAUSED: ("paused",),
    JobPhase.DONE: ("succeeded",),
    JobPhase.FAILED: ("failed",),
    JobPhase.CANCELED: ("cancelled", "canceled"),
}

STATUSES = tuple(
    dict.fromkeys(word for statuses in (_STATUSES, _OPENAI_STATUSES) for words in statuses.values() for word in words)
)
"""Every status that a platform's documentation names, as it spells it."""

_PHASES = {
    status.lower(): phase
    for statuses in (_STATUSES, _OPENAI_STATUSES)
    for phase, words in statuses.items()
    for status in words
}


def phase_of(status: str) -> JobPhase:
    """Return the phase that a platform's status belongs to, in any case; `unknown` for a word that no platform has."""
    return _PHASES.get(status.lower(), JobPhase.UNKNOWN)
