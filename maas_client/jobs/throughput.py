"""How fast a job trains, and when it will be done: computed from what it has measured, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from ..core.timestamps import parse_timestamp
from .phase import JobPhase

if TYPE_CHECKING:
    from ..core.metrics import MetricPoint
    from .job import Job

    Metrics = Mapping[str, Sequence[MetricPoint]]

EPOCHS = ("num_train_epochs", "n_epochs")
"""Hyperparameters that say how many epochs there will be, in both of Azure's vocabularies."""

SEEN = "num_input_tokens_seen"
"""What the trainer counts while it trains, where that is enabled (transformers, `include_num_input_tokens_seen`)."""


def epochs_of(job: Job) -> float | None:
    """Return how many epochs a job will train, if it says so."""
    given = next((job.hyperparameters[name] for name in EPOCHS if name in job.hyperparameters), "")
    try:
        epochs = float(given)
    except ValueError:
        return None
    return epochs if 0 < epochs < 1e6 else None


def time_left(job: Job, metrics: Metrics) -> timedelta | None:
    """Return how long the training will continue from the last measurement on, at the pace of all epochs so far.

    None until there are two measurements of `epoch`, and for a job that does not say how many there will be.
    """
    epochs, measured = epochs_of(job), metrics.get("epoch", ())
    if epochs is None or len(measured) < 2:
        return None
    rate = _rate(measured[0], measured[-1])
    if rate is None:
        return None
    seconds = max(epochs - measured[-1].value, 0.0) / rate
    return timedelta(seconds=seconds) if seconds < timedelta.max.total_seconds() else None


def tokens_per_second(job: Job, metrics: Metrics, ran: timedelta | None) -> float | None:
    """Return the tokens that are trained on per second: as the trainer counts them, or as the service did at the end.

    Args:
        job: the job; its properties count all tokens once it has completed.
        metrics: what it has measured.
        ran: how long it has trained.
    """
    seen = metrics.get(SEEN, ())
    if len(seen) >= 2 and (rate := _rate(seen[0], seen[-1])) is not None:
        return rate
    counted = trained_tokens(job)
    if job.phase == JobPhase.DONE and counted is not None and ran:
        return counted / ran.total_seconds()
    return None


def trained_tokens(job: Job) -> int | None:
    """Return the tokens that a job was trained on, as the service counts them at the end; None if it does not."""
    return job._counted_tokens()  # pyright: ignore[reportPrivateUsage] -- each platform's job counts in its own place


def _rate(first: MetricPoint, last: MetricPoint) -> float | None:
    """Return the growth per second between two points; None where there is none, or no time that passed."""
    began, ended = parse_timestamp(first.at), parse_timestamp(last.at)
    if began is None or ended is None or ended <= began:
        return None
    rate = (last.value - first.value) / (ended - began).total_seconds()
    return rate if 0 < rate < float("inf") else None
