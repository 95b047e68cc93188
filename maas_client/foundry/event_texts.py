"""What a job's events report: losses by step, the stage that the job is in, result files, billed tokens, times.

Foundry reports a running job by events only, and what they mean is in their texts. Those here are the texts of real
jobs, in outputs of the notebooks of microsoft-foundry/fine-tuning on GitHub (Oct 2026). Whether a job has ended is
never decided by them: "Job succeeded." comes while its safety evaluation is still to be done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..core.json_fields import Document, dig, is_object, text
from ..core.metrics import MetricPoint, metric_value
from ..core.redaction import redact
from ..core.text import one_line
from ..core.timestamps import unix_timestamp
from ..jobs.job_event import JobEvent
from .metric_names import metric_name

WAITING_FOR_JOBS = "waiting for other jobs"
PREPROCESSING = "preprocessing"
PREPARING = "preparing"
WAITING_FOR_GPUS = "queued for GPUs"
TRAINING = "training"
SAFETY_EVALUATION = "safety evaluation"
FINISHING = "finishing"

# Assumption: The events of every job have the texts of the supervised jobs that Microsoft has published.
# Shown wrong by: An event that begins with none of these texts.
# Verified by: newest tuning job, tuning job results
# If wrong: The stage, the losses until the results table is there, and the billed tokens are not shown.
# Also in: mock_server/training/foundry_events.py
_STAGES: Sequence[tuple[str, str]] = (
    ("job enqueued", WAITING_FOR_JOBS),
    ("preprocessing ", PREPROCESSING),
    ("job started", PREPARING),
    ("data import", PREPARING),
    ("finetuning started", PREPARING),
    ("job queued, waiting for gpus", WAITING_FOR_GPUS),
    ("training started", TRAINING),
    ("step ", TRAINING),
    ("job succeeded", SAFETY_EVALUATION),
    ("model evaluation passed", FINISHING),
    ("model safety evaluation", SAFETY_EVALUATION),
    ("training tokens billed", FINISHING),
)
"""Beginnings of messages in lower case, and the stage that a job is in from then on."""

_STEP = re.compile(r"step (\d{1,15})\b", re.IGNORECASE)
_MEASURED = re.compile(r"=\s?([^\s,;]{1,40})")
_RESULT_FILE = re.compile(r"(?:Created|Completed) results file: (\S{1,200})", re.IGNORECASE)
_BILLED = re.compile(r"Training tokens billed: (\d{1,18})\b", re.IGNORECASE)
_LONGEST_MESSAGE = 4_000
_LEVELS: Mapping[str, str] = {"warn": "warning"}


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What a job's events report.

    `stage` is empty while no event names one. `result_files` are the ids of its results tables, the newest last.
    `training_started` and `training_ended` are ISO 8601, empty before; after a pause the first start counts.
    """

    metrics: Mapping[str, tuple[MetricPoint, ...]]
    stage: str = ""
    result_files: tuple[str, ...] = ()
    billed_tokens: int | None = None
    training_started: str = ""
    training_ended: str = ""
    warnings: tuple[str, ...] = ()


def read_events(documents: Iterable[object]) -> tuple[JobEvent, ...]:
    """Return events, each once and the oldest first, from the documents of their pages in any order.

    The service lists the newest first and counts time in seconds, so of events in one second the one that is listed
    later is the older one.
    """
    found: dict[object, Document] = {}
    for document in documents:
        if is_object(document):
            found.setdefault(text(document, "id") or len(found), document)
    listed = list(found.values())
    if listed and _seconds(listed[0]) >= _seconds(listed[-1]):
        listed.reverse()
    return tuple(map(event_of, sorted(listed, key=_seconds)))


def facts_of(events: Sequence[JobEvent]) -> EventFacts:
    """Return what events report, given the oldest first as `read_events` returns them; unknown texts are skipped.

    Args:
        events: all events of a job, or those so far.
    """
    messages = [event.message for event in events]
    billed = [int(found[1]) for message in messages if (found := _BILLED.match(message))]
    named = (found[1].rstrip(".") for message in messages if (found := _RESULT_FILE.match(message)))
    files = dict.fromkeys(named)
    stages = [stage for message in messages if (stage := stage_of(message))]
    starts = [event.at for event in events if stage_of(event.message) == TRAINING]
    ends = [event.at for event in events if event.message.lower().startswith("job succeeded")]
    return EventFacts(
        metrics=_metrics(events),
        stage=stages[-1] if stages else "",
        result_files=tuple(files),
        billed_tokens=billed[-1] if billed else None,
        training_started=starts[0] if starts else "",
        training_ended=ends[-1] if ends else "",
        warnings=tuple(event.message for event in events if event.is_problem),
    )


def stage_of(message: str) -> str:
    """Return the stage that begins or continues with an event of this message; empty if it names none."""
    start = message[:_LONGEST_MESSAGE].lower()
    return next((stage for beginning, stage in _STAGES if start.startswith(beginning)), "")


def _metrics(events: Sequence[JobEvent]) -> dict[str, tuple[MetricPoint, ...]]:
    """Return the metrics of messages such as `Step 10: training loss=1.93`; of several for one step the last counts."""
    found: dict[str, dict[int, MetricPoint]] = {}
    for event in events:
        step = _STEP.match(event.message)
        if step is None:
            continue
        number, start = int(step[1]), step.end()
        for measured in _MEASURED.finditer(event.message, start):
            name = event.message[start : measured.start()].rpartition(":")[2].strip(" ,;")
            value = metric_value(measured[1].rstrip("."))
            if name and value is not None:
                found.setdefault(metric_name(name), {})[number] = MetricPoint(number, value, event.at)
            start = measured.end()
    return {name: tuple(points[step] for step in sorted(points)) for name, points in found.items()}


def event_of(document: Document) -> JobEvent:
    """Return an event as a value."""
    level, kind = one_line(text(document, "level")).lower(), one_line(text(document, "type"))
    return JobEvent(
        at=unix_timestamp(dig(document, "created_at")),
        level=_LEVELS.get(level, level) or "info",
        message=redact(one_line(text(document, "message")[:_LONGEST_MESSAGE])),
        kind=kind or "message",
        id=one_line(text(document, "id")),
    )


def _seconds(document: Document) -> float:
    at = dig(document, "created_at")
    return at if isinstance(at, int | float) and not isinstance(at, bool) and at == at else 0.0
