"""Pipeline jobs: inputs checked first, steps, the reason of the step that failed, and the model that is left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import collect

from maas_client import Job, JobFailed
from maas_client.client import Resources
from maas_client.errors import Conflict, InvalidHyperparameter, InvalidInput, NotFound
from maas_client.jobs.pipeline_job import PipelineJob
from maas_client.jobs.pipeline_spec import PipelineSpec
from mock_server.server import Server

MODEL = "Phi-3-mini-4k-instruct"
SIZE = "Standard_NC24ads_A100_v4"
NAME = "pipe-1"
STEPS = [
    "ft_nlp_common_validation",
    "chat_completion_model_import",
    "chat_completion_datapreprocess",
    "chat_completion_finetune",
    "ft_nlp_model_converter",
]


@pytest.fixture(autouse=True)
def quota(maas_server: Server) -> None:
    """Give the quota that training on GPUs needs."""
    maas_server.set_quota({"gpu": 1000})


@pytest.fixture
def test_rows(rows: Path) -> Path:
    """A second file with other rows."""
    file = rows.with_name("test.jsonl")
    file.write_text(rows.read_text("utf-8").replace("question", "other question"), "utf-8")
    return file


async def created(maas: Resources, rows: Path, **more: Any) -> Job:
    """Create a pipeline job on serverless nodes."""
    given: dict[str, Any] = {"instance_types": [SIZE], "name": NAME, "inputs": {"apply_lora": True}} | more
    return await maas.jobs.create_pipeline(model=MODEL, training_data=rows, **given)


def sent(server: Server, operation: str = "jobs.create") -> Sequence[dict[str, Any]]:
    """Return the journal's entries of an operation."""
    return [entry for entry in server.requests() if entry["operation"] == operation]


async def test_a_pipeline_job_has_its_inputs_and_their_types(
    maas: Resources, maas_server: Server, rows: Path, test_rows: Path
) -> None:
    job = await created(
        maas, rows, test_data=test_rows, hyperparameters={"num_train_epochs": 2, "learning_rate": 5e-6}, tags={"a": "b"}
    )
    assert isinstance(job, PipelineJob)
    assert (job.name, job.model, job.kind, job.task) == (NAME, MODEL, "pipeline", "chatCompletion")
    assert job.component.endswith("/components/chat_completion_pipeline/versions/0.0.82")
    assert job.hyperparameters == {"apply_lora": "true", "num_train_epochs": "2", "learning_rate": "5e-06"}
    assert job.inputs["instance_type_finetune"] == SIZE
    assert job.inputs["compute_finetune"] == job.inputs["compute_preprocess"] == "serverless"
    assert "/data/test/versions/" in job.inputs["test_file_path"]
    [entry] = sent(maas_server)
    step = entry["request_body"]["properties"]["jobs"]["finetune"]
    assert step["inputs"]["mlflow_model_path"]["job_input_type"] == "mlflow_model"
    assert step["inputs"]["train_file_path"]["job_input_type"] == "uri_file"
    assert step["inputs"]["num_train_epochs"] == {"job_input_type": "literal", "value": "2"}


async def test_inputs_of_files_are_checked_like_their_arguments(
    maas: Resources, rows: Path, test_rows: Path, tmp_path: Path
) -> None:
    inputs = {"apply_lora": True, "validation_file_path": str(test_rows), "mlflow_model_path": MODEL}
    job = await maas.jobs.create_pipeline(training_data=rows, instance_types=[SIZE], name=NAME, inputs=inputs)
    assert isinstance(job, PipelineJob)
    assert (job.model, job.validation_data) == (MODEL, job.inputs["validation_file_path"])
    assert "/data/test/versions/" in job.validation_data
    with pytest.raises(InvalidInput, match=r"the input test_file_path must be a file, a data asset or .* not 5"):
        await created(maas, rows, inputs={"test_file_path": 5})
    with pytest.raises(InvalidInput, match="validation_file_path is given by an argument of its own"):
        await created(maas, rows, validation_data=test_rows, inputs={"validation_file_path": str(test_rows)})
    with pytest.raises(InvalidInput, match="there is no file"):
        await created(maas, rows, inputs={"validation_file_path": str(tmp_path / "missing.jsonl")})


