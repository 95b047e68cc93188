"""Waits, watches, logs, views and sweeps work on any job backend: here on one in memory, with nothing of Azure."""

from __future__ import annotations

import pytest
from fake_backend import FakeBackend
from support import collect

from maas_client import JobCanceled, JobFailed, JobSpec, JobStatus
from maas_client.jobs.resource import AsyncJobs
from maas_client.sweeps.resource import AsyncSweeps
from maas_client.wire import Wire

SPEC = JobSpec(model="m", training_data="data:1", name="job-1")


async def test_a_job_is_created_and_waited_for(wire: Wire) -> None:
    jobs, seen = AsyncJobs(FakeBackend(wire)), list[JobStatus]()
    created = await jobs.submit(SPEC)
    done = await jobs.wait(created.name, on_update=lambda job: seen.append(job.status))
    assert (created.status, done.status) == (JobStatus.QUEUED, JobStatus.COMPLETED)
    assert seen == [JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.COMPLETED]


async def test_a_failure_has_the_reason_and_the_log_of_the_backend(wire: Wire) -> None:
    jobs = AsyncJobs(FakeBackend(wire, statuses=[JobStatus.FAILED]))
    await jobs.submit(SPEC)
    with pytest.raises(JobFailed, match="OutOfMemory: the GPU has no memory left") as caught:
        await jobs.wait("job-1")
    assert caught.value.log_tail == ("epoch 1", "epoch 2")


async def test_a_canceled_job_ends_its_wait(wire: Wire) -> None:
    jobs = AsyncJobs(FakeBackend(wire))
    await jobs.submit(SPEC)
    assert (await jobs.cancel("job-1")).status == JobStatus.CANCELED
    with pytest.raises(JobCanceled):
        await jobs.wait("job-1")


async def test_several_jobs_are_watched_to_their_end(wire: Wire) -> None:
    backend = FakeBackend(wire)
    jobs = AsyncJobs(backend)
    for name in ("a", "b"):
        await jobs.submit(JobSpec(model="m", training_data="data:1", name=name))
    ended = [job.name async for job in jobs.watch(["a", "b"]) if job.status.is_final]
    assert sorted(ended) == ["a", "b"]
    assert {job.name async for job in jobs.list()} == {"a", "b"}


async def test_a_log_is_followed_until_the_job_has_ended(wire: Wire) -> None:
    jobs = AsyncJobs(FakeBackend(wire))
    await jobs.submit(SPEC)
    assert await collect(jobs.follow_logs("job-1")) == ["epoch 1", "epoch 2"]


async def test_views_have_the_metrics_of_the_backend(wire: Wire) -> None:
    jobs = AsyncJobs(FakeBackend(wire))
    await jobs.submit(SPEC)
    views = await collect(jobs.watch_views("job-1"))
    assert [view.job.status for view in views][-1] == JobStatus.COMPLETED
    assert views[-1].metrics["loss"][0].value == 0.5


async def test_a_sweep_trains_each_combination(wire: Wire) -> None:
    spec = JobSpec(model="m", training_data="data:1", name="s", hyperparameters={"n_epochs": [1, 2]})
    sweep = await AsyncSweeps(FakeBackend(wire)).run(spec)
    assert [outcome.eval_loss for outcome in sweep.outcomes] == [0.75, 0.75]
    assert {outcome.job.status for outcome in sweep.outcomes if outcome.job} == {JobStatus.COMPLETED}
