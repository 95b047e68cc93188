"""What a view or a line says while the service does not answer: since when, why, and when it is asked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...core.text import one_line
from ..app.error_messages import message_of
from ..output.durations import format_duration

if TYPE_CHECKING:
    from ... import Outage

REPEAT_AFTER = 300.0
"""Seconds after which lines repeat that there is still no answer."""


@dataclass(frozen=True, slots=True)
class ShownOutage:
    """An outage in clock times, so that a view can count down."""

    since: datetime
    retry_at: datetime
    why: str
    gives_up_at: datetime

    @classmethod
    def of(cls, outage: Outage, now: datetime) -> ShownOutage:
        """Return what is shown of an outage that continues."""
        why = "" if outage.error is None else one_line(message_of(outage.error))
        return cls(
            now - timedelta(seconds=outage.seconds),
            now + timedelta(seconds=outage.retry_in),
            why,
            now + timedelta(seconds=outage.gives_up_in),
        )

    def text(self, now: datetime) -> str:
        """Return the state of an outage: how long, when it is tried again, and why."""
        left = max(round((self.retry_at - now).total_seconds()), 0)
        retry = f"retrying in {left} s" if left else "retrying now"
        end = f"giving up at {self.gives_up_at.astimezone():%H:%M}"
        since = f"{self.since.astimezone():%H:%M:%S} ({format_duration(now - self.since)})"
        return f"no answer since {since}; {retry}, {end}: {self.why}"


@dataclass(slots=True)
class OutageLines:
    """Decides which failed polls of a job are worth a line: the first one, and one at intervals."""

    printed: float | None = None

    def line(self, outage: Outage, now: datetime) -> str:
        """Return the line to print; empty for a failed poll soon after another."""
        if outage.is_over:
            self.printed = None
            return f"the service answers again, after {format_duration(timedelta(seconds=outage.seconds))}"
        if self.printed is not None and outage.seconds - self.printed < REPEAT_AFTER:
            return ""
        self.printed = outage.seconds
        return ShownOutage.of(outage, now).text(now)
