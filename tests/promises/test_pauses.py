"""Promise 13: the time a service asks to be left alone is never undercut, and a long one is an error that says so."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from itertools import pairwise

import httpx
import pytest
from hypothesis import given, strategies as st
from support import Clock, FakeService

from maas_client import MaasError, ServiceUnavailable, Throttled, WaitTimeout
from maas_client.azure.clouds import PUBLIC, trust_for
from maas_client.client import Resources
from maas_client.core.blocking import run
from maas_client.core.http_messages import Reply, Request
from maas_client.http.auth import Unsigned
from maas_client.http.channel import Channel
from maas_client.http.retry import ATTEMPTS, LONGEST_WAIT, retry_after
from maas_client.http.trusted_hosts import Audience
from maas_client.wire import Wire
from mock_server.server import Server
from tests.promises.laptop import Laptop, Watched, resources

GET = Request("GET", "https://management.azure.com/x")
SPELLINGS = ["seconds", "date", "retry-after-ms", "x-ms-retry-after-ms"]


@pytest.fixture
def channel(wire: Wire) -> Channel:
    return Channel(wire, trust_for(PUBLIC, PUBLIC.resource_manager))


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("status", [429, 503])
async def test_a_call_comes_back_no_sooner_than_asked_in_any_spelling(
    maas: Resources, maas_server: Server, clock: Clock, status: int, spelling: str
) -> None:
    maas_server.fault(operation="workspaces.get", status=status, retry_after=20, spelling=spelling, count=2)
    await maas.workspace.get()
    assert [20 <= nap <= 22 for nap in clock.naps] == [True, True]
    assert maas_server.verdict()["verdict"] == "clean"


async def test_a_date_is_read_by_the_services_clock_and_not_by_ours(
    wire: Wire, channel: Channel, service: FakeService, clock: Clock
) -> None:
    theirs = clock.now() + 86_400
    headers = {"Date": formatdate(theirs, usegmt=True), "Retry-After": formatdate(theirs + 30, usegmt=True)}
    service.script(httpx.Response(503, headers=headers), httpx.Response(200))
    await channel.send(GET, audience=Audience.ARM, signer=Unsigned())
    assert [30 <= nap <= 31 for nap in clock.naps] == [True]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(("status", "kind"), [(429, Throttled), (503, ServiceUnavailable), (500, ServiceUnavailable)])
async def test_a_delay_beyond_the_limit_of_a_call_is_an_error_with_it(
    maas: Resources, maas_server: Server, clock: Clock, status: int, kind: type[MaasError], spelling: str
) -> None:
    maas_server.fault(operation="workspaces.get", status=status, retry_after=7200, spelling=spelling)
    with pytest.raises(kind, match=r"Retry-After: 7(200|199|201) s; a call waits at most 120 s"):
        await maas.workspace.get()
    assert clock.naps == []
    assert len(maas_server.requests()) == 1


async def test_a_renewed_token_is_not_sent_earlier_either(
    wire: Wire, channel: Channel, service: FakeService, clock: Clock
) -> None:
    class Renewing(Unsigned):
        async def renew(self, request: Request, reply: object) -> bool:
            return True

    service.script(httpx.Response(401, headers={"Retry-After": "9"}), httpx.Response(200))
    await channel.send(GET, audience=Audience.ARM, signer=Renewing())
    assert [9 <= nap <= 10 for nap in clock.naps] == [True]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([408, 429, 500, 502, 503, 504, 401]),
            st.sampled_from(["retry-after", "retry-after-ms", "x-ms-retry-after-ms"]),
            st.one_of(st.floats(0, 200).map(str), st.text("0123456789.e-+nai", max_size=12)),
        ),
        max_size=6,
    )
)
def test_no_sequence_of_responses_breaks_the_bounds_of_waiting(
    answers: list[tuple[int, str, str]],
) -> None:
    laptop, numbers = Laptop(), iter(answers)

    def answer(_: float) -> httpx.Response:
        status, name, value = next(numbers, (200, "x", ""))
        return httpx.Response(status, headers={name: value}, json={"name": "w"})

    service = Watched(laptop, answer)
    maas = resources("blocking", laptop, service)
    with suppress(MaasError):
        run(maas.workspace.get())
    wanted = [retry_after(Reply(status, {name: value})) or 0.0 for status, name, value in answers]
    assert all(gap >= asked - 1e-6 for gap, asked in zip(service.gaps, wanted, strict=False))
    assert len(service.looks) <= ATTEMPTS
    assert sum(laptop.naps) <= (ATTEMPTS - 1) * (LONGEST_WAIT + 1)


def asked_at(server: Server, operation: str) -> list[float]:
    """When an operation was asked for, on the server's clock."""
    return [entry["clock"] for entry in server.requests() if entry["operation"] == operation]


