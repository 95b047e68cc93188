"""Low-priority nodes that are taken away: the job is evicted, and a workflow continues from its last checkpoint."""

from __future__ import annotations

from pathlib import Path

import clusters
import pytest

from maas_client import JobEvicted, JobFailed, JobSpec, JobStatus, StepUpdate
from maas_client.client import Resources
from maas_client.jobs.pipeline_spec import PipelineSpec
from mock_server.server import Server
from tests.operations.test_workflows_on_the_wire import MODEL, made


@pytest.fixture
def spec(rows: Path, maas_server: Server) -> JobSpec:
    """A job on a cluster of low-priority machines."""
    clusters.make(maas_server, "spot", low_priority=True)
    return JobSpec(
        model=MODEL,
        training_data=rows,
        compute="spot",
        name="run-spot",
        hyperparameters={"num_train_epochs": 3, "apply_lora": True},
    )


async def test_an_evicted_job_says_so(maas: Resources, maas_server: Server, spec: JobSpec) -> None:
    maas_server.fault(job="evicted", count=1)
    job = await maas.jobs.submit(spec)
    with pytest.raises(JobEvicted, match=r"'run-spot' was evicted: .*pre-empted") as caught:
        await maas.jobs.wait(job.name)
    assert isinstance(caught.value, JobFailed)
    assert caught.value.log_tail


async def test_a_workflow_continues_from_the_last_checkpoint(
    maas: Resources, maas_server: Server, spec: JobSpec
) -> None:
    maas_server.fault(job="evicted", count=2)
    updates: list[StepUpdate] = []
    result = await maas.workflow.run(spec, until="train", on_step=updates.append)
    assert result.job.status == JobStatus.COMPLETED
    assert result.job.name.endswith("-3")
    assert result.job.hyperparameters["resume_from_checkpoint"] == "true"
    assert sum("lost its low-priority nodes" in update.text for update in updates) == 2
    assert made(maas_server).count("jobs.create") == 3


async def test_the_same_call_takes_the_job_that_went_on(maas: Resources, maas_server: Server, spec: JobSpec) -> None:
    maas_server.fault(job="evicted", count=1)
    first = await maas.workflow.run(spec, until="train")
    assert (await maas.workflow.run(spec, until="train")).job.name == first.job.name
    created = await maas.workflow.create(spec)
    assert (created.job.name, created.already) == (first.job.name, True)
    assert (await maas.workflow.plan(spec)).job_name == first.job.name


async def test_a_pipeline_continues_from_the_last_checkpoint(maas: Resources, maas_server: Server, rows: Path) -> None:
    clusters.make(maas_server, "spot", low_priority=True)
    maas_server.fault(job="evicted", count=1)
    spec = PipelineSpec(
        model="Phi-3-mini-4k-instruct", training_data=rows, compute="spot", hyperparameters={"apply_lora": True}
    )
    result = await maas.workflow.run(spec, until="train")
    assert result.job.status == JobStatus.COMPLETED
    assert result.job.name.endswith("-2")
    assert result.job.hyperparameters["resume_from_checkpoint"] == "true"
    assert (await maas.workflow.run(spec, until="train")).job.name == result.job.name


@pytest.mark.parametrize("most", [0, 2])
async def test_evictions_without_end_end_the_workflow(
    maas: Resources, maas_server: Server, spec: JobSpec, most: int
) -> None:
    maas_server.fault(job="evicted", count=most + 1)
    with pytest.raises(JobEvicted):
        await maas.workflow.run(spec, until="train", max_evictions=most)
    assert made(maas_server).count("jobs.create") == most + 1
    assert (await maas.workflow.run(spec, until="train")).job.name.endswith(f"-{most + 2}")


async def test_another_failure_is_no_eviction(maas: Resources, maas_server: Server, spec: JobSpec) -> None:
    maas_server.fault(job="fail", reason="out of memory", count=1)
    with pytest.raises(JobFailed) as caught:
        await maas.workflow.run(spec, until="train")
    assert not isinstance(caught.value, JobEvicted)
    assert made(maas_server).count("jobs.create") == 1
