"""The whole job in one call: each part once, whatever stops it on the way, and nothing again once it is done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support import Clock, collect, make_wire

from maas_client import (
    AsyncMaasClient,
    AsyncWire,
    BlockingWire,
    Conflict,
    DatasetRefused,
    EndpointFailed,
    FileChanged,
    InvalidInput,
    JobCanceled,
    JobFailed,
    JobSpec,
    JobStatus,
    MaasClient,
    ServiceError,
    StepUpdate,
    WaitTimeout,
    WorkflowResult,
)
from maas_client.client import Resources
from maas_client.workflow.steps import STEPS, Step
from mock_server.server import Server

MODEL = "Phi-4-mini-instruct"


@pytest.fixture
def spec(rows: Path) -> JobSpec:
    """A job of a training and a validation file."""
    validation = rows.with_name("validation.jsonl")
    first, *others = rows.read_bytes().splitlines(keepends=True)
    validation.write_bytes(b"".join((first, *reversed(others))))
    return JobSpec(model=MODEL, training_data=rows, validation_data=validation, hyperparameters={"num_train_epochs": 5})


def sent(server: Server, *operations: str) -> list[str]:
    """What was sent of these operations, in order."""
    return [entry["url"].partition("?")[0] for entry in server.requests() if entry["operation"] in operations]


def made(server: Server) -> list[str]:
    """Everything that was made, in order."""
    return [entry["operation"] for entry in server.requests() if entry["method"] == "PUT"]


def notes_of(error: BaseException) -> str:
    """What was noted on an error."""
    return "\n".join(error.__notes__)


async def test_the_whole_job_goes_from_a_file_to_an_answer(maas: Resources, maas_server: Server, spec: JobSpec) -> None:
    updates: list[StepUpdate] = []
    result = await maas.workflow.run(spec, on_step=updates.append)
    assert [update.step for update in updates if update.state == "began"] == list(STEPS)
    assert [update.step for update in updates if update.state == "done"] == list(STEPS)
    assert result.made == STEPS
    assert result.training_report is not None
    assert result.training_report.kept == 12
    assert result.job.status == JobStatus.COMPLETED
    assert result.endpoint is not None
    assert result.endpoint.is_online
    assert result.prompt == "question 0"
    assert result.reply is not None
    assert result.reply.text == "answer 0"
    assert json.loads(json.dumps(result.to_dict()))["training"]["kept"] == 12
    assert maas_server.verdict()["verdict"] == "clean"


async def test_the_same_call_again_makes_nothing(maas: Resources, maas_server: Server, spec: JobSpec) -> None:
    first = await maas.workflow.run(spec)
    before, looks = made(maas_server), len(sent(maas_server, "jobs.get"))
    again = await maas.workflow.run(spec)
    assert made(maas_server) == before
    assert len(sent(maas_server, "jobs.get")) == looks + 1
    assert again.made == ("check", "chat")
    assert again.job.name == first.job.name
    assert again.endpoint == first.endpoint
    assert [each.reply.text for each in (again, first) if each.reply] == ["answer 0"] * 2
    assert len(sent(maas_server, "jobs.create")) == len(sent(maas_server, "endpoints.create")) == 1


@pytest.mark.parametrize("name", ["shop", None])
async def test_create_and_run_find_each_others_job(
    maas: Resources, maas_server: Server, spec: JobSpec, name: str | None
) -> None:
    spec = replace(spec, name=name)
    first = await maas.workflow.create(spec)
    again = await maas.workflow.create(spec)
    followed = await maas.workflow.run(spec, until="create")
    assert (first.already, again.already, followed.made) == (False, True, ("check",))
    assert first.job.name == again.job.name == followed.job.name
    assert first.job.name == name or name is None
    assert len(sent(maas_server, "jobs.create")) == 1


async def test_create_finds_the_job_that_a_run_created(maas: Resources, maas_server: Server, spec: JobSpec) -> None:
    spec = replace(spec, name="shop")
    ran = await maas.workflow.run(spec, until="create")
    found = await maas.workflow.create(spec)
    assert found.already
    assert found.job.name == ran.job.name != "shop"
    with pytest.raises(Conflict, match=r"other settings: tags\.team is not set there and 'b' here"):
        await maas.workflow.create(replace(spec, tags={"team": "b"}))
    assert len(sent(maas_server, "jobs.create")) == 1


async def test_create_refuses_a_name_of_another_job(maas: Resources, spec: JobSpec) -> None:
    await maas.workflow.create(replace(spec, name="shop"))
    with pytest.raises(Conflict, match="num_train_epochs is '5' there and '6' here"):
        await maas.workflow.create(replace(spec, name="shop", hyperparameters={"num_train_epochs": 6}))


async def test_the_longest_name_is_created_and_found_again(maas: Resources, spec: JobSpec) -> None:
    spec = replace(spec, name="x" * 250, output_name="shop-model")
    found = [await maas.workflow.create(spec) for _ in range(2)]
    assert [each.already for each in found] == [False, True]


async def test_a_run_replaces_a_failed_job_that_create_made(
    maas: Resources, maas_server: Server, spec: JobSpec
) -> None:
    spec = replace(spec, name="shop")
    maas_server.fault(job="fail", count=1)
    await maas.workflow.create(spec)
    with pytest.raises(JobFailed):
        await maas.workflow.run(spec, until="train")
    second = await maas.workflow.run(spec, until="train", again=True)
    assert second.job.name.startswith("shop-")
    assert (await maas.workflow.create(spec)).job.name == second.job.name


def interrupting(step: Step, state: str) -> Callable[[StepUpdate], None]:
    """Return what presses Ctrl-C at this point."""

    def on_step(update: StepUpdate) -> None:
        deeds: dict[bool, Callable[[], None]] = {True: _interrupt, False: lambda: None}
        deeds[(update.step, update.state) == (step, state)]()

    return on_step


def _interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("state", ["began", "done"])
@pytest.mark.parametrize("step", STEPS)
async def test_it_resumes_wherever_it_was_interrupted(
    maas: Resources, maas_server: Server, spec: JobSpec, step: Step, state: str
) -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        await maas.workflow.run(spec, on_step=interrupting(step, state))
    assert f"step {STEPS.index(step) + 1} of 7, {step}; the same call resumes there" in notes_of(caught.value)
    result = await maas.workflow.run(spec)
    assert result.reply is not None
    assert result.reply.text == "answer 0"
    assert len(sent(maas_server, "jobs.create")) == 1
    assert len(sent(maas_server, "endpoints.create")) == 1
    for name in ("train", "validation"):
        assert len([dataset.version async for dataset in maas.datasets.list(name)]) == 1


@pytest.mark.parametrize("operation", ["jobs.create", "endpoints.create"])
async def test_a_lost_reply_makes_nothing_twice(
    maas: Resources, maas_server: Server, spec: JobSpec, operation: str
) -> None:
    maas_server.fault(operation=operation, drop="after", count=1)
    await maas.workflow.run(spec)
    assert len([job async for job in maas.jobs.list()]) == len([each async for each in maas.endpoints.list()]) == 1


async def test_a_changed_file_makes_another_job(maas: Resources, spec: JobSpec, rows: Path) -> None:
    first = await maas.workflow.run(spec, until="train")
    rows.write_text(rows.read_text("utf-8") + rows.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    second = await maas.workflow.run(spec, until="train")
    assert first.job.name != second.job.name
    assert first.training_data != second.training_data
    assert len(await collect(maas.jobs.list())) == 2


async def test_only_different_hyperparameters_make_another_job(maas: Resources, spec: JobSpec) -> None:
    values = {"num_train_epochs": 5, "learning_rate": 1e-4}
    first = await maas.workflow.run(replace(spec, hyperparameters=values), until="create")
    equal = {"learning_rate": "0.0001", "num_train_epochs": "5"}
    second = await maas.workflow.run(replace(spec, hyperparameters=equal), until="create")
    third = await maas.workflow.run(spec, until="create")
    assert first.job.name == second.job.name != third.job.name


async def test_a_job_of_another_request_is_a_conflict_with_differences(maas: Resources, spec: JobSpec) -> None:
    await maas.workflow.run(replace(spec, tags={"team": "a"}, output_name="shop"), until="create")
    with pytest.raises(Conflict) as caught:
        await maas.workflow.run(replace(spec, tags={"team": "b"}, experiment="shops", output_name="shop"))
    assert "tags.team is 'a' there and 'b' here" in str(caught.value)
    assert "experimentName is" in str(caught.value)
    assert "assetName" not in str(caught.value)
    assert len(await collect(maas.jobs.list())) == 1


async def test_a_refused_file_sends_nothing(maas: Resources, maas_server: Server, spec: JobSpec, rows: Path) -> None:
    rows.with_name("validation.jsonl").write_text('{"messages": 7}\n', "utf-8")
    with pytest.raises(DatasetRefused) as caught:
        await maas.workflow.run(spec)
    assert "step 1 of 7, check" in notes_of(caught.value)
    assert made(maas_server) == []


async def test_a_file_that_changes_after_its_check_makes_no_job(maas: Resources, rows: Path, spec: JobSpec) -> None:
    def change(update: StepUpdate) -> None:
        deeds: dict[str, Callable[[], object]] = {"upload began": lambda: rows.write_text("{}\n", "utf-8")}
        deeds.get(f"{update.step} {update.state}", lambda: None)()

    with pytest.raises(FileChanged, match="changed since it was checked"):
        await maas.workflow.run(spec, on_step=change)
    assert await collect(maas.jobs.list()) == []


async def test_a_failed_job_is_raised_again_until_another_is_requested(
    maas: Resources, maas_server: Server, spec: JobSpec
) -> None:
    maas_server.fault(job="fail", reason="out of memory", count=1)
    with pytest.raises(JobFailed, match="out of memory") as first:
        await maas.workflow.run(spec)
    with pytest.raises(JobFailed, match="out of memory") as second:
        await maas.workflow.run(spec)
    assert "`again=True` creates another job" in notes_of(second.value)
    assert len(sent(maas_server, "jobs.create")) == 1
    result = await maas.workflow.run(spec, again=True)
    assert result.job.name == f"{first.value.job.name}-2"
    assert len(sent(maas_server, "jobs.create")) == 2
    for again in (False, True):
        assert (await maas.workflow.run(spec, again=again)).job.name == result.job.name
    assert len(sent(maas_server, "jobs.create")) == 2


async def test_a_canceled_job_is_replaced_only_when_asked_for(maas: Resources, spec: JobSpec, clock: Clock) -> None:
    canceled = await maas.workflow.run(spec, until="create")
    await maas.jobs.cancel(canceled.job.name)
    with pytest.raises(JobCanceled):
        await maas.workflow.run(spec)
    result = await maas.workflow.run(spec, again=True, until="train")
    assert result.job.name == f"{canceled.job.name}-2"
    assert clock.naps


async def test_a_job_being_canceled_is_replaced_at_once_on_request(maas: Resources, spec: JobSpec) -> None:
    going = await maas.workflow.run(spec, until="create")
    assert (await maas.jobs.cancel(going.job.name)).status == "CancelRequested"
    result = await maas.workflow.run(spec, again=True, until="train")
    assert (result.job.name, result.job.status) == (f"{going.job.name}-2", "Completed")


async def test_an_endpoint_that_serves_the_model_already_is_used(
    maas: Resources, maas_server: Server, spec: JobSpec
) -> None:
    trained = await maas.workflow.run(spec, until="train")
    await maas.endpoints.create(model=trained.job.output_model, name="shop")
    result = await maas.workflow.run(spec)
    assert result.endpoint is not None
    assert result.endpoint.name == "shop"
    assert len(sent(maas_server, "endpoints.create")) == 1


async def test_a_failed_endpoint_of_the_model_does_not_block_another(
    maas: Resources, maas_server: Server, spec: JobSpec
) -> None:
    trained = await maas.workflow.run(spec, until="train")
    maas_server.fault(endpoint="fail", count=1)
    lost = await maas.endpoints.create(model=trained.job.output_model, name="shop")
    with pytest.raises(EndpointFailed):
        await maas.endpoints.wait(lost)
    result = await maas.workflow.run(spec)
    assert result.endpoint is not None
    assert result.endpoint.name != "shop"


async def test_the_question_is_sent_as_in_the_training_of_the_model(
    maas: Resources, maas_server: Server, spec: JobSpec, rows: Path
) -> None:
    """A model tuned with merged system messages gets its system message merged into the question."""
    turns = [("system", "Be brief."), ("user", "When?"), ("assistant", "At nine.")]
    row = {"messages": [{"role": role, "content": text} for role, text in turns]}
    rows.with_name("validation.jsonl").write_text(f"{json.dumps(row)}\n" * 12, "utf-8")
    for model in (MODEL, "Phi-3-medium-4k-instruct"):
        await maas.workflow.run(replace(spec, model=model))
    bodies = [entry["request_body"] for entry in maas_server.requests() if entry["operation"] == "chat.complete"]
    asked = [[turn["role"] for turn in body["messages"]] for body in bodies if "When?" in str(body)]
    assert asked == [["system", "user"], ["user"]]


async def test_an_endpoint_has_the_name_that_is_asked_for(maas: Resources, spec: JobSpec) -> None:
    result = await maas.workflow.run(spec, endpoint_name="shop", prompt="question 7")
    assert result.endpoint is not None
    assert (result.endpoint.name, result.endpoint.tags) == ("shop", {"maas-run": result.job.name})
    assert (result.prompt, result.reply.text if result.reply else "") == ("question 7", "answer 7")


async def test_the_name_of_an_endpoint_of_another_model_is_a_conflict(maas: Resources, spec: JobSpec) -> None:
    await maas.endpoints.create(model=MODEL, name="shop")
    with pytest.raises(Conflict, match="serves"):
        await maas.workflow.run(spec, endpoint_name="shop")


async def test_a_failed_endpoint_is_created_again_once_it_is_deleted(
    maas: Resources, maas_server: Server, spec: JobSpec
) -> None:
    maas_server.fault(endpoint="fail", count=1)
    with pytest.raises(EndpointFailed) as caught:
        await maas.workflow.run(spec)
    with pytest.raises(Conflict, match="delete it first"):
        await maas.workflow.run(spec)
    await maas.endpoints.delete(caught.value.endpoint.name)
    assert (await maas.workflow.run(spec)).reply
    assert len(sent(maas_server, "jobs.create")) == 1


async def test_data_of_the_workspace_is_taken_as_it_is(maas: Resources, spec: JobSpec, rows: Path) -> None:
    data = await maas.datasets.upload(rows)
    result = await maas.workflow.run(replace(spec, training_data=data, validation_data=None))
    assert result.training_report is None
    assert result.training_data == data.id
    assert result.prompt == "Hello"
    of_file = await maas.workflow.run(replace(spec, validation_data=None), until="create")
    assert of_file.job.name == result.job.name


async def test_a_wait_that_is_over_stops_nothing(maas: Resources, maas_server: Server, spec: JobSpec) -> None:
    maas_server.fault(job="queue", seconds=5000.0, count=1)
    with pytest.raises(WaitTimeout, match="has not started"):
        await maas.workflow.run(spec, max_queue=60)
    with pytest.raises(WaitTimeout) as caught:
        await maas.workflow.run(spec, timeout=100)
    assert "step 4 of 7, train" in notes_of(caught.value)
    assert (await maas.workflow.run(spec)).reply
    assert len(sent(maas_server, "jobs.create")) == 1


async def test_one_timeout_is_shared_by_all_waits(maas: Resources, maas_server: Server, spec: JobSpec) -> None:
    maas_server.fault(job="queue", seconds=500.0, count=1)
    maas_server.fault(endpoint="unready", calls=1000, count=1)
    begun = maas_server.now()
    with pytest.raises(WaitTimeout):
        await maas.workflow.run(spec, timeout=900)
    assert 500 < maas_server.now() - begun < 960


async def test_a_plan_has_names_and_existing_resources_creates_nothing(
    maas: Resources, maas_server: Server, spec: JobSpec
) -> None:
    plan = await maas.workflow.plan(spec)
    assert made(maas_server) == []
    assert (plan.job, plan.endpoint) == (None, None)
    assert plan.model.endswith("/models/Phi-4-mini-instruct/versions/12")
    result = await maas.workflow.run(spec)
    assert result.endpoint is not None
    assert (plan.job_name, plan.endpoint_name) == (result.job.name, result.endpoint.name)
    again = await maas.workflow.plan(spec)
    assert (again.job, again.endpoint) == (result.job, result.endpoint)


async def test_registry_errors_make_no_job_of_another_version(
    maas: Resources, maas_server: Server, spec: JobSpec
) -> None:
    maas_server.fault(operation="registry.*", status=503, count=None)
    with pytest.raises(ServiceError):
        await maas.workflow.run(spec)
    maas_server.faults_clear()
    assert await collect(maas.jobs.list()) == []


SEVERAL = {"num_train_epochs": (1, 2)}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (JobSpec(model=MODEL, training_data="train.jsonl", hyperparameters=SEVERAL), "several values require a sweep"),
        (JobSpec(model=MODEL, training_data="train.jsonl", name="a b"), "is not a valid name for a job"),
        (JobSpec(model="Phi-5", training_data="train.jsonl"), "no model"),
        (JobSpec(model=MODEL, training_data="nowhere.jsonl"), "nowhere.jsonl"),
    ],
)
async def test_an_impossible_workflow_sends_nothing(
    maas: Resources, maas_server: Server, wrong: JobSpec, why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        await maas.workflow.run(wrong)
    assert made(maas_server) == []


async def test_an_unknown_last_step_is_rejected(maas: Resources, spec: JobSpec) -> None:
    with pytest.raises(InvalidInput, match="is not a last step"):
        await maas.workflow.run(spec, until="check")


def test_both_clients_have_it_with_the_same_result(
    maas_server: Server, clock: Clock, spec: JobSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.time = maas_server.now()
    clock.listeners.append(maas_server.advance)
    named = {"AZURE_SUBSCRIPTION_ID": "s", "AZURE_RESOURCE_GROUP": "g", "AZUREML_WORKSPACE_NAME": "w"}
    for name, value in {**named, "MAAS_ENDPOINT": maas_server.endpoint}.items():
        monkeypatch.setenv(name, value)

    async def on_a_loop() -> WorkflowResult:
        wire = make_wire("async", clock)
        assert isinstance(wire, AsyncWire)
        async with AsyncMaasClient(wire=wire) as maas:
            return await maas.workflow.run(spec)

    wire = make_wire("blocking", clock)
    assert isinstance(wire, BlockingWire)
    with MaasClient(wire=wire) as maas:
        first = maas.workflow.run(spec)
    second = asyncio.run(on_a_loop())
    assert (first.job, first.endpoint) == (second.job, second.endpoint)
    assert second.made == ("check", "chat")
