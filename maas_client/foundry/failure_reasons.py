"""Why a job of Foundry failed: at which stage, whether it is charged, and what to do.

learn.microsoft.com/azure/foundry/openai/how-to/fine-tuning-safety-evaluation and fine-tuning-cost-management (2026): a
job that fails in a check is not charged, nor is its safety evaluation; one that the service fails is charged up to the
last checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_FREE = "The job is not charged"
_TO_CHECKPOINT = "The job is charged up to its last checkpoint"


@dataclass(frozen=True, slots=True)
class FailureReason:
    """The stage at which a job failed, whether it is charged, and what to do, if anything is known.

    `is_charged` is None if that depends on how far the training was.
    """

    stage: str
    is_charged: bool | None
    remedy: str = ""

    def __str__(self) -> str:
        charged = _FREE if self.is_charged is False else _TO_CHECKPOINT
        return f"{self.stage}. {charged}." + (f" {self.remedy}." if self.remedy else "")


_ROWS = FailureReason(
    "The job failed before its training, while its data was read",
    False,
    "`maas check FILE` reports every row that the service would reject",
)
_DATA = FailureReason(
    "The content check of the data has refused it before the training",
    False,
    "Remove the rows of these kinds; the check can also refuse texts that are full of personal data",
)
_REASONING = FailureReason(
    "The check of the data has refused prompts that ask for the model's reasoning",
    False,
    "Leave requests to think step by step, or to show the reasoning, out of the prompts",
)
_MODEL = FailureReason(
    "The training ended, and the safety evaluation has refused the tuned model, which cannot be deployed",
    False,
    "Review the training data for content of these kinds, and create another job",
)

_BY_TEXT: Sequence[tuple[tuple[str, ...], FailureReason]] = (
    (("validation of jsonl",), _ROWS),
    (("failed rai checks",), _DATA),
    (("reasoning extraction",), _REASONING),
    (("unable to be deployed", "model evaluation"), _MODEL),
)
"""Parts of the service's text in lower case, and what they mean."""


def failure_reason(code: str, message: str, *, started: bool) -> FailureReason:
    """Return what a job's error means.

    Args:
        code: the error's code.
        message: its text.
        started: whether the training had started.
    """
    if code.lower() == "jsonlvalidationfailed":
        return _ROWS
    words = message.lower()
    known = next((reason for parts, reason in _BY_TEXT if all(part in words for part in parts)), None)
    if known is not None:
        return known
    if not started:
        return FailureReason("The job failed before its training", False)
    return FailureReason("The job failed while it was training", None, "A new job may succeed")


def explained_failure(code: str, message: str, *, started: bool) -> str:
    """Return a job's error message, followed by the stage, what is charged and what to do."""
    said = message.strip()
    ended = said if said.endswith((".", "!", "?")) or not said else f"{said}."
    return f"{ended} {failure_reason(code, message, started=started)}".lstrip()
