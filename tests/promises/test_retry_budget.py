"""Promise 14: a client that meets nothing but failures stops repeating and says so; no call is sent over ten times."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

import httpx
import pytest
from support import Clock, FakeService

from maas_client import AuthenticationFailed, MaasError, ReplyLost, ServiceUnavailable
from maas_client.azure.arm import Arm
from maas_client.azure.clouds import PUBLIC, trust_for
from maas_client.azure.credentials import Tokens
from maas_client.azure.settings import Settings
from maas_client.azure.signers import Bearer
from maas_client.client import Resources
from maas_client.core.http_messages import Request
from maas_client.http.auth import Signer, Unsigned
from maas_client.http.channel import Channel
from maas_client.http.retry import ATTEMPTS, NO_RETRY
from maas_client.http.retry_budget import BLOCKS, CALLS, RETRY
from maas_client.http.trusted_hosts import Audience
from maas_client.wire import Wire
from mock_server.server import Server
from tests.promises.credentials import NewTokens

GET = Request("GET", "https://management.azure.com/x")
PUT = Request("PUT", "https://management.azure.com/x", body=b"block")
PLACE = Settings("s", "g", "w", endpoint="http://127.0.0.1:1")


@pytest.fixture
def channel(wire: Wire) -> Channel:
    return Channel(wire, trust_for(PUBLIC, PUBLIC.resource_manager))


async def fails(channel: Channel, signer: Signer, request: Request = GET) -> MaasError:
    with pytest.raises(MaasError) as caught:
        await channel.send(request, audience=Audience.ARM, signer=signer)
    return caught.value


def raises(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return answer


Answer = Callable[[httpx.Request], httpx.Response]

FAILING: dict[str, Answer] = {
    "500": lambda _: httpx.Response(500),
    "503 with a time": lambda _: httpx.Response(503, headers={"Retry-After": "1"}),
    "429": lambda _: httpx.Response(429),
    "401 of every token": lambda _: httpx.Response(401),
    "no connection": raises(httpx.ConnectError("refused")),
    "no reply": raises(httpx.ReadTimeout("late")),
}


@pytest.mark.parametrize("failing", FAILING)
async def test_against_constant_failure_calls_become_single_requests(
    wire: Wire, channel: Channel, service: FakeService, clock: Clock, failing: str
) -> None:
    service.answer = FAILING[failing]
    signer = Bearer(Tokens(wire, partial(NewTokens, clock)), "scope")
    for _ in range(CALLS.capacity // RETRY):
        await fails(channel, signer)
    before, calls = len(service.asked), 200
    assert before > 1.1 * CALLS.capacity // RETRY
    errors = [await fails(channel, signer) for _ in range(calls)]
    assert len(service.asked) - before <= 1.1 * calls
    assert all("its retry budget is exhausted" in str(error) for error in errors)


async def test_successes_fill_the_bucket_again(wire: Wire, channel: Channel, service: FakeService) -> None:
    service.answer = FAILING["500"]
    for _ in range(CALLS.capacity // RETRY):
        await fails(channel, Unsigned())
    assert channel.budget.left == 0
    service.answer = lambda _: httpx.Response(200)
    for _ in range(RETRY):
        await channel.send(GET, audience=Audience.ARM, signer=Unsigned())
    service.script(httpx.Response(500), httpx.Response(200))
    await channel.send(GET, audience=Audience.ARM, signer=Unsigned())
    assert channel.budget.left == RETRY


async def test_a_token_is_replaced_even_without_retry_budget(
    wire: Wire, channel: Channel, service: FakeService, clock: Clock
) -> None:
    await channel.budget.take(CALLS.capacity)
    service.answer = lambda request: httpx.Response({"Bearer token-1": 401}.get(request.headers["authorization"], 200))
    signer = Bearer(Tokens(wire, partial(NewTokens, clock)), "scope")
    error = await fails(channel, signer)
    assert isinstance(error, AuthenticationFailed)
    assert "its retry budget is exhausted" in str(error)
    assert (await channel.send(GET, audience=Audience.ARM, signer=signer)).status == 200


async def test_many_at_once_draw_from_one_bucket(wire: Wire, channel: Channel, service: FakeService) -> None:
    service.answer = FAILING["500"]
    calls = 300
    await wire.gather((partial(fails, channel, Unsigned()) for _ in range(calls)), limit=12)
    assert len(service.asked) == calls + CALLS.capacity // RETRY
    assert channel.budget.left == 0


async def test_every_resource_of_a_client_draws_from_one_bucket(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(path=".", status=500, count=None)
    calls: list[Callable[[], Awaitable[object]]] = [maas.workspace.get, partial(maas.jobs.get, "a")]
    calls += [partial(maas.endpoints.get, "a"), partial(maas.datasets.get, "a", "1")]
    for call in calls * 12:
        with pytest.raises(ServiceUnavailable):
            await call()
    assert len(maas_server.requests()) == len(calls) * 12 + CALLS.capacity // RETRY


LOOKS = 300


async def test_the_polls_of_a_wait_cost_nothing(wire: Wire, channel: Channel, service: FakeService) -> None:
    service.answer = FAILING["500"]
    for _ in range(LOOKS):
        with pytest.raises(ServiceUnavailable):
            await channel.send(GET, audience=Audience.ARM, signer=Unsigned(), policy=NO_RETRY)
    assert channel.budget.left == CALLS.capacity
    assert len(service.asked) == LOOKS


@pytest.mark.parametrize("trouble", ["503 with a time", "no reply"])
async def test_a_thousand_blocks_failing_twice_spend_no_call_budget(
    wire: Wire, channel: Channel, service: FakeService, trouble: str
) -> None:
    blocks, sent = 1000, Counter[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        sent[str(request.url)] += 1
        return {3: arrived}.get(sent[str(request.url)], FAILING[trouble])(request)

    service.answer = answer
    heeded: list[int] = []
    for number in range(blocks):
        block = Request("PUT", f"https://management.azure.com/x?blockid={number}", body=b"x")
        await channel.send(block, audience=Audience.ARM, signer=Unsigned(), on_attempt=heeded.append)
    assert len(heeded) == 3 * blocks
    assert channel.budget.left == CALLS.capacity


def arrived(_: httpx.Request) -> httpx.Response:
    return httpx.Response(201)


async def test_blocks_that_always_fail_end_as_single_requests_too(
    wire: Wire, channel: Channel, service: FakeService
) -> None:
    service.answer = FAILING["500"]
    heeded: list[int] = []

    async def send() -> None:
        with pytest.raises(ServiceUnavailable):
            await channel.send(PUT, audience=Audience.ARM, signer=Unsigned(), on_attempt=heeded.append)

    for _ in range(BLOCKS.capacity // RETRY // (ATTEMPTS - 1) + 1):
        await send()
    before = len(heeded)
    for _ in range(100):
        await send()
    assert len(heeded) - before <= 110


@pytest.mark.parametrize("seed", range(40))
async def test_no_creation_is_sent_more_than_ten_times(
    wire: Wire, service: FakeService, clock: Clock, seed: int
) -> None:
    dice = random.Random(seed)
    troubles = ["500", "503 with a time", "429", "401 of every token", "no connection", "no reply"]

    def answer(request: httpx.Request) -> httpx.Response:
        return {"PUT": FAILING[dice.choice(troubles)], "GET": missing}[request.method](request)

    service.answer = answer
    arm = Arm(Channel(wire, PLACE.trust), PLACE, Tokens(wire, partial(NewTokens, clock)))
    with pytest.raises(MaasError):
        await arm.create("/jobs/j", {"properties": {}})
    methods = Counter(request.method for request in service.asked)
    assert 1 <= methods["PUT"] <= 2 * ATTEMPTS == 10


def missing(_: httpx.Request) -> httpx.Response:
    return httpx.Response(404)


async def test_without_budget_a_creation_is_not_resent_on_lost_reply(
    wire: Wire, service: FakeService, clock: Clock
) -> None:
    arm = Arm(Channel(wire, PLACE.trust), PLACE, Tokens(wire, partial(NewTokens, clock)))
    await arm.channel.budget.take(CALLS.capacity)
    service.script(httpx.ReadError("gone"), httpx.Response(404))
    with pytest.raises(ReplyLost, match="its retry budget is exhausted"):
        await arm.create("/jobs/j", {})
    assert [request.method for request in service.asked] == ["PUT", "GET"]
