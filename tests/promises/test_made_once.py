"""Promise 16: whatever is lost on the way, one thing is made, and what must not be done twice is not done twice."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import Clock, FakeService, collect

from maas_client import Conflict, MaasError, ReplyLost, ServiceUnavailable
from maas_client.azure.arm import Arm
from maas_client.azure.credentials import Tokens
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.http.channel import Channel
from maas_client.wire import Wire
from mock_server.server import Server
from tests.promises.credentials import NewTokens

MODEL = "Phi-3-mini-4k-instruct"
PLACE = Settings("s", "g", "w", endpoint="http://127.0.0.1:1")
LOST: list[dict[str, Any]] = [{"drop": "after"}, {"drop": "headers"}, {"drop": "body"}, {"drop": "before"}]
"""The reply in four states of being lost; `before` is a request that was not taken at all."""

BODILESS = [lost for lost in LOST if lost["drop"] != "body"]
"""The same for replies that have no body to be lost."""


def sent(server: Server, operation: str) -> list[dict[str, Any]]:
    return [entry for entry in server.requests() if entry["operation"] == operation]


def worked(server: Server, operation: str) -> list[int]:
    """The statuses of the work that was done for an operation, whatever part of it reached the caller."""
    return [entry["worked"] for entry in sent(server, operation) if entry["worked"]]


@pytest.mark.parametrize("lost", LOST)
async def test_a_lost_reply_makes_exactly_one_job(
    maas: Resources, maas_server: Server, rows: Path, lost: dict[str, Any]
) -> None:
    maas_server.fault(operation="jobs.create", **lost)
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    assert [listed.name for listed in await collect(maas.jobs.list())] == [job.name]
    assert worked(maas_server, "jobs.create") == [201]
    assert maas_server.verdict()["verdict"] == "clean"


@pytest.mark.parametrize("lost", LOST)
async def test_a_lost_reply_makes_exactly_one_data_asset(
    maas: Resources, maas_server: Server, rows: Path, lost: dict[str, Any]
) -> None:
    maas_server.fault(operation="data.create", **lost)
    dataset = await maas.datasets.upload(rows)
    assert [listed.version for listed in await collect(maas.datasets.list(dataset.name))] == [dataset.version]
    assert worked(maas_server, "data.create") == [201]


@pytest.mark.parametrize("lost", LOST)
async def test_a_lost_reply_makes_exactly_one_endpoint(
    maas: Resources, maas_server: Server, lost: dict[str, Any]
) -> None:
    maas_server.fault(operation="endpoints.create", **lost)
    endpoint = await maas.endpoints.create(model="Phi-4")
    assert [listed.name for listed in await collect(maas.endpoints.list())] == [endpoint.name]
    assert worked(maas_server, "endpoints.create") == [201]
    assert (await maas.endpoints.wait(endpoint)).is_online


async def test_everything_lost_at_once_still_makes_one_of_each(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    for operation in ("data.create", "jobs.create", "jobs.get", "endpoints.create", "endpoints.get", "data.get"):
        maas_server.fault(operation=operation, drop="after", count=1)
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    endpoint = await maas.endpoints.create(model="Phi-4")
    assert [listed.name for listed in await collect(maas.jobs.list())] == [job.name]
    assert [listed.name for listed in await collect(maas.endpoints.list())] == [endpoint.name]
    assert maas_server.verdict()["verdict"] == "clean"


@pytest.mark.parametrize("lost", LOST)
async def test_keys_are_listed_again_and_never_regenerated_on_loss(
    maas: Resources, maas_server: Server, lost: dict[str, Any]
) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    before = await maas.endpoints.keys(endpoint.name)
    maas_server.fault(operation="endpoints.list_keys", **lost)
    assert await maas.endpoints.keys(endpoint.name) == before
    assert sent(maas_server, "endpoints.regenerate_keys") == []


@pytest.mark.parametrize("trouble", [*BODILESS, {"status": 500}, {"status": 503}, {"status": 504}])
async def test_a_key_is_replaced_once_or_the_result_is_unknown(
    maas: Resources, maas_server: Server, trouble: dict[str, Any]
) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(operation="endpoints.regenerate_keys", **trouble)
    with pytest.raises((ReplyLost, ServiceUnavailable)):
        await maas.endpoints.regenerate_key(endpoint.name)
    assert len(sent(maas_server, "endpoints.regenerate_keys")) == 1
    assert (await maas.endpoints.keys(endpoint.name)).primary


async def test_a_replacement_that_was_throttled_is_asked_for_again(maas: Resources, maas_server: Server) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    before = await maas.endpoints.keys(endpoint.name)
    maas_server.fault(operation="endpoints.regenerate_keys", status=429)
    after = await maas.endpoints.regenerate_key(endpoint.name)
    assert after.primary != before.primary
    assert after.secondary == before.secondary


@pytest.mark.parametrize("lost", LOST)
async def test_an_answer_that_costs_money_is_not_asked_for_again(
    maas: Resources, maas_server: Server, lost: dict[str, Any]
) -> None:
    endpoint = await maas.endpoints.wait((await maas.endpoints.create(model="Phi-4")).name)
    before = len(sent(maas_server, "chat.complete"))
    maas_server.fault(operation="chat.complete", **lost)
    with pytest.raises(ReplyLost):
        await maas.chat.complete(endpoint.name, "Hello")
    assert len(sent(maas_server, "chat.complete")) == before + 1


@pytest.mark.parametrize("lost", BODILESS)
async def test_a_cancellation_is_idempotent_and_is_sent_again(
    maas: Resources, maas_server: Server, rows: Path, lost: dict[str, Any]
) -> None:
    job = await maas.jobs.create(model=MODEL, training_data=rows)
    maas_server.fault(operation="jobs.cancel", **lost)
    assert (await maas.jobs.cancel(job.name)).status in {"CancelRequested", "Canceled"}
    assert len(sent(maas_server, "jobs.cancel")) == 2


@pytest.mark.parametrize("lost", LOST)
async def test_a_deletion_whose_reply_is_lost_ends_well(
    maas: Resources, maas_server: Server, lost: dict[str, Any]
) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(operation="endpoints.delete", **lost)
    await maas.endpoints.delete(endpoint.name)
    assert await collect(maas.endpoints.list()) == []


class Gateway:
    """A gateway that says no of the first PUT although it was done behind it; the second one meets what it made."""

    def __init__(self, status: int) -> None:
        self.status, self.documents = status, dict[str, bytes]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        return {"PUT": self.put, "GET": self.get}[request.method](request)

    def put(self, request: httpx.Request) -> httpx.Response:
        status = 409 if request.url.path in self.documents else self.status
        self.documents.setdefault(request.url.path, request.content)
        return httpx.Response(status, json={"error": {"message": "it exists"}})

    def get(self, request: httpx.Request) -> httpx.Response:
        if request.url.path not in self.documents:
            return httpx.Response(404)
        return httpx.Response(200, content=self.documents[request.url.path])


@pytest.fixture
def arm(wire: Wire, clock: Clock) -> Arm:
    return Arm(Channel(wire, PLACE.trust), PLACE, Tokens(wire, partial(NewTokens, clock)))


@pytest.mark.parametrize("status", [500, 503, 504])
async def test_a_conflict_with_our_own_creation_is_read_back(
    wire: Wire, arm: Arm, service: FakeService, status: int
) -> None:
    service.answer = Gateway(status)
    document, reply = await arm.create("/jobs/j", {"name": "j"})
    assert (document, reply) == ({"name": "j"}, None)
    assert Counter(request.method for request in service.asked)["PUT"] <= 2


async def test_a_failed_read_back_reports_the_unknown_outcome_itself(
    wire: Wire, arm: Arm, service: FakeService
) -> None:
    service.script(httpx.ReadError("the reply is lost"), httpx.Response(403))
    with pytest.raises(ReplyLost, match=r"the reply is lost.*PUT "):
        await arm.create("/jobs/j", {"name": "j"})


async def test_a_name_taken_by_another_client_is_a_conflict(maas: Resources, maas_server: Server, rows: Path) -> None:
    theirs = {"name": "mine", "properties": {"jobType": "FineTuning", "status": "Running"}}
    maas_server.fault(operation="jobs.get", status=404)
    maas_server.fault(operation="jobs.create", status=409)
    maas_server.fault(operation="jobs.get", status=200, body=theirs)
    with pytest.raises(Conflict, match="another job has this name"):
        await maas.jobs.create(model=MODEL, training_data=rows, name="mine")
    assert len(sent(maas_server, "jobs.create")) == 1


async def test_an_endpoint_created_by_another_client_is_a_conflict(maas: Resources, maas_server: Server) -> None:
    other = await maas.endpoints.create(model="Phi-4-mini-instruct", name="mine")
    maas_server.fault(operation="endpoints.get", status=404)
    maas_server.fault(operation="endpoints.create", drop="before")
    with pytest.raises(Conflict, match="an endpoint of this name serves"):
        await maas.endpoints.create(model="Phi-4", name="mine")
    assert (await maas.endpoints.get("mine")).model_id == other.model_id


async def test_an_hour_of_retry_after_on_create_ends_all_requests(
    wire: Wire, arm: Arm, service: FakeService, clock: Clock
) -> None:
    service.script(httpx.Response(500, headers={"Retry-After": "3600"}))
    with pytest.raises(MaasError, match="Retry-After: 3600 s"):
        await arm.create("/jobs/j", {})
    assert clock.naps == []
