"""What a client may set for all its requests, and a view of it for one call, sync and async."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from support import TLS, Ada, Clock, FakeService

from maas_client import (
    AsyncMaasClient,
    AsyncWire,
    BlockingWire,
    ClientClosed,
    InvalidInput,
    MaasClient,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
    ServiceUnavailable,
    SettingsError,
)
from maas_client.core.blocking import run

PLACE: dict[str, Any] = {"subscription_id": "s", "resource_group": "g", "workspace": "w", "credential": Ada()}
JOB = {"name": "j", "properties": {"jobType": "FineTuning", "status": "Completed"}}
Ask = Callable[..., Any]


@pytest.fixture
def ask(kind: str, service: FakeService, clock: Clock) -> Ask:
    """Make a client with these options, call `jobs.get` on it or a view of it, and return the job."""

    def asked(view: dict[str, Any] | None = None, **options: Any) -> Any:
        transport = httpx.MockTransport(service)
        if kind == "blocking":
            wire = BlockingWire(verify=TLS, transport=transport, sleep=clock.sleep, now=clock.now, clock=clock.now)
            with MaasClient(**PLACE, wire=wire, **options) as maas:
                return (maas.with_options(**view) if view else maas).jobs.get("j")

        async def called() -> Any:
            wire = AsyncWire(verify=TLS, transport=transport, sleep=clock.asleep, now=clock.now, clock=clock.now)
            async with AsyncMaasClient(**PLACE, wire=wire, **options) as maas:
                return await (maas.with_options(**view) if view else maas).jobs.get("j")

        return asyncio.run(called())

    service.answer = lambda _: httpx.Response(200, json=JOB)
    return asked


def test_a_client_without_options_sends_what_it_always_sent(ask: Ask, service: FakeService) -> None:
    assert ask().name == "j"
    assert service.asked[0].extensions["timeout"]["read"] == 60.0
    assert service.asked[0].headers["user-agent"].startswith("maas-client/")


@pytest.mark.parametrize("view", [False, True])
def test_timeout_headers_and_user_agent_reach_each_request(ask: Ask, service: FakeService, view: bool) -> None:
    options = {"timeout": 5, "headers": {"X-Team": "speech"}, "user_agent": "my-app/1.0"}
    ask(options) if view else ask(**options)
    (sent,) = service.asked
    assert sent.extensions["timeout"]["read"] == 5
    assert sent.headers["x-team"] == "speech"
    assert sent.headers["user-agent"].endswith(" my-app/1.0")
    assert sent.headers["user-agent"].startswith("maas-client/")
    assert sent.headers["authorization"].startswith("Bearer ")


def test_a_view_adds_headers_and_replaces_numbers(ask: Ask, service: FakeService) -> None:
    ask({"timeout": 3, "headers": {"x-b": "2"}}, timeout=5, headers={"x-a": "1", "X-B": "1"})
    (sent,) = service.asked
    assert sent.extensions["timeout"]["read"] == 3
    assert (sent.headers["x-a"], sent.headers["x-b"]) == ("1", "2")


@pytest.mark.parametrize(("retries", "attempts"), [(0, 1), (1, 2), (None, 5), (9, 10)])
def test_max_retries_bounds_the_attempts(ask: Ask, service: FakeService, retries: int | None, attempts: int) -> None:
    service.answer = lambda _: httpx.Response(503)
    with pytest.raises(ServiceUnavailable):
        ask(max_retries=retries)
    assert len(service.asked) == attempts


def test_a_view_retries_as_it_says(ask: Ask, service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(503)
    with pytest.raises(ServiceUnavailable):
        ask({"max_retries": 0}, max_retries=4)
    assert len(service.asked) == 1


def test_a_request_that_is_not_repeatable_keeps_its_bound(kind: str, service: FakeService, clock: Clock) -> None:
    service.answer = lambda _: httpx.Response(429)
    wire = BlockingWire(verify=TLS, transport=httpx.MockTransport(service), sleep=clock.sleep)
    with MaasClient(**PLACE, wire=wire, max_retries=9) as maas, pytest.raises(Exception, match="429"):
        maas.endpoints.regenerate_key("e")
    assert len([sent for sent in service.asked if sent.method == "POST"]) <= 5


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"timeout": 0}, "timeout"),
        ({"timeout": "5"}, "timeout"),
        ({"max_retries": -1}, "max_retries"),
        ({"max_retries": 1.5}, "max_retries"),
        ({"max_retries": 10}, "at most 9"),
        ({"headers": {"Authorization": "Bearer x"}}, "looks like a secret"),
        ({"headers": {"x-gateway-key": "x"}}, "looks like a secret"),
        ({"headers": {"Cookie": "x"}}, "looks like a secret"),
        ({"headers": {"x-ms-date": "x"}}, "sets x-ms-date itself"),
        ({"headers": {"host": "x"}}, "sets host itself"),
        ({"headers": {"user-agent": "x"}}, "user_agent="),
        ({"headers": {"x-a": "a\r\nAuthorization: b"}}, "printable ASCII"),
        ({"headers": {"x a": "a"}}, "not a valid name"),
        ({"headers": [("a", "b")]}, "must be a mapping"),
        ({"user_agent": "a\nb"}, "user_agent"),
        ({"user_agent": 5}, "user_agent"),
        ({"event_hooks": {"retries": [print]}}, "no event 'retries'"),
        ({"event_hooks": {"retry": print}}, "list of functions"),
        ({"event_hooks": {"retry": [5]}}, "plain functions"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused_at_once(ask: Ask, options: dict[str, Any], words: str) -> None:
    with pytest.raises((InvalidInput, SettingsError), match=words):
        ask(**options)
    with pytest.raises((InvalidInput, SettingsError), match=words):
        ask(options)


def test_hooks_see_each_attempt_and_retry_without_secrets(ask: Ask, service: FakeService) -> None:
    seen: list[Any] = []
    service.script(
        httpx.Response(503, headers={"Retry-After": "2", "x-ms-request-id": "r-1"}),
        httpx.ReadError("cut"),
        httpx.Response(200, json=JOB, headers={"x-ms-request-id": "r-3"}),
    )
    hooks: dict[str, Any] = {name: [seen.append] for name in ("request", "response", "retry")}
    ask(event_hooks=hooks)
    kinds = [RequestEvent, ResponseEvent, RetryEvent, RequestEvent, ResponseEvent, RetryEvent, RequestEvent]
    assert [type(each) for each in seen] == [*kinds, ResponseEvent]
    assert [each.attempt for each in seen] == [1, 1, 1, 2, 2, 2, 3, 3]
    assert [each.status for each in seen if isinstance(each, ResponseEvent)] == [503, 0, 200]
    assert [each.request_id for each in seen if isinstance(each, ResponseEvent)] == ["r-1", "", "r-3"]
    first, second = (each for each in seen if isinstance(each, RetryEvent))
    assert first.reason == "503 Service Unavailable"
    assert first.pause >= 2
    assert "cut" in second.reason
    assert len({each.client_request_id for each in seen}) == 1
    assert all(each.url.endswith("/workspaces/w/jobs/j") for each in seen)
    assert "Bearer" not in repr(seen)
    assert "api-version" not in repr(seen)


def test_an_exception_of_a_hook_ends_the_call(ask: Ask, service: FakeService) -> None:
    def refuse(_: RequestEvent) -> None:
        raise LookupError("not now")

    with pytest.raises(LookupError, match="not now"):
        ask(event_hooks={"request": [refuse]})
    assert service.asked == []


def test_each_retry_is_a_log_record_without_a_query(
    ask: Ask, service: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    service.script(httpx.Response(503), httpx.ReadTimeout("late"), httpx.Response(200, json=JOB))
    with caplog.at_level(logging.INFO, "maas_client"):
        ask()
    first, second = (each for each in caplog.records if each.name == "maas_client")
    assert first.levelno == second.levelno == logging.INFO
    assert "GET https://management.azure.com/subscriptions/s/" in first.getMessage()
    assert "/jobs/j: 503 Service Unavailable; retry 1 in " in first.getMessage()
    assert "no response within 60 s; retry 2 in " in second.getMessage()
    assert "?" not in first.getMessage()


def test_a_view_shares_connections_and_closes_nothing(service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(200, json=JOB)
    maas = MaasClient(**PLACE, wire=BlockingWire(verify=TLS, transport=httpx.MockTransport(service)))
    with maas.with_options(timeout=5) as view:
        assert view.jobs.get("j").name == "j"
    assert maas.jobs.get("j").name == "j"
    assert [sent.extensions["timeout"]["read"] for sent in service.asked] == [5, 60]
    maas.close()
    with pytest.raises(ClientClosed):
        view.jobs.get("j")


def test_a_views_budget_of_retries_is_the_clients(service: FakeService, clock: Clock) -> None:
    service.answer = lambda _: httpx.Response(503)
    wire = BlockingWire(verify=TLS, transport=httpx.MockTransport(service), sleep=clock.sleep, clock=clock.now)
    with MaasClient(**PLACE, wire=wire) as maas:
        for _ in range(59):
            with pytest.raises(ServiceUnavailable):
                maas.with_options(max_retries=4).jobs.get("j")
        with pytest.raises(ServiceUnavailable, match="retry budget is exhausted"):
            maas.with_options(max_retries=4).jobs.get("j")


def test_the_timeout_of_a_chat_call_takes_precedence(service: FakeService) -> None:
    from maas_client import Endpoint

    service.answer = lambda request: httpx.Response(
        200, json={"primaryKey": "key-key-key"} if "listKeys" in request.url.path else {"choices": [{"message": {}}]}
    )
    online = Endpoint(name="e", scoring_url="https://e.eastus.models.ai.azure.com", auth_mode="Key")
    wire = BlockingWire(verify=TLS, transport=httpx.MockTransport(service))
    with MaasClient(**PLACE, wire=wire, timeout=7) as maas:
        maas.chat.complete(online, "Hello")
        maas.chat.complete(online, "Hello", timeout=300)
    with MaasClient(**PLACE, wire=BlockingWire(verify=TLS, transport=httpx.MockTransport(service))) as maas:
        maas.chat.complete(online, "Hello")
    chats = [sent.extensions["timeout"]["read"] for sent in service.asked if "completions" in sent.url.path]
    assert chats == [7, 300, 120]


@pytest.mark.parametrize("client", [MaasClient, AsyncMaasClient])
def test_a_client_shows_its_workspace_and_no_secret(client: type[MaasClient | AsyncMaasClient]) -> None:
    maas = client(**PLACE, headers={"x-team": "speech"}, event_hooks={"retry": [print]})
    shown = repr(maas)
    assert shown == (
        f"<{client.__name__} workspace='w' resource_group='g' subscription_id='s' at https://management.azure.com>"
    )
    closing = maas.close()
    if closing is not None:
        asyncio.run(_awaited(closing))
    assert repr(maas).endswith(", closed>")


async def _awaited(closing: Any) -> None:
    await closing


def test_a_blocking_call_never_suspends_because_of_hooks(service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(200, json=JOB)
    seen: list[object] = []
    wire = BlockingWire(verify=TLS, transport=httpx.MockTransport(service))
    with MaasClient(**PLACE, wire=wire, event_hooks={"response": [seen.append]}) as maas:
        resources: Any = vars(maas)["_own"]
        assert run(resources.jobs.get("j")).name == "j"
    assert len(seen) == 1
