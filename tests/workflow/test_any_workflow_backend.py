"""A workflow runs on any job backend and any endpoint backend: here on those in memory, with nothing of Azure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_backend import FakeBackend, FakeDatasets
from fake_endpoints import FakeEndpoints

from maas_client import JobFailed, JobSpec, JobStatus
from maas_client.endpoints.resource import AsyncEndpoints
from maas_client.inference.chat import AsyncChat
from maas_client.jobs.resource import AsyncJobs
from maas_client.wire import Wire
from maas_client.workflow.resource import AsyncWorkflow
from maas_client.workflow.runner import Services


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file of chat rows."""
    row = {"messages": [{"role": "user", "content": "When?"}, {"role": "assistant", "content": "At nine."}]}
    file = tmp_path / "rows.jsonl"
    file.write_text(f"{json.dumps(row)}\n" * 12, "utf-8")
    return file


def workflow(wire: Wire, jobs: FakeBackend) -> AsyncWorkflow:
    """A workflow on these jobs, and on endpoints in memory."""
    endpoints = FakeEndpoints(wire)
    return AsyncWorkflow(
        Services(
            jobs,
            endpoints,
            lambda: FakeDatasets(wire),
            lambda: AsyncJobs(jobs),
            lambda: AsyncEndpoints(endpoints),
            lambda: AsyncChat(endpoints),
        )
    )


async def test_a_file_becomes_an_answer(wire: Wire, rows: Path) -> None:
    result = await workflow(wire, FakeBackend(wire)).run(JobSpec(model="m", training_data=rows))
    assert result.job.status == JobStatus.COMPLETED
    assert result.reply is not None
    assert (result.prompt, result.reply.text) == ("When?", "When?")
    assert result.made == ("check", "upload", "create", "train", "deploy", "answer", "chat")


async def test_the_same_call_repeats_nothing(wire: Wire) -> None:
    service = workflow(wire, FakeBackend(wire))
    spec = JobSpec(model="m", training_data="data:1")
    first = await service.run(spec)
    second = await service.run(spec)
    assert (second.job, second.endpoint) == (first.job, first.endpoint)
    assert second.made == ("check", "chat")


async def test_a_failed_job_is_tried_again_only_on_request(wire: Wire) -> None:
    backend = FakeBackend(wire, statuses=[JobStatus.FAILED])
    service, spec = workflow(wire, backend), JobSpec(model="m", training_data="data:1")
    for _ in range(2):
        with pytest.raises(JobFailed):
            await service.run(spec)
    assert len(backend.polls) == 1
    with pytest.raises(JobFailed):
        await service.run(spec, again=True)
    assert len(backend.polls) == 2


async def test_a_plan_names_what_a_run_would_use(wire: Wire) -> None:
    service, spec = workflow(wire, FakeBackend(wire)), JobSpec(model="m", training_data="data:1")
    planned = await service.plan(spec)
    assert (planned.job, planned.endpoint) == (None, None)
    result = await service.run(spec)
    assert result.endpoint is not None
    assert (planned.job_name, planned.endpoint_name) == (result.job.name, result.endpoint.name)
    assert (await service.plan(spec)).job == result.job
