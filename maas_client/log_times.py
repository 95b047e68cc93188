"""Which lines of a log are from a time on, by the times that lines begin with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .core.timestamps import moment


@dataclass(slots=True)
class Since:
    """Keeps the lines from a time on, all of them without one; a line that has no time belongs to the line before."""

    begin: datetime | None
    late: bool = False

    def keeps(self, line: str) -> bool:
        """Say whether the next line of the log is one of them."""
        if self.begin is None or self.late:
            return True
        at = moment(line.split(" ", 1)[0])
        # Lines are written in the order of time, but for clocks that are a little off: the first one decides.
        self.late = at is not None and at >= self.begin
        return self.late