async def test_a_pipeline_is_among_the_names_of_a_missing_job(maas: Resources, rows: Path) -> None:
    await created(maas, rows)
    with pytest.raises(NotFound) as caught:
        await maas.jobs.get(f"{NAME}x")
    assert NAME in str(caught.value).replace(f"{NAME}x", "")


async def test_the_second_token_is_sent_and_never_shown(maas: Resources, maas_server: Server, rows: Path) -> None:
    await created(maas, rows)
    [entry] = sent(maas_server)
    headers = {name.lower(): value for name, value in entry["request_headers"].items()}
    assert headers["x-azureml-token"] == "REDACTED"
    spec = PipelineSpec(model=MODEL, training_data=rows, instance_types=[SIZE])
    assert (await maas.jobs.preview(spec)).headers["x-azureml-token"] == "***"


async def test_a_cluster_runs_every_step_but_those_sent_elsewhere(maas: Resources, rows: Path) -> None:
    spec = PipelineSpec(
        model=MODEL, training_data=rows, compute="gpus", inputs={"compute_preprocess": "cpus"}, name=NAME
    )
    planned = await maas.jobs.preview(spec)
    inputs = planned.body["properties"]["jobs"]["finetune"]["inputs"]
    computes = {name: each["value"] for name, each in inputs.items() if name.startswith("compute_")}
    assert computes == {"compute_finetune": "gpus", "compute_model_import": "gpus", "compute_preprocess": "cpus"}
    assert not [name for name in inputs if name.startswith("instance_type")]


async def test_a_retired_size_is_refused_also_by_default(maas: Resources, maas_server: Server, rows: Path) -> None:
    with pytest.raises(InvalidInput, match=r"instance_type_finetune is by default Standard_nc24rs_v3.*2025-09-30"):
        await created(maas, rows, instance_types=())
    with pytest.raises(InvalidInput, match=r"instance_type_finetune is Standard_NC6s_v3, which was retired"):
        await created(maas, rows, instance_types=["Standard_NC6s_v3"])
    assert not [entry for entry in maas_server.requests() if entry["method"] == "PUT"]


async def test_all_gpus_of_a_machine_are_used_by_default(maas: Resources, rows: Path) -> None:
    spec = PipelineSpec(model=MODEL, training_data=rows, instance_types=["standard_nd96amsr_a100_v4"], name=NAME)
    gpus = "number_of_gpu_to_use_finetuning"
    inputs = (await maas.jobs.preview(spec)).body["properties"]["jobs"]["finetune"]["inputs"]
    assert inputs[gpus]["value"] == "8"
    spec = replace(spec, inputs={gpus: 4})
    inputs = (await maas.jobs.preview(spec)).body["properties"]["jobs"]["finetune"]["inputs"]
    assert inputs[gpus]["value"] == "4"