async def test_an_operation_is_not_polled_before_its_retry_after(maas: Resources, maas_server: Server) -> None:
    going_on = {"status": "InProgress"}
    maas_server.fault(operation="operations.status", status=200, headers={"Retry-After": "45"}, body=going_on, count=3)
    endpoint = await maas.endpoints.create(model="Phi-4")
    await maas.endpoints.wait(endpoint.name)
    looks = asked_at(maas_server, "operations.status")
    assert len(looks) > 1
    assert all(after - before >= 45 for before, after in pairwise(looks))
    assert maas_server.verdict()["verdict"] == "clean"


async def test_a_creation_is_not_polled_before_its_retry_after(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="endpoints.create", headers={"Retry-After": "50"})
    endpoint = await maas.endpoints.create(model="Phi-4")
    await maas.endpoints.wait(endpoint)
    assert asked_at(maas_server, "operations.status")[0] - asked_at(maas_server, "endpoints.create")[0] >= 50


async def test_an_operation_by_its_location_is_asked_no_sooner_either(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="operations.result", headers={"Retry-After": "40"}, count=2)
    endpoint = await maas.endpoints.create(model="Phi-4")
    await maas.endpoints.regenerate_key(endpoint.name)
    looks = asked_at(maas_server, "operations.result")
    assert looks[1] - looks[0] >= 40


@pytest.mark.parametrize("status", [200, 503])
async def test_a_deletion_is_followed_at_the_pace_of_the_service(
    maas: Resources, maas_server: Server, clock: Clock, status: int
) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(operation="endpoints.delete", status=202, body={})
    there = {"Retry-After": "33"}
    maas_server.fault(operation="endpoints.get", status=status, headers=there, body=endpoint.raw, count=3)
    maas_server.fault(operation="endpoints.get", status=404)
    await maas.endpoints.delete(endpoint.name, missing_ok=True)
    assert len(clock.naps) == 3
    assert min(clock.naps) >= 33


async def test_a_model_that_is_loading_is_asked_no_sooner_than_it_says(
    maas: Resources, maas_server: Server, clock: Clock
) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(operation="chat.complete", status=424, headers={"Retry-After": "25"}, count=3)
    await maas.endpoints.wait(endpoint.name)
    assert [nap for nap in clock.naps if nap >= 25][:3] == clock.naps[-3:]


async def test_waiting_for_an_endpoint_survives_half_an_hour_of_errors(
    maas: Resources, maas_server: Server, clock: Clock
) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(path="serverlessEndpoints|mfeOperation", status=503, count=None)
    began = clock.now()
    heal: list[Callable[[], object]] = [float, maas_server.faults_clear]
    clock.listeners.append(lambda _: heal[clock.now() - began > 1800]())
    assert (await maas.endpoints.wait(endpoint.name)).is_online
    assert clock.now() - began > 1800


async def test_a_time_that_is_longer_than_the_wait_ends_it_at_once(
    maas: Resources, maas_server: Server, clock: Clock
) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(path="serverlessEndpoints|mfeOperation", status=503, headers={"Retry-After": "900"}, count=None)
    with pytest.raises(WaitTimeout, match="Retry-After: 900 s"):
        await maas.endpoints.wait(endpoint.name, timeout=600)
    assert sum(clock.naps) <= 1  # what the creation's answer asked for
