"""Events of watched jobs as plain or JSON lines: changes of status and stage, log lines and alarms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..output.printer import Printer

if TYPE_CHECKING:
    from ... import Job
    from ...jobs.alarms import Alarm
    from ...jobs.step import JobStep


@dataclass(frozen=True, slots=True)
class PlainLines:
    """Prints events of jobs as lines; `name_width` is the length of the longest job name.

    `to_stderr` keeps stdout free for what the command prints afterwards.
    """

    printer: Printer
    name_width: int
    to_stderr: bool = False

    def state(self, job: Job) -> None:
        """Print a status change: to stdout as a JSON line or a plain line, to stderr as a note."""
        if self._is_data:
            self.printer.document(job.model_dump(mode="json"))
            return
        self._event(job.name, job.status.value)

    def stage(self, name: str, stage: str) -> None:
        """Print the stage that a running job has reached."""
        if self._is_data:
            self.printer.document({"name": name, "stage": stage})
            return
        self._event(name, stage)

    def step(self, name: str, step: JobStep) -> None:
        """Print a status change of a pipeline's step."""
        if self._is_data:
            self.printer.document({"name": name, "step": step.model_dump(mode="json")})
            return
        self._event(name, f"step {step.name} {step.status.value}")

    def lines(self, name: str, lines: Iterable[str]) -> None:
        """Print log lines of a job, prefixed with its name."""
        for line in lines:
            if self._is_data:
                self.printer.document({"name": name, "line": line})
            else:
                self.printer.line(f"{name:<{self.name_width}} | {line}")

    def alarm(self, name: str, alarm: Alarm) -> None:
        """Print an alarm."""
        if self._is_data:
            self.printer.document({"name": name, "alarm": alarm.to_dict()})
        else:
            self.printer.note(f"warning: {name}: {alarm}")

    def outage(self, name: str, text: str) -> None:
        """Print that the service does not answer, or does so again; always a note, because it is not about the job."""
        if text:
            self.printer.note(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}  {name}  {text}")

    def _event(self, name: str, what: str) -> None:
        """Print what has happened to a job, with the time."""
        line = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}  {name}  {what}"
        if self.to_stderr or self.printer.is_json:
            self.printer.note(line)
        else:
            self.printer.line(line)

    @property
    def _is_data(self) -> bool:
        return self.printer.output == "jsonl" and not self.to_stderr