async def test_a_wrong_input_is_refused_before_anything_is_made(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    with pytest.raises(InvalidHyperparameter, match=r"optim must be adamw_torch or adafactor, not 'sgd'; there is no"):
        await created(maas, rows, inputs={"optim": "sgd", "num_epochs": 1})
    with pytest.raises(InvalidHyperparameter, match=r"num_train_epochs is given twice, as 1 and as 2"):
        await created(maas, rows, inputs={"num_train_epochs": 2}, hyperparameters={"num_train_epochs": 1})
    with pytest.raises(InvalidInput, match="exclude each other"):
        await created(maas, rows, compute="gpus")
    with pytest.raises(InvalidInput, match="train_file_path is given by an argument of its own"):
        await created(maas, rows, inputs={"train_file_path": "azureml://datastores/a/paths/b"})
    with pytest.raises(InvalidInput, match=r"there is no file 'ds\.json'"):
        await created(maas, rows, inputs={"deepspeed": "ds.json"})
    with pytest.raises(NotFound, match="no_such_pipeline"):
        await created(maas, rows, component="no_such_pipeline")
    assert not [entry for entry in maas_server.requests() if entry["method"] == "PUT"]


async def test_the_same_job_is_created_once(maas: Resources, maas_server: Server, rows: Path) -> None:
    job = await created(maas, rows)
    assert (await created(maas, rows)).created_at == job.created_at
    with pytest.raises(Conflict, match="another job has this name"):
        await created(maas, rows, inputs={"apply_lora": False})
    maas_server.fault(operation="jobs.create", drop="after", count=1)
    assert (await created(maas, rows, name="pipe-2")).name == "pipe-2"
    assert [each.name for each in await collect(maas.jobs.list(kind="pipeline"))] == ["pipe-2", NAME]
    assert await collect(maas.jobs.list()) == []


async def test_a_pipeline_leaves_a_registered_model(maas: Resources, rows: Path) -> None:
    await created(maas, rows, output_name="shop", tags={"team": "shop"})
    job = await maas.jobs.wait(NAME)
    assert job.output_model == "shop:1"
    assert (await maas.jobs.wait(NAME)).output_model == "shop:1"
    [model] = await collect(maas.models.list("shop"))
    assert (model.job, model.tags) == (NAME, {"team": "shop"})
    steps = await collect(maas.jobs.children(NAME))
    assert [step.name for step in steps] == STEPS
    assert {step.status for step in steps} == {"Completed"}
    assert (await maas.jobs.metrics(NAME)).keys() >= {"loss", "learning_rate"}
    assert await maas.jobs.metrics(steps[3].run) == await maas.jobs.metrics(NAME)
    assert (await collect(maas.jobs.logs(steps[3].run))) != []


async def test_the_reason_is_that_of_the_step_that_failed(maas: Resources, maas_server: Server, rows: Path) -> None:
    maas_server.fault(
        operation="jobs.create", job="fail", reason="CUDA out of memory", child="chat_completion_finetune"
    )
    await created(maas, rows)
    with pytest.raises(JobFailed) as failed:
        await maas.jobs.wait(NAME)
    assert failed.value.step == STEPS[3]
    assert "CUDA out of memory" in failed.value.reason
    assert f"failed in step {STEPS[3]}" in str(failed.value)
    assert any("CUDA out of memory" in line for line in failed.value.log_tail)
    details = await maas.jobs.details(NAME)
    assert (details.failed_step, details.error_message) == (STEPS[3], failed.value.reason)
    steps = await collect(maas.jobs.children(NAME))
    assert [step.status for step in steps][-1] == "Failed"
    assert steps[-1].run == details.failed_run


async def test_a_job_of_another_kind_has_no_steps(maas: Resources, rows: Path) -> None:
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    assert job.kind == "fine_tuning"
    assert await collect(maas.jobs.children(job.name)) == []
    with pytest.raises(NotFound, match="no job 'nobody'"):
        await collect(maas.jobs.children("nobody"))


async def test_a_pipeline_runs_to_its_model_in_a_workflow(maas: Resources, maas_server: Server, rows: Path) -> None:
    spec = PipelineSpec(model=MODEL, training_data=rows, instance_types=[SIZE], inputs={"apply_lora": True})
    result = await maas.workflow.run(spec, until="train")
    assert result.job.output_model == f"{result.job.name}-model:1"
    assert (await maas.workflow.run(spec, until="train")).job.output_model == result.job.output_model
    assert len(sent(maas_server)) == 1
    assert (await maas.workflow.create(spec)).already


async def test_a_canceled_pipeline_has_no_model(maas: Resources, rows: Path) -> None:
    await created(maas, rows)
    await maas.jobs.cancel(NAME)
    ended = [job async for job in maas.jobs.watch(NAME)][-1]
    assert (ended.status, ended.output_model) == ("Canceled", None)


async def test_the_columns_of_text_rows_become_inputs(maas: Resources, tmp_path: Path) -> None:
    file = tmp_path / "text.jsonl"
    rows = [{"prompt": f"question {number}", "completion": f"answer {number}"} for number in range(20)]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    job = await created(maas, file)
    assert isinstance(job, PipelineJob)
    assert "/text_generation_pipeline/" in job.component
    assert (job.inputs["text_key"], job.inputs["ground_truth_key"]) == ("prompt", "completion")
    assert (await maas.jobs.wait(NAME)).output_model == f"{NAME}-model:1"


async def test_a_registered_model_can_be_trained_further(maas: Resources, rows: Path) -> None:
    await created(maas, rows, output_name="shop")
    first = await maas.jobs.wait(NAME)
    second = await maas.jobs.create_pipeline(
        model=str(first.output_model), training_data=rows, instance_types=[SIZE], name="pipe-2"
    )
    assert second.model_id.endswith("/models/shop/versions/1")
