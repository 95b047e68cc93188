"""Jobs of Foundry are read from both of the service's shapes, and from anything else without an error."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client.errors import InvalidInput
from maas_client.foundry.job_directory import job_name
from maas_client.foundry.job_reading import FINGERPRINT, NAME, FoundryJob
from maas_client.jobs.job import JobStatus
from maas_client.jobs.phase import JobPhase

FRESH: dict[str, Any] = {
    "id": "ftjob-0123456789abcdef0123456789abcdef",
    "created_at": 1765377614,
    "hyperparameters": {"batch_size": -1, "learning_rate_multiplier": 1.0, "n_epochs": 50},
    "model": "Ministral-3B",
    "object": "fine_tuning.job",
    "seed": 170999531,
    "status": "pending",
    "training_file": "file-1",
    "validation_file": "file-2",
    "estimated_finish": 1765468527,
    "method": {
        "type": "supervised",
        "supervised": {"hyperparameters": {"batch_size": -1, "learning_rate_multiplier": 1.0, "n_epochs": 50}},
    },
    "suffix": "demo",
    "trainingType": "globalStandard",
}
"""A job as the service answers its creation (microsoft-foundry/fine-tuning on GitHub, output of a notebook)."""

PASSED_THROUGH: dict[str, Any] = {
    "id": "ftjob-AbCdEf",
    "object": "fine_tuning.job",
    "created_at": 1765377614,
    "finished_at": None,
    "error": {},
    "fine_tuned_model": None,
    "hyperparameters": {"n_epochs": "auto"},
    "organization_id": "org-1",
    "result_files": [],
    "status": "validating_files",
    "trained_tokens": None,
    "model": "gpt-4o-2024-08-06",
    "training_file": "file-AbC",
    "validation_file": None,
    "user_provided_suffix": "mine",
    "integrations": [],
    "metadata": None,
}
"""A job in the shape of OpenAI's own platform."""


def test_a_fresh_job_is_read() -> None:
    job = FoundryJob.read(FRESH)
    assert (job.name, job.id) == (FRESH["id"], FRESH["id"])
    assert (job.status, job.phase) == ("pending", JobPhase.WAITING)
    assert job.hyperparameters == {"batch_size": "auto", "learning_rate_multiplier": "1", "n_epochs": "50"}
    assert (job.created_at, job.estimated_finish) == ("2025-12-10T14:40:14Z", "2025-12-11T15:55:27Z")
    assert (job.training_data, job.validation_data, job.suffix) == ("file-1", "file-2", "demo")
    assert (job.output_model, job.error_code, job.trained_tokens, job.result_files) == (None, "", None, ())
    assert dict(job.raw) == FRESH


def test_a_job_in_the_shape_of_openai_is_read() -> None:
    job = FoundryJob.read(PASSED_THROUGH)
    assert (job.status, job.phase, job.method) == ("validating_files", JobPhase.WAITING, "supervised")
    assert (job.suffix, job.hyperparameters, job.tags) == ("mine", {"n_epochs": "auto"}, {})
    assert (job.error_code, job.error_message, job.output_model, job.finished_at) == ("", "", None, "")


def test_our_metadata_is_the_name_and_no_tag() -> None:
    metadata = {NAME: "ft-1", FINGERPRINT: "f" * 32, "team": "a", "deployment_options": [{"format": "Microsoft"}]}
    job = FoundryJob.read({**FRESH, "metadata": metadata})
    assert (job.name, job.fingerprint, job.tags) == ("ft-1", "f" * 32, {"team": "a"})


@pytest.mark.parametrize("word", ["running", "Running", "frozen", "cancelled"])
def test_a_status_is_kept_as_the_service_spells_it(word: str) -> None:
    job = FoundryJob.read({**FRESH, "status": word})
    assert job.status.value == word
    copied: list[Any] = [copy.deepcopy(job), pickle.loads(pickle.dumps(job))]
    assert [each.status.value for each in copied] == [word, word]
    assert isinstance(job.status, JobStatus)


def test_an_unknown_status_is_not_finished() -> None:
    job = FoundryJob.read({**FRESH, "status": "archiving"})
    assert (job.phase, job.status.is_final) == (JobPhase.UNKNOWN, False)


def test_a_failed_job_has_no_model() -> None:
    job = FoundryJob.read(
        {**FRESH, "status": "failed", "fine_tuned_model": "m", "error": {"code": "c", "message": "t"}}
    )
    assert (job.output_model, job.error_code, job.error_message) == (None, "c", "t")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*FRESH, "metadata", "error", "result_files"], JSON)))
def test_any_document_is_read(document: dict[str, Any]) -> None:
    job = FoundryJob.read(document)
    assert job.phase in JobPhase
    assert job.to_json()
    assert repr(job)
    assert hash(job) is not None


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("ft-1", "ft-1"),
        (" ftjob-1 ", "ftjob-1"),
        ("https://ai.azure.com/resource/finetune/ftjob-0123abCD?wsid=/subscriptions/1", "ftjob-0123abCD"),
        ("https://ai.azure.com/nextgen/r/x/build/fine-tune#ftjob-9", "ftjob-9"),
    ],
)
def test_a_job_is_named_by_its_name_its_id_or_a_url(reference: str, name: str) -> None:
    assert job_name(reference) == name


def test_a_url_without_an_id_names_no_job() -> None:
    with pytest.raises(InvalidInput, match="does not name a job"):
        job_name("https://ai.azure.com/resource/finetune")
