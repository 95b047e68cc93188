"""Fine-tuning jobs: made once whatever is lost, followed to any end, listed whatever is in the list."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import clusters
import pytest
from support import Clock, collect

from maas_client import (
    Conflict,
    Dataset,
    DatasetRefused,
    Hyperparameters,
    InvalidHyperparameter,
    InvalidInput,
    Job,
    JobCanceled,
    JobFailed,
    JobSpec,
    JobStalled,
    JobStatus,
    ModelRetired,
    NotFound,
    ServiceUnavailable,
    Throttled,
    UnknownModel,
    WaitTimeout,
)
from maas_client.client import Resources
from maas_client.datasets.rows.schemas import Task
from maas_client.http.retry import ATTEMPTS
from maas_client.jobs.alarms import alarms
from mock_server.server import Server

MODEL = "Phi-3-mini-4k-instruct"


def sent(server: Server, operation: str) -> list[dict[str, Any]]:
    """The journal's entries for one operation."""
    return [entry for entry in server.requests() if entry["operation"] == operation]


async def test_the_label_latest_is_the_newest_version(maas: Resources, maas_server: Server, rows: Path) -> None:
    older = await maas.datasets.upload(rows, name="news")
    rows.write_text(rows.read_text("utf-8").replace("question 3", "another question"), "utf-8")
    newer = await maas.datasets.upload(rows, name="news")
    assert older.id != newer.id
    job = await maas.jobs.create(model=MODEL, training_data="azureml:news@latest", validation_data=older)
    assert (job.training_data, job.validation_data) == (newer.id, older.id)
    job = await maas.jobs.create(model=MODEL, training_data=older, validation_data="news@latest")
    assert (job.training_data, job.validation_data) == (older.id, newer.id)
    planned = await maas.workflow.plan(JobSpec(model=MODEL, training_data="news@latest"))
    assert planned.training_data == newer.id
    assert len(sent(maas_server, "data.get_container")) == 3


async def test_only_the_label_latest_of_an_existing_asset_is_resolved(maas: Resources, maas_server: Server) -> None:
    with pytest.raises(InvalidInput, match="the label 'prod' of data asset 'news' cannot be resolved"):
        await maas.jobs.create(model=MODEL, training_data="azureml:news@prod")
    with pytest.raises(InvalidInput, match="'azureml:news' does not name data"):
        await maas.jobs.create(model=MODEL, training_data="azureml:news")
    with pytest.raises(NotFound, match="no data asset 'news' in workspace"):
        await maas.jobs.create(model=MODEL, training_data="azureml:news@latest")
    maas_server.fault(operation="data.get_container", status=200, body={"properties": {"latestVersion": None}})
    with pytest.raises(NotFound, match="news has no versions"):
        await maas.jobs.create(model=MODEL, training_data="azureml:news@latest")
    assert not sent(maas_server, "jobs.create")


