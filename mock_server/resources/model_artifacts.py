"""The files that a completed job leaves behind: its log, and a model that is all wrapping."""

from mock_server.core.json_values import dump
from mock_server.core.scope import container_of
from mock_server.state.blob_store import Part, new_part
from mock_server.state.world import World
from mock_server.training import job_log as logs
from mock_server.training.job import Job


def write(world: World, guid: str, job: Job, *, base: str, path: str) -> None:
    """Write them where azure-ai-ml 1.35.2 downloads from (`_job_operations.py`, `_get_named_output_uri`)."""
    adapter = {"base_model_name_or_path": f"microsoft/{base}", "peft_type": "LORA", "r": 8, "lora_alpha": 128}
    flavors = f"flavors:\n  hftransformersv2:\n    task_type: chat-completion\nrun_id: {job.name}\n"
    files = {
        f"ExperimentRun/dcid.{job.name}/user_logs/std_log.txt": "".join(f"{line}\n" for line in logs.lines(job)),
        f"{path}/MLmodel": f"artifact_path: model\n{flavors}",
        f"{path}/adapter/adapter_config.json": dump(adapter),
    }
    for name, content in files.items():
        write_blob(world, container_of(guid), name, content.encode())


def write_blob(world: World, container: str, name: str, content: bytes) -> None:
    """Put a file of the server's own making into a container."""
    part = Part("", new_part(), len(content))
    world.blobs.append(part.part, 0, content)
    headers = {"Content-Type": "application/octet-stream"}
    world.blobs.commit(container, name, [part], modified=world.wall(), headers=headers, metadata={})
