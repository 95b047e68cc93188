"""A step of a pipeline job, as run history records it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, computed_field

from ..core.json_fields import Document, text
from ..core.timestamps import parse_timestamp
from ..core.values import Text, Value, at
from ..rendering.html import card, fields, format_timestamp, state
from .job import JobStatus, Status
from .phase import JobPhase, phase_of


class JobStep(Value):
    """A step of a pipeline job. `raw` keeps the service's whole document.

    `name` is what the component calls the step, and `run` its run's name, by which `jobs.details`, `jobs.metrics` and
    `jobs.logs` know it. A step that `is_reused` was not run again: its result is that of an earlier job.
    """

    _shown_first = ("name", "status")

    name: Text = ""
    run: Annotated[Text, at("runId")] = ""
    status: Annotated[Status, at("status")] = JobStatus.UNKNOWN
    target: Annotated[Text, at("target")] = ""
    started: Annotated[Text, at("startTimeUtc")] = ""
    ended: Annotated[Text, at("endTimeUtc")] = ""
    parent: Annotated[Text, at("parentRunId")] = ""
    is_reused: Annotated[
        bool,
        BeforeValidator(lambda value: str(value).lower() == "true"),
        at("properties", "azureml.isreused"),
    ] = False
    error_code: Annotated[Text, at("error", "error", "code")] = ""
    error_message: Annotated[Text, at("error", "error", "message")] = ""

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know decorators of properties
    @property
    def phase(self) -> JobPhase:
        """What the step does, in one word."""
        return phase_of(self.status.value)

    @property
    def start(self) -> datetime | None:
        """When it started, with its time zone."""
        return parse_timestamp(self.started)

    @property
    def end(self) -> datetime | None:
        """When it ended, with its time zone."""
        return parse_timestamp(self.ended)

    def __str__(self) -> str:
        return f"step {self.name}: {self.status}"

    def _repr_html_(self) -> str:
        clocks = [("started", format_timestamp(self.started)), ("ended", format_timestamp(self.ended))]
        return card(f"step {self.name}", fields([("status", state(self.status.value)), ("run", self.run), *clocks]))

    @classmethod
    def of(cls, document: Document) -> JobStep:
        """Read a run's document; fields of an unexpected type count as absent."""
        name = text(document, "properties", "azureml.moduleName") or text(document, "displayName")
        return cls.read({**document, "name": name or text(document, "runId")})


def first_failed(steps: Iterable[JobStep]) -> JobStep | None:
    """Return the step that failed first, which is the reason of everything after it; None if none has failed."""
    failed = [step for step in steps if step.phase == JobPhase.FAILED]
    return min(failed, key=lambda step: step.ended or "9", default=None)


# Assumption: Run history names a step in `properties.azureml.moduleName`, and the name of the step that trains ends
#   with `finetune`.
# Shown wrong by: A run of the training step without this property, or with another name.
# Verified by: pipeline job results
# If wrong: The metrics of a pipeline job are empty unless its own run has them.
TRAINS = "finetune"
"""What the name of the step that trains ends with, in the components for chat completion and text generation."""


def training_step(steps: Iterable[JobStep]) -> JobStep | None:
    """Return the step that trains, which logs the metrics; None while it has not begun."""
    return next((step for step in steps if step.name.endswith(TRAINS)), None)
