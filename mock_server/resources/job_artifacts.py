"""The files that jobs leave in the workspace's container: logs, models and checkpoints."""

from mock_server.core.json_values import Json, child, dump, text
from mock_server.core.scope import container_of
from mock_server.resources import pipeline_runs
from mock_server.state.blob_store import Part, new_part
from mock_server.state.world import World
from mock_server.training.job import Job, log_lines


def write_log(world: World, guid: str, job: Job) -> None:
    """Write a log where azure-ai-ml 1.35.2 downloads it from (`_job_operations.py`, `_get_named_output_uri`)."""
    content = "".join(f"{line}\n" for line in log_lines(job))
    _write(world, guid, f"ExperimentRun/dcid.{job.name}/user_logs/std_log.txt", content)


def write_model(world: World, guid: str, job: Job, *, base: str, path: str) -> None:
    """Write the model of a fine-tuning job: an adapter in MLflow's format."""
    adapter = {"base_model_name_or_path": f"microsoft/{base}", "peft_type": "LORA", "r": 8, "lora_alpha": 128}
    _write(world, guid, f"{path}/MLmodel", f"artifact_path: model\n{_flavors(job)}")
    _write(world, guid, f"{path}/adapter/adapter_config.json", dump(adapter))


def write_pipeline(world: World, guid: str, job: Job) -> None:
    """Write what a pipeline that has ended leaves: the logs of its runs, and its outputs if it completed.

    The place of an output is where azure-ai-ml 1.35.2 looks for one: `azureml/{job}/{output}/`.
    """
    write_log(world, guid, job)
    for run in pipeline_runs.all_of(world, guid, job):
        write_log(world, guid, run)
    if job.failure:
        return
    results = child(job.document, "result")
    for output in results:
        _write_output(world, guid, job, f"azureml/{job.name}/{output}", child(results, output))


def _write_output(world: World, guid: str, job: Job, path: str, result: Json) -> None:
    weights = "data/model" if text(result, "port") == "mlflow_model_folder" else ""
    folder = f"{path}/{weights}".rstrip("/")
    if weights:
        _write(world, guid, f"{path}/MLmodel", f"artifact_path: mlflow_model_folder\n{_flavors(job)}")
    _write(world, guid, f"{folder}/config.json", dump({"_name_or_path": f"microsoft/{text(result, 'base')}"}))
    _write(world, guid, f"{folder}/model.safetensors", f"weights of {text(result, 'base')} tuned by {job.name}\n")


def _flavors(job: Job) -> str:
    return f"flavors:\n  hftransformersv2:\n    task_type: chat-completion\nrun_id: {job.name}\n"


def _write(world: World, guid: str, name: str, content: str) -> None:
    """Write a file created by the server into a workspace's container."""
    data = content.encode()
    part = Part("", new_part(), len(data))
    world.blobs.append(part.part, 0, data)
    headers = {"Content-Type": "application/octet-stream"}
    world.blobs.commit(container_of(guid), name, [part], modified=world.wall(), headers=headers, metadata={})
