"""One job is made, whatever is lost on the way: the service makes one of every request that reaches it."""

from __future__ import annotations

import random

import httpx
import pytest
from support import Ada, Clock, make_wire
from targets import ALL
from unsure_jobs import MADE, OUTCOMES, UnsureJobs

from maas_client import Dataset, MaasError, ReplyLost
from maas_client.azure.credentials import Tokens
from maas_client.datasets.resource import AsyncDatasets
from maas_client.errors import Conflict, ServiceUnavailable
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.job_reading import FoundryJob
from maas_client.foundry.job_request import FoundryJobRequest
from maas_client.foundry.jobs_backend import FoundryJobs
from maas_client.foundry.settings import resolve_foundry
from maas_client.http.channel import Channel
from maas_client.jobs.job import Job

ROUNDS = 10_000 if ALL else 300

REQUEST = FoundryJobRequest(
    name="ft-one",
    model_id="gpt-4.1-mini-2025-04-14",
    training=Dataset(id="file-1", name="train", version="0" * 32, status="processed"),
    training_type="GlobalStandard",
    hyperparameters={"n_epochs": "2"},
)


def backend_at(service: UnsureJobs, kind: str, clock: Clock) -> FoundryJobs:
    """Return the jobs of an account whose requests the service answers."""
    wire = make_wire(kind, clock, httpx.MockTransport(service))
    settings = resolve_foundry(foundry_endpoint="https://r.services.ai.azure.com", environ={})
    connection = FoundryConnection(Channel(wire, settings.trust), settings, Tokens(wire, Ada))
    return FoundryJobs(connection, _no_datasets)


def _no_datasets() -> AsyncDatasets:
    raise AssertionError("the data is at the service")


async def made(backend: FoundryJobs) -> Job | MaasError:
    """Create the job; return it or the error."""
    try:
        return await backend.put(REQUEST, may_exist=True)
    except MaasError as error:
        return error


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_whatever_happens_to_the_first_request_one_job_is_made(kind: str, clock: Clock, outcome: str) -> None:
    service = UnsureJobs(clock, iter([outcome]))
    job = await backend_at(service, kind, clock).put(REQUEST, may_exist=False)
    assert len(service.jobs) == 1
    assert isinstance(job, FoundryJob)
    assert job.id == service.jobs[0]["id"]
    assert service.creations == (1 if outcome in MADE else 2)


@pytest.mark.parametrize("outcome", sorted(MADE - {"made"}))
async def test_nothing_is_repeated_while_the_jobs_cannot_be_listed(kind: str, clock: Clock, outcome: str) -> None:
    service = UnsureJobs(clock, iter([outcome]), lists=iter(["500"] * 5))
    with pytest.raises(MaasError, match=r"unknown whether the job was created: the jobs cannot be listed.*ft-one"):
        await backend_at(service, kind, clock).put(REQUEST, may_exist=False)
    assert service.creations == 1


async def test_a_list_without_data_is_not_an_empty_one(kind: str, clock: Clock) -> None:
    service = UnsureJobs(clock, iter(["made, lost"]), lists=iter(["no data"] * 9))
    with pytest.raises(ReplyLost, match="the jobs cannot be listed"):
        await backend_at(service, kind, clock).put(REQUEST, may_exist=False)
    assert service.creations == 1


async def test_a_list_that_is_behind_is_read_once_more(kind: str, clock: Clock) -> None:
    service = UnsureJobs(clock, iter(["made, lost"]), lists=iter(["behind"]))
    await backend_at(service, kind, clock).put(REQUEST, may_exist=False)
    assert service.creations == 1


@pytest.mark.parametrize("outcome", ["made, lost", "made, 500"])
async def test_a_job_without_metadata_may_be_ours(kind: str, clock: Clock, outcome: str) -> None:
    service = UnsureJobs(clock, iter([outcome]), keeps_metadata=False)
    with pytest.raises((ReplyLost, ServiceUnavailable), match="has no name, may be the one"):
        await backend_at(service, kind, clock).put(REQUEST, may_exist=False)
    assert service.creations == 1


async def test_an_old_job_without_metadata_is_not_ours(kind: str, clock: Clock) -> None:
    old = {
        "id": "ftjob-old",
        "model": REQUEST.model_id,
        "training_file": "file-1",
        "created_at": int(clock.time) - 7200,
    }
    service = UnsureJobs(clock, iter(["lost"]), jobs=[old])
    await backend_at(service, kind, clock).put(REQUEST, may_exist=False)
    assert service.creations == 2


async def test_a_twin_that_comes_through_later_is_canceled(kind: str, clock: Clock) -> None:
    service = UnsureJobs(clock, iter(["later", "slow"]))
    job = await backend_at(service, kind, clock).put(REQUEST, may_exist=False)
    assert {each["id"]: each["status"] for each in service.jobs} == {
        f"ftjob-{1:032x}": "pending",
        f"ftjob-{2:032x}": "cancelled",
    }
    assert job.id == f"ftjob-{1:032x}"
    assert (await backend_at(service, kind, clock).get("ft-one")).name == "ft-one"
    assert (await backend_at(service, kind, clock).get("ft-one")).status == "pending"


async def test_a_conflict_is_raised_where_the_job_is_not_listed(kind: str, clock: Clock) -> None:
    service = UnsureJobs(clock, iter(["409"]))
    with pytest.raises(Conflict):
        await backend_at(service, kind, clock).put(REQUEST, may_exist=False)
    assert service.creations == 1


def test_random_faults_leave_one_job_after_the_call_is_repeated(kind: str) -> None:
    chance = random.Random(20261129)
    for number in range(ROUNDS):
        clock = Clock()
        service = UnsureJobs(
            clock,
            iter(chance.choices(OUTCOMES, k=3)),
            lists=iter(chance.choices(["well", "behind", "lost", "500"], weights=[3, 2, 1, 1], k=8)),
        )
        _run(kind, clock, service, number)


def _run(kind: str, clock: Clock, service: UnsureJobs, number: int) -> None:
    from asyncio import run as run_loop

    from maas_client.core.blocking import run

    async def until_made() -> None:
        backend = backend_at(service, kind, clock)
        for _ in range(20):
            assert len(service.jobs) + len(service.late) <= 1, number
            if isinstance(await made(backend), Job):
                break
            clock.sleep(10.0)
        assert len(service.jobs) == 1, number

    run_loop(until_made()) if kind == "async" else run(until_made())
