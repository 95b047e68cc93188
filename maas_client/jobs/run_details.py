"""What a platform records about a job's run: times, warnings, log files, the reason of a failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..core.plain_values import PlainValue
from ..core.timestamps import parse_timestamp


@dataclass(frozen=True, slots=True)
class RunDetails(PlainValue):
    """What run history knows of a job: the error it keeps, its times (ISO 8601) and its log files by name.

    The addresses of the log files lack their signatures: `jobs.logs` and `jobs.download` read them. `stage` is what the
    job is doing, such as "safety evaluation", and `billed_tokens` what its training costs, where the service says.
    The error of a pipeline job is that of the step that failed first, `failed_step`, whose run is `failed_run`.
    """

    status: str
    started: str
    ended: str
    error_code: str
    error_message: str
    warnings: tuple[str, ...]
    log_files: Mapping[str, str] = field(repr=False)
    stage: str = ""
    billed_tokens: int | None = None
    failed_step: str = ""
    failed_run: str = ""

    @property
    def start(self) -> datetime | None:
        """When the run started, with its time zone."""
        return parse_timestamp(self.started)

    @property
    def end(self) -> datetime | None:
        """When the run ended, with its time zone."""
        return parse_timestamp(self.ended)

    def duration(self, now: datetime) -> timedelta | None:
        """Return how long the job has trained until it ended, or until `now`; None if it has not started."""
        started, ended = parse_timestamp(self.started), parse_timestamp(self.ended)
        return None if started is None else (ended or now) - started
