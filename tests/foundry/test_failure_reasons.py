"""Why a job failed is reported with its stage, whether it is charged, and what to do."""

from __future__ import annotations

import pytest

from maas_client import Job, JobFailed
from maas_client.foundry.failure_reasons import explained_failure, failure_reason

DATA = (
    "The provided training data failed RAI checks for harm types: [hate_fairness, self_harm, violence]. Please fix the "
    "data and try again."
)
MODEL = (
    "This model is unable to be deployed. Model evaluation identified that this fine tuned model scores above "
    "acceptable thresholds for [Violence, Self Harm]. Please review your training data set and resubmit the job."
)


@pytest.mark.parametrize(
    ("code", "message", "stage", "remedy"),
    [
        ("jsonlValidationFailed", "Row 3 is invalid", "while its data was read", "`maas check FILE`"),
        ("invalidPayload", "Validation of jsonl file failed: row 3", "while its data was read", "`maas check FILE`"),
        ("", DATA, "content check of the data", "personal data"),
        ("", "Refused as reasoning extraction.", "ask for the model's reasoning", "step by step"),
        ("", MODEL, "safety evaluation has refused the tuned model", "create another job"),
    ],
)
@pytest.mark.parametrize("started", [True, False])
def test_what_a_check_refuses_is_not_charged(code: str, message: str, stage: str, remedy: str, started: bool) -> None:
    reason = failure_reason(code, message, started=started)
    assert reason.is_charged is False
    assert stage in reason.stage
    assert remedy in reason.remedy
    explained = explained_failure(code, message, started=started)
    assert explained.startswith(message)
    assert "The job is not charged." in explained


@pytest.mark.parametrize(("started", "is_charged"), [(True, None), (False, False)])
def test_another_failure_is_charged_by_how_far_it_was(started: bool, is_charged: bool | None) -> None:
    assert failure_reason("internalFailure", "An error.", started=started).is_charged is is_charged
    explained = explained_failure("internalFailure", "Lost a node", started=started)
    assert ("charged up to its last checkpoint" in explained) == started
    assert explained.startswith("Lost a node. The job failed ")


def test_a_failure_without_words_has_a_stage() -> None:
    assert explained_failure("", "", started=False) == "The job failed before its training. The job is not charged."


def test_the_reason_of_a_failed_job_reads_as_sentences() -> None:
    error = JobFailed(Job(name="ft-1"), code="", reason=explained_failure("", DATA, started=False))
    assert f"job 'ft-1' failed: {DATA} The content check of the data has refused it" in str(error)