async def test_a_job_is_created_from_files_and_followed_to_its_end(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    job = await maas.jobs.create(
        model=MODEL, training_data=rows, hyperparameters=Hyperparameters(num_train_epochs=2), tags={"team": "a"}
    )
    assert job.status == JobStatus.NOT_STARTED
    seen: list[str] = []
    done = await maas.jobs.wait(job.name, on_update=lambda look: seen.append(look.status))
    assert done.status == JobStatus.COMPLETED
    assert done.output_model == f"{job.name}-model:1"
    assert (done.model, done.tags, done.hyperparameters) == (MODEL, {"team": "a"}, {"num_train_epochs": "2"})
    assert seen == sorted(set(seen), key=seen.index)
    assert seen[-1] == "Completed"


async def test_validation_data_is_optional_and_goes_along_when_given(maas: Resources, rows: Path) -> None:
    alone = await maas.jobs.create(model=MODEL, training_data=rows)
    validation = rows.with_name("validation.jsonl")
    validation.write_text("".join(rows.read_text("utf-8").splitlines(keepends=True)[:1]), "utf-8")
    both = await maas.jobs.create(model=MODEL, training_data=rows, validation_data=validation)
    assert alone.validation_data == ""
    assert "/data/validation/versions/" in both.validation_data


@pytest.mark.parametrize("validation", ["news@latest", "news:{version}", "azureml:news:{version}", "{id}"])
async def test_a_data_asset_is_no_validation_data_of_itself(maas: Resources, rows: Path, validation: str) -> None:
    dataset = await maas.datasets.upload(rows, name="news")
    named = validation.format(version=dataset.version, id=dataset.id)
    with pytest.raises(InvalidInput, match=r"news:.* is the training data too"):
        await maas.jobs.create(model=MODEL, training_data=dataset, validation_data=named)


async def test_training_data_may_be_named_in_every_way_that_azure_has(maas: Resources, rows: Path) -> None:
    dataset = await maas.datasets.upload(rows)
    ways: list[str | Dataset] = [
        dataset,
        dataset.id,
        f"{dataset.name}:{dataset.version}",
        f"azureml:{dataset.name}:{dataset.version}",
    ]
    jobs = [await maas.jobs.create(model=MODEL, training_data=way) for way in ways]
    assert {job.training_data for job in jobs} == {dataset.id}
    by_uri = await maas.jobs.create(model=MODEL, training_data=dataset.uri)
    assert by_uri.training_data == dataset.uri


async def test_own_compute_is_sent_the_same_way(maas: Resources, maas_server: Server, rows: Path) -> None:
    clusters.make(maas_server, "gpu-cluster")
    job = await maas.jobs.create(
        model="Phi-3-small-8k-instruct",
        training_data=rows,
        compute="gpu-cluster",
        instance_types=["Standard_NC24ads_A100_v4"],
        job_tier="Spot",
        hyperparameters={"apply_lora": True, "lora_r": 8},
    )
    properties = job.raw["properties"]
    assert sent(maas_server, "jobs.create")[0]["request_body"]["properties"]["computeId"] == "gpu-cluster"
    assert job.compute.endswith("gpu-cluster")
    assert properties["resources"]["instanceTypes"] == ["Standard_NC24ads_A100_v4"]
    assert properties["queueSettings"]["jobTier"] == "Spot"
    assert job.hyperparameters == {"apply_lora": "true", "lora_r": "8"}


async def test_a_lost_reply_on_create_makes_exactly_one_job(maas: Resources, maas_server: Server, rows: Path) -> None:
    maas_server.fault(operation="jobs.create", drop="after")
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    assert [listed.name for listed in await collect(maas.jobs.list())] == [job.name]
    assert len(sent(maas_server, "jobs.create")) == 1


async def test_a_create_that_never_arrived_is_sent_again(maas: Resources, maas_server: Server, rows: Path) -> None:
    maas_server.fault(operation="jobs.create", drop="before")
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    assert (await maas.jobs.get(job.name)).name == job.name


async def test_a_create_that_keeps_failing_is_a_typed_error(maas: Resources, maas_server: Server, rows: Path) -> None:
    maas_server.fault(operation="jobs.create", status=500, count=None)
    with pytest.raises(ServiceUnavailable):
        await maas.jobs.create(model=MODEL, training_data=rows)
    assert len(sent(maas_server, "jobs.create")) == 2


@pytest.mark.parametrize("status", [429, 503])
async def test_a_rejected_create_is_sent_no_more_than_any_request(
    maas: Resources, maas_server: Server, rows: Path, status: int
) -> None:
    maas_server.fault(operation="jobs.create", status=status, count=None)
    with pytest.raises((ServiceUnavailable, Throttled)):
        await maas.jobs.create(model=MODEL, training_data=rows)
    assert len(sent(maas_server, "jobs.create")) == ATTEMPTS


async def test_an_empty_answer_to_a_create_is_settled_by_reading_back(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    await maas.jobs.create(model=MODEL, training_data=rows, name="mine")
    maas_server.fault(operation="jobs.get", status=404)
    maas_server.fault(operation="jobs.create", status=200)
    job = await maas.jobs.create(model=MODEL, training_data=rows, name="mine")
    assert (job.name, job.model) == ("mine", MODEL)


async def test_the_same_request_under_one_name_is_one_job(maas: Resources, maas_server: Server, rows: Path) -> None:
    first = await maas.jobs.create(model=MODEL, training_data=rows, name="mine")
    second = await maas.jobs.create(model=MODEL, training_data=rows, name="mine")
    assert first.name == second.name == "mine"
    assert len(sent(maas_server, "jobs.create")) == 1


async def test_another_request_under_a_taken_name_is_a_conflict(maas: Resources, rows: Path) -> None:
    await maas.jobs.create(model=MODEL, training_data=rows, name="mine")
    with pytest.raises(Conflict, match="another job has this name"):
        await maas.jobs.create(model=MODEL, training_data=rows, name="mine", hyperparameters={"n_epochs": 2})


async def test_another_persons_job_of_the_name_is_a_conflict(maas: Resources, maas_server: Server, rows: Path) -> None:
    theirs = {"name": "nightly", "properties": {"jobType": "FineTuning", "status": "Running"}}
    maas_server.fault(operation="jobs.get", status=200, body=theirs)
    with pytest.raises(Conflict, match="another job has this name"):
        await maas.jobs.create(model=MODEL, training_data=rows, name="nightly")


async def test_nothing_is_sent_before_everything_has_been_checked(
    maas: Resources, maas_server: Server, rows: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "validation.jsonl"
    empty.write_bytes(b"")
    with pytest.raises(DatasetRefused, match=r"validation\.jsonl"):
        await maas.jobs.create(model=MODEL, training_data=rows, validation_data=empty)
    wrong_task = cast("Task", "bogus")  # what an untyped caller may write
    with pytest.raises(InvalidInput, match="there is no task 'bogus'"):
        await maas.jobs.create(model=MODEL, training_data=rows, task=wrong_task)
    with pytest.raises(InvalidInput, match="not a valid name for a model"):
        await maas.jobs.create(model=MODEL, training_data=rows, output_name="bad name")
    assert {entry["operation"].partition(".")[0] for entry in maas_server.requests()} <= {"registry"}


async def test_a_version_that_the_registry_denies_is_rejected(maas: Resources, rows: Path) -> None:
    with pytest.raises(UnknownModel):
        await maas.jobs.create(model="azureml://registries/azureml/models/Phi-4/versions/999", training_data=rows)


async def test_a_label_means_the_newest_version(maas: Resources, rows: Path) -> None:
    job = await maas.jobs.create(model="azureml://registries/azureml/models/Phi-4/labels/latest", training_data=rows)
    assert job.model_id == "azureml://registries/azureml/models/Phi-4/versions/8"


async def test_a_pause_longer_than_the_wait_ends_the_wait_at_once(
    maas: Resources, maas_server: Server, rows: Path, clock: Clock
) -> None:
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    maas_server.fault(operation="jobs.get", status=503, headers={"Retry-After": "1800"}, skip=1, count=None)
    began, looks = clock.now(), len(sent(maas_server, "jobs.get"))
    with pytest.raises(WaitTimeout, match="maas jobs watch"):
        await maas.jobs.wait(job.name, timeout=60)
    assert clock.now() - began <= 61
    assert len(sent(maas_server, "jobs.get")) == looks + 2


async def test_an_unknown_model_is_refused_with_the_nearest_names(maas: Resources, rows: Path) -> None:
    with pytest.raises(UnknownModel, match="Phi-3-mini-4k-instruct"):
        await maas.jobs.create(model="Phi-3-mini-4k-instuct", training_data=rows)


async def test_a_wrong_hyperparameter_is_rejected_before_any_request(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    with pytest.raises(InvalidHyperparameter, match="did you mean"):
        await maas.jobs.create(model=MODEL, training_data=rows, hyperparameters={"num_train_epoch": 3})
    assert maas_server.requests() == []


async def test_a_file_with_nine_usable_rows_makes_no_job(maas: Resources, maas_server: Server, rows: Path) -> None:
    rows.write_text("\n".join(rows.read_text("utf-8").splitlines()[:9]), "utf-8")
    with pytest.raises(DatasetRefused):
        await maas.jobs.create(model=MODEL, training_data=rows)
    assert sent(maas_server, "jobs.create") == []


async def test_a_retired_model_in_the_registry_is_used_with_a_warning(
    maas: Resources, rows: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await maas.jobs.create(model=MODEL, training_data=rows)
    assert "Phi-4-mini-instruct" in caplog.text
    assert "still lists it" in caplog.text


async def test_a_retired_unlisted_model_is_rejected_unless_allowed(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    maas_server.fault(operation="registry.*", status=404, count=None)
    with pytest.raises(ModelRetired, match="Phi-4-mini-instruct"):
        await maas.jobs.create(model=MODEL, training_data=rows)
    job = await maas.jobs.create(model=MODEL, training_data=rows, allow_retired=True)
    assert job.model_id == f"azureml://registries/azureml/models/{MODEL}/versions/15"


async def test_without_the_registry_the_catalogues_facts_apply(
    maas: Resources, maas_server: Server, rows: Path, caplog: pytest.LogCaptureFixture
) -> None:
    maas_server.fault(operation="registry.*", status=403, count=None)
    job = await maas.jobs.create(model="Phi-4", training_data=rows)
    assert job.model == "Phi-4"
    assert "the catalogue's facts are used" in caplog.text


async def test_a_failed_job_raises_with_the_reason_of_the_service(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    rows.write_text("\n".join(rows.read_text("utf-8").splitlines()[:9]), "utf-8")
    dataset = await maas.datasets.upload(rows, check=False)
    job = await maas.jobs.create(model=MODEL, training_data=dataset)
    with pytest.raises(JobFailed) as caught:
        await maas.jobs.wait(job.name)
    error = caught.value
    assert error.job.status == JobStatus.FAILED
    assert error.reason
    assert error.reason in str(error)
    assert f"maas jobs logs {job.name}" in str(error)
    assert error.log_tail


async def test_an_unavailable_reason_does_not_hide_the_failure(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    dataset = await maas.datasets.upload(rows, check=False)
    job = await maas.jobs.create(model=MODEL, training_data=dataset)
    maas_server.fault(operation="jobs.get", status=200, body=document(job, "Failed"), count=None)
    maas_server.fault(operation="history.*", status=500, count=None)
    with pytest.raises(JobFailed, match="gave no reason"):
        await maas.jobs.wait(job.name)


def document(job: Job, status: str) -> dict[str, Any]:
    """The job's own document with another status."""
    return {**job.raw, "properties": {**job.raw["properties"], "status": status}}


async def test_a_canceled_job_is_distinguished_from_a_failed_one(maas: Resources, rows: Path) -> None:
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    asked = await maas.jobs.cancel(job.name)
    assert asked.status in {JobStatus.CANCEL_REQUESTED, JobStatus.CANCELED}
    with pytest.raises(JobCanceled):
        await maas.jobs.wait(job.name)


@pytest.mark.parametrize("status", ["NotResponding", "Paused"])
async def test_a_stalled_job_is_given_time_and_then_named(
    maas: Resources, maas_server: Server, rows: Path, clock: Clock, status: str
) -> None:
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    maas_server.fault(operation="jobs.get", status=200, body=document(job, status), count=None)
    began = clock.now()
    with pytest.raises(JobStalled, match=status):
        await maas.jobs.wait(job.name, patience=300)
    assert 300 <= clock.now() - began <= 300 + 66


async def test_an_unknown_status_is_waited_through(maas: Resources, maas_server: Server, rows: Path) -> None:
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    maas_server.fault(operation="jobs.get", status=200, body=document(job, "Daydreaming"), count=3)
    seen: list[str] = []
    await maas.jobs.wait(job.name, on_update=lambda look: seen.append(look.status))
    assert seen[0] == "Daydreaming"
    assert seen[-1] == "Completed"


async def test_a_wait_ends_at_its_timeout_and_says_how_to_resume(maas: Resources, rows: Path, clock: Clock) -> None:
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    began = clock.now()
    with pytest.raises(WaitTimeout, match=f"maas jobs watch {job.name}"):
        await maas.jobs.wait(job.name, timeout=5)
    assert 5 <= clock.now() - began <= 8
    assert (await maas.jobs.wait(job.name)).status == JobStatus.COMPLETED


async def test_a_job_that_stays_in_the_queue_has_its_own_error(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    maas_server.fault(operation="jobs.get", status=200, body=document(job, "Queued"), count=None)
    with pytest.raises(WaitTimeout, match="has not started"):
        await maas.jobs.wait(job.name, max_queue=100, timeout=10_000)


async def test_half_an_hour_of_errors_does_not_end_a_wait(
    maas: Resources, maas_server: Server, rows: Path, clock: Clock
) -> None:
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    trouble = maas_server.fault(operation="jobs.get", status=503, skip=1, count=None)
    assert trouble
    began = clock.now()

    def recover(_: float) -> None:
        healed = clock.now() - began > 1800
        [lambda: None, maas_server.faults_clear][healed]()

    clock.listeners.append(recover)
    assert (await maas.jobs.wait(job.name)).status == JobStatus.COMPLETED
    assert clock.now() - began > 1800


async def test_a_wait_for_a_job_that_does_not_exist_ends_at_once(maas: Resources, clock: Clock) -> None:
    with pytest.raises(NotFound):
        await maas.jobs.wait("nope")
    assert clock.naps == []


async def test_a_listing_goes_through_every_page(maas: Resources, maas_server: Server, rows: Path) -> None:
    dataset = await maas.datasets.upload(rows)
    names = {(await maas.jobs.create(model=MODEL, training_data=dataset, name=f"j{n}")).name for n in range(105)}
    assert {job.name for job in await collect(maas.jobs.list())} == names
    assert len(sent(maas_server, "jobs.list")) == 2


async def test_a_listing_can_be_narrowed_by_a_tag(maas: Resources, rows: Path) -> None:
    dataset = await maas.datasets.upload(rows)
    await maas.jobs.create(model=MODEL, training_data=dataset, name="a", tags={"keep": "yes"})
    await maas.jobs.create(model=MODEL, training_data=dataset, name="b")
    assert [job.name for job in await collect(maas.jobs.list(tag="keep"))] == ["a"]


async def test_one_odd_job_never_breaks_the_listing(maas: Resources, maas_server: Server) -> None:
    odd: list[object] = [
        {"name": "good", "properties": {"jobType": "FineTuning", "status": "Running"}},
        {"name": "other", "properties": {"jobType": "Teleport"}},
        {"name": 7, "properties": {"jobType": "FineTuning", "status": {"a": 1}, "fineTuningDetails": []}},
        None,
        "text",
        {"properties": None},
    ]
    maas_server.fault(operation="jobs.list", status=200, body={"value": odd, "nextLink": None})
    jobs = await collect(maas.jobs.list())
    assert [(job.name, job.status) for job in jobs] == [("good", "Running"), ("", "Unknown"), ("", "Unknown")]


@pytest.mark.parametrize("loss", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("quoted", [False, True])
async def test_a_nan_loss_is_read_in_both_spellings(
    maas: Resources, maas_server: Server, tuned: Callable[[], Awaitable[Job]], loss: str, quoted: bool
) -> None:
    maas_server.fault(job="nan", loss=loss, step=40, quoted=quoted)
    metrics = await maas.jobs.metrics((await tuned()).name)
    for name in ("loss", "eval_loss"):
        assert {point.step: not math.isfinite(point.value) for point in metrics[name]} == {
            point.step: point.step >= 40 for point in metrics[name]
        }
        assert str(metrics[name][-1].value) == str(float(loss))
    assert [(alarm.kind, alarm.metric, alarm.step) for alarm in alarms(metrics)] == [
        ("not-a-number", "loss", 40),
        ("not-a-number", "eval_loss", min(point.step for point in metrics["eval_loss"] if point.step >= 40)),
    ]


async def test_run_history_gives_metrics_logs_and_times(maas: Resources, tuned: Callable[[], Awaitable[Job]]) -> None:
    job = await tuned()
    metrics = await maas.jobs.metrics(job.name)
    losses = [point.value for point in metrics["loss"]]
    assert losses[-1] < losses[0]
    assert [point.step for point in metrics["loss"]] == sorted(point.step for point in metrics["loss"])
    details = await maas.jobs.details(job.name)
    assert details.started < details.ended
    trained = datetime.fromisoformat(details.ended) - datetime.fromisoformat(details.started)
    assert details.duration(datetime.now(UTC)) == trained
    assert await maas.jobs.details_of([job.name, "nobody", job.name]) == {job.name: details}
    assert await collect(maas.jobs.logs(job.name))
    with pytest.raises(NotFound, match=r"user_logs/std_log\.txt"):
        await collect(maas.jobs.logs(job.name, "nope.txt"))


async def test_events_report_each_status_once_for_any_end(maas: Resources, rows: Path) -> None:
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    await maas.jobs.cancel(job.name)
    statuses = [seen.status for seen in await collect(maas.jobs.watch(job.name))]
    assert statuses[-1] == JobStatus.CANCELED
    assert len(statuses) == len(set(statuses))


async def test_a_job_reads_its_document_and_keeps_unknown_fields(maas: Resources, rows: Path) -> None:
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    shown = json.loads(job.model_dump_json())
    assert {"name", "status", "model", "output_model"} <= shown.keys()
    assert "raw" not in shown
    assert job.raw["systemData"]
    with pytest.raises(ValueError, match="frozen"):
        Job.__setattr__(job, "name", "x")


async def test_no_log_record_shows_a_signature(maas: Resources, rows: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await maas.jobs.create(model=MODEL, training_data=rows)
    assert "sig=" in caplog.text
    assert all(part.startswith("***") for part in caplog.text.split("sig=")[1:])
