"""What happens to jobs that are followed, told in lines: states, what they write, and alarms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..output.printer import Printer

if TYPE_CHECKING:
    from ... import Job
    from ...jobs.alarms import Alarm


@dataclass(frozen=True, slots=True)
class PlainLines:
    """Writes lines about jobs, JSON lines among them; `name_width` is the length of the longest name.

    `to_stderr` keeps stdout for what follows.
    """

    printer: Printer
    name_width: int
    to_stderr: bool = False

    def state(self, job: Job) -> None:
        """Write a status: JSON lines are data, and so is a plain line."""
        if self._is_data:
            self.printer.document(job.model_dump(mode="json"))
            return
        line = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}  {job.name}  {job.status.value}"
        if self.to_stderr or self.printer.is_json:
            self.printer.note(line)
        else:
            self.printer.line(line)

    def lines(self, name: str, lines: Iterable[str]) -> None:
        """Write what a job has written, its name before each line."""
        for line in lines:
            if self._is_data:
                self.printer.document({"name": name, "line": line})
            else:
                self.printer.line(f"{name:<{self.name_width}} | {line}")

    def alarm(self, name: str, alarm: Alarm) -> None:
        """Write an alarm."""
        if self._is_data:
            self.printer.document({"name": name, "alarm": alarm.to_dict()})
        else:
            self.printer.note(f"warning: {name}: {alarm}")

    @property
    def _is_data(self) -> bool:
        return self.printer.output == "jsonl" and not self.to_stderr
