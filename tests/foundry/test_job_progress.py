"""How a job of Foundry is followed: by its status alone, without retries, and without reading an event twice."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from support import Ada, Clock, FakeService, collect

from maas_client.azure.credentials import Tokens
from maas_client.datasets.resource import AsyncDatasets
from maas_client.errors import JobFailed, NotOffered, ServiceUnavailable
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.jobs_backend import FoundryJobs
from maas_client.foundry.settings import resolve_foundry
from maas_client.http.channel import Channel
from maas_client.jobs.resource import AsyncJobs
from maas_client.wire import Wire

JOB = {"id": "ftjob-1", "status": "running", "model": "m", "training_file": "file-1", "created_at": 100}


@pytest.fixture
def backend(wire: Wire) -> FoundryJobs:
    settings = resolve_foundry(foundry_endpoint="https://r.services.ai.azure.com", environ={})

    def no_datasets() -> AsyncDatasets:
        raise AssertionError("nothing here is about data")

    return FoundryJobs(FoundryConnection(Channel(wire, settings.trust), settings, Tokens(wire, Ada)), no_datasets)


def paths(service: FakeService) -> list[str]:
    return [request.url.path.partition("/v1")[2] for request in service.asked]


async def test_a_poll_is_one_request_without_retries(backend: FoundryJobs, service: FakeService) -> None:
    service.script(httpx.Response(500), httpx.Response(200, json=JOB, headers={"retry-after-ms": "4000"}))
    with pytest.raises(ServiceUnavailable):
        await backend.poll("ftjob-1")
    job, asked = await backend.poll("ftjob-1")
    assert (job.status, asked) == ("running", 4.0)
    assert paths(service) == ["/fine_tuning/jobs/ftjob-1"] * 2


async def test_a_wait_honours_retry_after_and_unknown_statuses(
    backend: FoundryJobs, service: FakeService, clock: Clock
) -> None:
    asked = {"retry-after": "37"}
    service.script(
        httpx.Response(200, json={**JOB, "status": "archiving"}, headers=asked),
        httpx.Response(200, json={**JOB, "status": "succeeded", "fine_tuned_model": "m.ft-1"}),
    )
    done = await AsyncJobs(backend).wait("ftjob-1")
    assert done.output_model == "m.ft-1"
    assert clock.naps
    assert clock.naps[0] >= 37


def events(*messages: str, begin: int = 0) -> list[dict[str, Any]]:
    """Events, newest first."""
    return [
        {"id": f"ftevent-{number}", "created_at": 100 + number, "level": "info", "message": message, "type": "message"}
        for number, message in enumerate(messages, begin)
    ][::-1]


class Events:
    """Lists events newest first, two a page."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            after = request.url.params.get("after")
            start = 1 + next((n for n, each in enumerate(self.listed) if each["id"] == after), -1)
            page = self.listed[start : start + 2]
            return httpx.Response(200, json={"data": page, "has_more": len(self.listed) > start + 2})
        return httpx.Response(200, json=JOB)


@pytest.fixture
def listing(service: FakeService) -> Events:
    found = Events()
    service.answer = found
    return found


async def test_only_new_events_are_read_again(backend: FoundryJobs, service: FakeService, listing: Events) -> None:
    listing.listed = events(*(f"Step {step}: training loss=0.5" for step in range(1, 8)))
    assert len((await backend.metrics("ftjob-1"))["loss"]) == 7
    assert paths(service).count("/fine_tuning/jobs/ftjob-1/events") == 4
    service.asked.clear()
    listing.listed = events("Step 8: training loss=0.25", begin=7) + listing.listed
    assert [point.step for point in (await backend.metrics("ftjob-1"))["loss"]] == [*range(1, 9)]
    assert paths(service).count("/fine_tuning/jobs/ftjob-1/events") == 1


async def test_an_error_between_pages_leaves_no_gap(
    backend: FoundryJobs, service: FakeService, listing: Events
) -> None:
    listing.listed = events(*(f"Step {step}: training loss=0.5" for step in range(1, 6)))

    def broken(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={}) if "after" in request.url.params else listing(request)

    service.answer = broken
    with pytest.raises(Exception, match="400"):
        await backend.metrics("ftjob-1")
    service.answer = listing
    assert len((await backend.metrics("ftjob-1"))["loss"]) == 5


async def test_lines_of_events_go_on_where_they_ended(backend: FoundryJobs, listing: Events) -> None:
    listing.listed = events("Job enqueued.", "Job started.")
    part = await backend.activity("ftjob-1", 0)
    assert [line.partition(" ")[2] for line in part.lines] == ["Job enqueued.", "Job started."]
    listing.listed = events("Training started.", begin=2) + listing.listed
    later = await backend.activity("ftjob-1", part.offset)
    assert [line.partition(" ")[2] for line in later.lines] == ["Training started."]


async def test_a_failed_job_says_what_the_service_said_last(backend: FoundryJobs, service: FakeService) -> None:
    failed = {**JOB, "status": "failed", "error": {"code": "jsonlValidationFailed", "message": "Row 3 is wrong."}}
    listing = Events()
    listing.listed = events("Job enqueued.", "Preprocessing failed.")
    service.answer = lambda request: (
        listing(request) if request.url.path.endswith("/events") else httpx.Response(200, json=failed)
    )
    with pytest.raises(JobFailed, match=r"`maas check FILE`.*`maas jobs events ftjob-1` shows what it did") as caught:
        await AsyncJobs(backend).wait("ftjob-1")
    assert caught.value.code == "jsonlValidationFailed"
    assert "not charged" in caught.value.reason
    assert caught.value.log_tail[-1].endswith("Preprocessing failed.")


async def test_nothing_is_sent_for_what_is_not_offered(backend: FoundryJobs, service: FakeService) -> None:
    jobs = AsyncJobs(backend)
    with pytest.raises(NotOffered):
        await collect(jobs.logs("ft-1"))
    with pytest.raises(NotOffered):
        await jobs.log_part("ft-1")
    with pytest.raises(NotOffered):
        await jobs.archive("ft-1")
    with pytest.raises(NotOffered):
        await jobs.download("ft-1", "out", outputs="registered_model")
    assert service.asked == []


async def test_a_cancellation_whose_reply_is_lost_is_done(backend: FoundryJobs, service: FakeService) -> None:
    refused = {"error": {"code": "unexpectedEntityState", "message": "The job is cancelled."}}
    service.script(
        httpx.ReadError("lost"),
        httpx.Response(400, json=refused),
        httpx.Response(200, json={**JOB, "status": "cancelled"}),
        httpx.Response(200, json={**JOB, "status": "cancelled"}),
    )
    assert (await AsyncJobs(backend).cancel("ftjob-1")).status == "cancelled"
