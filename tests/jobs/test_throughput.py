"""How fast a job trains and when it will be done: computed from its measurements, never guessed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from maas_client import Job, JobStatus, MetricPoint
from maas_client.jobs.job import TOKENS
from maas_client.jobs.throughput import SEEN, epochs_of, time_left, tokens_per_second

MINUTE = "2026-01-01T00:{:02}:00Z"


def job(status: JobStatus = JobStatus.RUNNING, *, tokens: str = "", **hyperparameters: str) -> Job:
    return Job(status=status, hyperparameters=hyperparameters, properties={TOKENS: tokens})


def measured(*values: float) -> list[MetricPoint]:
    return [MetricPoint(10 * index, value, MINUTE.format(index)) for index, value in enumerate(values)]


def test_what_is_left_follows_from_the_pace_of_the_epochs_so_far() -> None:
    metrics = {"epoch": measured(0.1, 0.3, 0.5)}
    assert time_left(job(num_train_epochs="2"), metrics) == timedelta(minutes=7.5)
    assert time_left(job(n_epochs="2"), metrics) == timedelta(minutes=7.5)


def test_a_job_that_has_passed_its_last_epoch_has_nothing_left() -> None:
    assert time_left(job(num_train_epochs="1"), {"epoch": measured(0.5, 1.2)}) == timedelta()


@pytest.mark.parametrize("epochs", ["", "many", "nan", "inf", "0", "-1", "1e300"])
def test_no_throughput_is_reported_for_non_numeric_epochs(epochs: str) -> None:
    assert epochs_of(job(num_train_epochs=epochs)) is None
    assert time_left(job(num_train_epochs=epochs), {"epoch": measured(0.1, 0.2)}) is None


@pytest.mark.parametrize("values", [(), (0.1,), (0.2, 0.2), (0.2, 0.1), (float("nan"), 0.1)])
def test_no_throughput_is_reported_without_a_pace(values: tuple[float, ...]) -> None:
    assert time_left(job(num_train_epochs="1"), {"epoch": measured(*values)}) is None


def test_no_throughput_is_reported_for_points_without_a_time() -> None:
    points = [MetricPoint(1, 0.1, "yesterday"), MetricPoint(2, 0.2, "")]
    assert time_left(job(num_train_epochs="1"), {"epoch": points}) is None


def test_tokens_are_counted_as_the_trainer_counts_them() -> None:
    assert tokens_per_second(job(), {SEEN: measured(0, 6000, 12000)}, None) == 100.0


def test_a_completed_job_trained_the_tokens_of_the_service() -> None:
    ended = job(JobStatus.COMPLETED, tokens="12000")
    assert tokens_per_second(ended, {}, timedelta(minutes=2)) == 100.0
    assert tokens_per_second(ended, {}, None) is None


def test_a_running_job_has_not_trained_all_its_tokens_yet() -> None:
    assert tokens_per_second(job(tokens="12000"), {}, timedelta(minutes=2)) is None
