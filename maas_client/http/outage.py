"""What a wait reports while the service does not answer: since when, why, and when it is asked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..core.errors import MaasError
from ..core.plain_values import PlainValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage(PlainValue):
    """A poll that failed, or the end of a series of failed polls, of a wait that continues. Times are in seconds.

    `seconds` have passed since the last answer, or since the wait began. `error` is why the last poll failed, None once
    the service has answered again. The next poll follows after `retry_in`, and the wait gives up after `gives_up_in`.
    """

    name: str
    seconds: float
    error: MaasError | None = None
    retry_in: float = 0.0
    gives_up_in: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether the service has answered again."""
        return self.error is None


OnOutage = Callable[[Outage], object]
"""Called for each failed poll, and once the service has answered again."""


class OutageReports:
    """Reports the failed polls of one wait, and their end once."""

    def __init__(self, name: str, report: OnOutage | None) -> None:
        self._name, self._report = name, report
        self._is_out = False

    def failed(self, error: MaasError, *, silent: float, retry_in: float, longest: float) -> None:
        """Report a failed poll, `silent` seconds after the last answer; `longest` of them end the wait."""
        self._is_out = True
        left = max(longest - silent, 0.0)
        self._notify(Outage(name=self._name, seconds=silent, error=error, retry_in=retry_in, gives_up_in=left))

    def answered(self, *, silent: float) -> None:
        """Report that the service answers again, if it did not."""
        if self._is_out:
            self._is_out = False
            self._notify(Outage(name=self._name, seconds=silent))

    def _notify(self, outage: Outage) -> None:
        if self._report is not None:
            self._report(outage)
