"""One entry of what a service reports about a job while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..core.plain_values import PlainValue
from ..core.timestamps import parse_timestamp


@dataclass(frozen=True, slots=True)
class JobEvent(PlainValue):
    """An event of a job.

    `at` is the service's time (ISO 8601), `level` is info, warning or error, `message` is the service's text, and
    `kind` is `message`, or `metrics` for a measurement. A level or kind that the service adds later is kept as it is.
    """

    at: str
    level: str
    message: str
    kind: str = "message"
    id: str = ""

    @property
    def time(self) -> datetime | None:
        """When it happened, with its time zone; None if the service does not say."""
        return parse_timestamp(self.at)

    @property
    def is_problem(self) -> bool:
        """Whether it is a warning or an error."""
        return self.level in {"warning", "error"}

    def __str__(self) -> str:
        noted = f"{self.level}: " if self.is_problem else ""
        return f"{self.at} {noted}{self.message}".lstrip()
