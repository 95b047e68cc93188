"""Jobs of a Foundry account from creation to their end, as programs see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from support import collect

from maas_client import Conflict, JobFailed, JobSpec, NotFound
from maas_client.datasets.resource import AsyncDatasets
from maas_client.errors import BadRequest, InvalidInput, NotOffered
from maas_client.foundry.job_reading import FoundryJob
from maas_client.job_files.writer import job_file_of
from maas_client.jobs.phase import JobPhase
from maas_client.jobs.resource import AsyncJobs
from mock_server.server import Server

MODEL = "gpt-4.1-mini"


async def test_a_job_is_created_and_found_by_name_and_by_id(jobs: AsyncJobs, rows: Path) -> None:
    job = await jobs.create(model=MODEL, training_data=rows, name="ft-demo", tags={"team": "a"}, seed=7, suffix="demo")
    assert isinstance(job, FoundryJob)
    assert (job.name, job.status, job.phase) == ("ft-demo", "pending", JobPhase.WAITING)
    assert job.id.startswith("ftjob-")
    assert job.tags == {"team": "a"}
    assert (job.model, job.training_type, job.seed, job.suffix) == (
        "gpt-4.1-mini-2025-04-14",
        "globalStandard",
        7,
        "demo",
    )
    assert (await jobs.get("ft-demo")).id == (await jobs.get(job.id)).id == job.id
    assert [each.name async for each in jobs.list()] == ["ft-demo"]
    assert [each.name async for each in jobs.list(tag="team=b")] == []


async def test_a_job_is_waited_for_until_its_status_is_final(jobs: AsyncJobs, rows: Path) -> None:
    job = await jobs.create(model=MODEL, training_data=rows, hyperparameters={"n_epochs": 3})
    seen: list[str] = []
    done = await jobs.wait(job.name, on_update=lambda update: seen.append(update.status.value))
    assert seen == ["pending", "running", "succeeded"]
    assert done.output_model is not None
    assert ".ft-" in done.output_model
    assert isinstance(done, FoundryJob)
    assert done.finished_at
    assert done.trained_tokens


async def test_the_safety_stage_is_shown_after_job_succeeded(jobs: AsyncJobs, rows: Path) -> None:
    job = await jobs.create(model=MODEL, training_data=rows)
    stages = [view.details.stage async for view in jobs.watch_views(job.name, every=1.0)]
    assert "safety evaluation" in stages
    assert stages[-1] == ""
    details = await jobs.details(job.name)
    assert details.billed_tokens
    assert details.started < details.ended
    assert "Job succeeded." in [event.message async for event in jobs.events(job.name)]


async def test_losses_are_those_of_the_results_table_with_times(jobs: AsyncJobs, rows: Path) -> None:
    job = await jobs.create(model=MODEL, training_data=rows, hyperparameters={"n_epochs": 3, "batch_size": 1})
    await jobs.wait(job.name)
    loss = (await jobs.metrics(job.name))["loss"]
    assert len(loss) == 36
    assert loss[0].at


async def test_equal_jobs_of_one_name_are_one_and_others_conflict(jobs: AsyncJobs, rows: Path) -> None:
    first = await jobs.create(model=MODEL, training_data=rows, name="one", hyperparameters={"n_epochs": 2})
    second = await jobs.create(model=MODEL, training_data=rows, name="one", hyperparameters={"n_epochs": 2})
    assert first.id == second.id
    with pytest.raises(Conflict, match=r"hyperparameters\.n_epochs is 2 there and 4 here"):
        await jobs.create(model=MODEL, training_data=rows, name="one", hyperparameters={"n_epochs": 4})
    assert len(await collect(jobs.list())) == 1


async def test_a_canceled_job_stays_so_and_can_be_deleted(jobs: AsyncJobs, rows: Path) -> None:
    job = await jobs.create(model=MODEL, training_data=rows, name="gone")
    assert (await jobs.cancel("gone")).status == "cancelled"
    assert (await jobs.cancel("gone")).phase == JobPhase.CANCELED
    await jobs.delete("gone")
    with pytest.raises(NotFound, match="no job 'gone'"):
        await jobs.get("gone")
    with pytest.raises(NotFound, match="there are none"):
        await jobs.get(job.id)


async def test_an_error_about_an_action_says_the_name(jobs: AsyncJobs, rows: Path) -> None:
    job = await jobs.create(model=MODEL, training_data=rows, name="ft-named")
    with pytest.raises(BadRequest, match=r"cannot pause job 'ft-named'.*The job ft-named has the status") as caught:
        await jobs.pause("ft-named")
    assert str(caught.value).count(job.id) == 1  # in the request
    with pytest.raises(Conflict, match="The job ft-named has the status"):
        await jobs.delete("ft-named")


async def test_a_name_that_no_job_has_is_answered_with_the_nearest(jobs: AsyncJobs, rows: Path) -> None:
    await jobs.create(model=MODEL, training_data=rows, name="support-bot")
    with pytest.raises(NotFound, match="did you mean 'support-bot'"):
        await jobs.get("suport-bot")


@pytest.mark.parametrize(
    "option",
    [
        {"compute": "gpus"},
        {"experiment": "e"},
        {"output_name": "m"},
        {"display_name": "d"},
        {"properties": {"a": "b"}},
        {"job_tier": "Spot"},
        {"instance_types": ("Standard_ND",)},
        {"task": "text"},
    ],
    ids=lambda option: next(iter(option)),
)
async def test_options_of_azure_ml_are_not_offered(jobs: AsyncJobs, option: dict[str, Any]) -> None:
    with pytest.raises(NotOffered, match="Azure Machine Learning offers it"):
        await jobs.create(model=MODEL, training_data="missing.jsonl", **option)


async def test_a_refused_job_says_why_it_failed(jobs: AsyncJobs, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    row = '{"messages": [{"role": "user", "content": "q%d"}, {"role": "assistant", "content": "MOCK_UNSAFE_MODEL"}]}\n'
    bad.write_text("".join(row % n for n in range(12)), "utf-8")
    job = await jobs.create(model=MODEL, training_data=bad)
    with pytest.raises(JobFailed, match="the safety evaluation has refused the tuned model") as caught:
        await jobs.wait(job.name)
    assert caught.value.job.phase == JobPhase.FAILED
    assert caught.value.code == "contentFilter"


async def test_results_tables_are_downloaded(jobs: AsyncJobs, rows: Path, tmp_path: Path) -> None:
    job = await jobs.create(model=MODEL, training_data=rows, name="ft-1")
    await jobs.wait(job.name)
    found = await jobs.download("ft-1", tmp_path / "out")
    assert [file.path.parent.name for file in found.files] == ["results"]
    assert found.files[0].path.read_text("utf-8").lstrip("\ufeff").startswith("step,")
    with pytest.raises(NotOffered, match="maas deploy ft-1"):
        await jobs.download("ft-1", tmp_path / "out", outputs="registered_model")


async def test_a_reinforcement_job_needs_validation_data(jobs: AsyncJobs, rows: Path) -> None:
    grader = {
        "type": "string_check",
        "name": "g",
        "operation": "eq",
        "input": "{{sample.output_text}}",
        "reference": "a",
    }
    with pytest.raises(InvalidInput, match="validation data"):
        await jobs.create(model="o4-mini", training_data=rows, grader=grader)
    with pytest.raises(InvalidInput, match="is the training data too"):
        await jobs.create(model=MODEL, training_data=rows, validation_data=rows)


async def test_there_is_no_log(jobs: AsyncJobs) -> None:
    with pytest.raises(NotOffered, match="maas jobs events ft-1"):
        await collect(jobs.logs("ft-1"))
    with pytest.raises(NotOffered, match="100 at most"):
        await jobs.archive("ft-1")


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"maas_client.name": "x"}, "this client's own use"),
        ({"k" * 65: "x"}, "65 characters"),
        ({"k": "x" * 513}, "513 characters"),
        ({f"k{n}": "x" for n in range(15)}, "at most 14 tags"),
    ],
    ids=["ours", "long key", "long value", "many"],
)
async def test_tags_that_foundry_refuses_are_refused_here(
    jobs: AsyncJobs, rows: Path, tags: dict[str, str], why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        await jobs.create(model=MODEL, training_data=rows, tags=tags)


async def test_a_job_is_known_again_by_the_content_of_its_file(
    jobs: AsyncJobs, files: AsyncDatasets, rows: Path
) -> None:
    first = await jobs.create(model=MODEL, training_data=rows, name="one")
    await jobs.cancel("one")
    data = await files.get("train@latest")
    await files.delete(data.name, data.version)
    again = await jobs.create(model=MODEL, training_data=rows, name="one")
    assert again.id == first.id
    assert (await files.get("train@latest")).id != first.training_data


async def test_a_file_that_is_not_processed_yet_is_waited_for(
    jobs: AsyncJobs, files: AsyncDatasets, rows: Path, maas_server: Server
) -> None:
    maas_server.fault(operation="foundry.files.create", file="slow", seconds=600)
    file_id = uploaded_by_another_client(maas_server, rows)
    assert (await files.get(file_id)).status == "pending"
    job = await jobs.create(model=MODEL, training_data=file_id)
    assert job.training_data == file_id


def uploaded_by_another_client(server: Server, rows: Path) -> str:
    """Upload a file without waiting for it; return its id."""
    content = {"file": ("mine.jsonl", rows.read_bytes(), "application/jsonl")}
    url, purpose = f"{server.endpoint}/openai/v1/files", {"purpose": "fine-tune"}
    return str(httpx.post(url, headers={"api-key": "k"}, data=purpose, files=content).json()["id"])


async def test_a_preview_of_a_local_file_sends_nothing(jobs: AsyncJobs, rows: Path, maas_server: Server) -> None:
    spec = JobSpec(model=MODEL, training_data=rows, name="one", tags={"team": "a"})
    planned = await jobs.preview(spec)
    assert maas_server.requests() == []
    assert (planned.method, planned.url.partition("/openai")[2]) == ("POST", "/v1/fine_tuning/jobs")
    assert planned.body["training_file"].startswith("train:")
    assert planned.body["trainingType"] == "GlobalStandard"
    assert "***" in planned.headers["Authorization"]
    sent = (await jobs.submit(spec)).raw["metadata"]
    assert sent == planned.body["metadata"]


@pytest.mark.parametrize("fault", [{"drop": "after"}, {"drop": "before"}, {"status": 500}, {"status": 503}], ids=str)
async def test_a_creation_that_goes_wrong_leaves_one_job(
    jobs: AsyncJobs, rows: Path, maas_server: Server, fault: dict[str, Any]
) -> None:
    maas_server.fault(operation="foundry.jobs.create", **fault)
    job = await jobs.create(model=MODEL, training_data=rows)
    assert [each.name async for each in jobs.list()] == [job.name]


async def test_a_job_file_of_a_job_is_that_job(jobs: AsyncJobs, rows: Path) -> None:
    job = await jobs.create(
        model=MODEL, training_data=rows, name="again", hyperparameters={"n_epochs": 2, "batch_size": "auto"}
    )
    written = yaml.safe_load(job_file_of(job))
    assert written == {
        "surface": "foundry",
        "name": "again",
        "model": "gpt-4.1-mini-2025-04-14",
        "training_data": job.training_data,
        "hyperparameters": {"n_epochs": "2", "batch_size": "1", "learning_rate_multiplier": "1"},
        "training_tier": "GlobalStandard",
        "seed": job.to_dict()["seed"],
    }
    del written["surface"]
    assert (await jobs.create(**written)).id == job.id
    with pytest.raises(Conflict, match=r"n_epochs.*: set there, and left to the service here"):
        await jobs.create(model=MODEL, training_data=rows, name="again")


async def test_a_grader_is_written_so_that_it_is_read_again() -> None:
    grader = {"type": "string_check", "name": "a", "input": "${x} {{sample.output_text}}", "threshold": [0, 1.5]}
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
    method = {"type": "reinforcement", "reinforcement": {"grader": grader, "response_format": form}}
    written = job_file_of(FoundryJob.read({"id": "ftjob-1", "model": "o4-mini", "method": method}))
    assert yaml.safe_load(written)["response_format"] == form
    assert yaml.safe_load(written)["grader"] == {**grader, "input": "$${x} {{sample.output_text}}"}
