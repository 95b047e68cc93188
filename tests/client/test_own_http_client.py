"""An application's own httpx client or transport: every request goes through it, and every promise still holds."""

from __future__ import annotations

import asyncio
import gzip
import threading
import traceback
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any, cast

import httpx
import pytest
from support import TLS, Ada, FakeService

from maas_client import (
    AsyncMaasClient,
    AsyncWire,
    BlockingWire,
    ClientClosed,
    InvalidInput,
    MaasClient,
    MaasError,
    ReplyLost,
    SettingsError,
    UnexpectedReply,
    UntrustedHost,
)
from maas_client.wire import MAX_REPLY
from mock_server.server import Server

PLACE: dict[str, Any] = {"subscription_id": "s", "resource_group": "g", "workspace": "w", "credential": Ada()}
JOB = {"name": "j", "properties": {"jobType": "FineTuning", "status": "Completed"}}

Maas = MaasClient | AsyncMaasClient
Call = Callable[[Any, Callable[[Any], Any]], Any]


@pytest.fixture
def asked() -> list[httpx.Request]:
    """The requests that went through the application's client."""
    return []


@pytest.fixture
def with_own(kind: str, service: FakeService, asked: list[httpx.Request]) -> Call:
    """Run an operation on a client with an http_client of its own, which has these settings; return its result."""

    def call(settings: dict[str, Any], operation: Callable[[Any], Any], **options: Any) -> Any:
        settings = {"transport": httpx.MockTransport(service), **settings}
        if kind == "blocking":
            with (
                httpx.Client(event_hooks={"request": [asked.append]}, **settings) as own,
                MaasClient(**{**PLACE, **options}, http_client=own) as maas,
            ):
                result: Any = operation(maas)
                return list(cast("Generator[Any]", result)) if isinstance(result, Generator) else result

        async def seen(request: httpx.Request) -> None:
            asked.append(request)

        async def called() -> Any:
            async with (
                httpx.AsyncClient(event_hooks={"request": [seen]}, **settings) as own,
                AsyncMaasClient(**{**PLACE, **options}, http_client=own) as maas,
            ):
                result: Any = operation(maas)
                return [each async for each in result] if hasattr(result, "__aiter__") else await result

        return asyncio.run(called())

    return call


def test_the_whole_job_goes_through_it(with_own: Call, maas_server: Server, asked: list[httpx.Request]) -> None:
    turns = {"messages": [{"role": "user", "content": "x" * 9000}, {"role": "assistant", "content": "y"}]}
    rows = [
        {"messages": [*turns["messages"], {"role": "user", "content": str(n)}, turns["messages"][1]]}
        for n in range(1000)
    ]
    options = {"endpoint": maas_server.endpoint, "credential": None}
    data = with_own({"transport": None}, lambda maas: maas.datasets.upload(rows), **options)
    assert data.bytes_sent > 8 << 20
    assert with_own({"transport": None}, lambda maas: maas.datasets.upload(rows), **options).bytes_sent == 0
    job = with_own(
        {"transport": None},
        lambda maas: maas.jobs.create(model="Phi-4-mini-instruct", training_data=data),
        **options,
    )
    assert job.name in [each.name for each in with_own({"transport": None}, lambda maas: maas.jobs.list(), **options)]
    assert len(asked) == len(maas_server.requests())
    assert any("comp=block&" in str(each.url) for each in asked)


def test_its_authorization_headers_and_cookies_are_not_sent(
    with_own: Call, service: FakeService, asked: list[httpx.Request]
) -> None:
    service.answer = lambda _: httpx.Response(200, json=JOB, headers={"Set-Cookie": "tracker=1; Domain=azure.com"})
    settings = {"auth": ("user", "word"), "headers": {"api-key": "own-key"}, "cookies": {"session": "own-cookie"}}
    for _ in range(2):
        with_own(settings, lambda maas: maas.jobs.get("j"))
    for sent in asked:
        assert sent.headers["authorization"].startswith("Bearer e30.")
        assert "api-key" not in sent.headers
        assert "cookie" not in sent.headers


def test_a_redirect_is_not_followed_whatever_it_says(with_own: Call, service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(307, headers={"Location": "https://attacker.example/"})
    with pytest.raises(UnexpectedReply, match="redirects"):
        with_own({"follow_redirects": True}, lambda maas: maas.jobs.get("j"))
    assert {sent.url.host for sent in service.asked} == {"management.azure.com"}


def test_an_untrusted_host_named_by_the_service_gets_nothing(with_own: Call, service: FakeService) -> None:
    page = {"value": [JOB], "nextLink": "https://management.azure.com.attacker.example/next"}
    service.answer = lambda _: httpx.Response(200, json=page)

    with pytest.raises(UntrustedHost):
        with_own({}, lambda maas: maas.jobs.list())
    assert {sent.url.host for sent in service.asked} == {"management.azure.com"}


@pytest.mark.parametrize("is_packed", [False, True])
def test_an_answer_without_end_is_cut(with_own: Call, service: FakeService, is_packed: bool) -> None:
    content = b" " * (MAX_REPLY + 1)
    packed = gzip.compress(content, 1)

    def answer(_: httpx.Request) -> httpx.Response:
        headers = {"Content-Encoding": "gzip"} if is_packed else {}
        return httpx.Response(200, headers=headers, stream=_Content(packed if is_packed else content))

    service.answer = answer
    with pytest.raises(UnexpectedReply, match="larger than"):
        with_own({}, lambda maas: maas.jobs.get("j"))


class _Content(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield from (self._content[at : at + (1 << 20)] for at in range(0, len(self._content), 1 << 20))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def test_a_hook_that_reads_a_packed_answer_does_no_harm(service: FakeService) -> None:
    import json

    packed = gzip.compress(json.dumps(JOB).encode())
    service.answer = lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=_Content(packed))

    def read(response: httpx.Response) -> None:
        response.read()

    hooks: dict[str, list[Callable[..., Any]]] = {"response": [read]}
    with (
        httpx.Client(transport=httpx.MockTransport(service), event_hooks=hooks) as own,
        MaasClient(**PLACE, http_client=own) as maas,
    ):
        assert maas.jobs.get("j").name == "j"


@pytest.mark.parametrize("raised", [ValueError, RuntimeError, KeyError, httpx.ReadError, httpx.ConnectError])
def test_what_a_transport_raises_becomes_ours_without_secrets(
    with_own: Call, service: FakeService, raised: type[Exception]
) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise raised(f"cannot send {request.headers['authorization']}")

    service.answer = broken
    with pytest.raises(MaasError) as caught:
        with_own({}, lambda maas: maas.with_options(max_retries=0).jobs.get("j"))
    shown = "".join(traceback.format_exception(caught.value))
    assert "e30." not in shown
    assert "cannot send" in str(caught.value)


def test_a_closed_http_client_is_reported_as_closed(service: FakeService) -> None:
    own = httpx.Client(transport=httpx.MockTransport(service))
    own.close()
    with MaasClient(**PLACE, http_client=own) as maas, pytest.raises(ClientClosed, match="http_client"):
        maas.jobs.get("j")


def test_a_transport_is_closed_and_an_http_client_is_not(service: FakeService) -> None:
    class Closing(httpx.MockTransport):
        closed = 0

        def close(self) -> None:
            self.closed += 1

    service.answer = lambda _: httpx.Response(200, json=JOB)
    transport = Closing(service)
    own = httpx.Client(transport=transport)
    with MaasClient(**PLACE, http_client=own) as maas:
        maas.jobs.get("j")
    assert not own.is_closed
    own.close()
    given = Closing(service)
    with MaasClient(**PLACE, transport=given) as maas:
        used: Any = maas.jobs.get("j")
    assert used.name == "j"
    assert given.closed == 1


def test_an_http_client_on_another_loop_is_a_typed_error(maas_server: Server) -> None:
    own = httpx.AsyncClient(trust_env=False)
    options: dict[str, Any] = {**PLACE, "credential": None, "endpoint": maas_server.endpoint}
    maas = AsyncMaasClient(**options, http_client=own, max_retries=0)

    async def listed() -> int:
        return len([each async for each in maas.jobs.list()])

    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    try:
        assert first.run_until_complete(listed()) == 0
        with pytest.raises(InvalidInput, match="use each on one loop"):
            second.run_until_complete(listed())
    finally:
        first.run_until_complete(own.aclose())
        first.close()
        second.close()


@pytest.mark.parametrize(
    ("client", "options", "words"),
    [
        (MaasClient, {"http_client": httpx.AsyncClient}, "AsyncMaasClient takes|MaasClient takes an httpx.Client"),
        (AsyncMaasClient, {"http_client": httpx.Client}, "httpx.AsyncClient"),
        (MaasClient, {"transport": httpx.AsyncHTTPTransport}, "httpx.BaseTransport"),
        (AsyncMaasClient, {"transport": httpx.HTTPTransport}, "httpx.AsyncBaseTransport"),
        (MaasClient, {"limits": dict}, "httpx.Limits"),
        (MaasClient, {"http_client": httpx.Client, "limits": httpx.Limits}, "cannot be combined"),
        (MaasClient, {"http_client": httpx.Client, "transport": httpx.HTTPTransport}, "cannot be combined"),
        (MaasClient, {"transport": httpx.HTTPTransport, "wire": BlockingWire}, "wire cannot be combined"),
        (AsyncMaasClient, {"limits": httpx.Limits, "wire": AsyncWire}, "wire cannot be combined"),
    ],
)
def test_what_does_not_fit_is_refused_at_once(
    client: Callable[..., Any], options: dict[str, Callable[..., Any]], words: str
) -> None:
    made = {name: make() if name != "wire" else make(verify=TLS) for name, make in options.items()}
    with pytest.raises(SettingsError, match=words):
        client(**PLACE, **made)


@pytest.mark.parametrize("bad", [{"max_connections": 0}, {"keepalive_expiry": -1}, {"max_keepalive_connections": 1.5}])
def test_limits_out_of_range_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        MaasClient(**PLACE, limits=httpx.Limits(**bad))


def test_max_connections_bounds_the_requests_under_way(maas_server: Server) -> None:
    options: dict[str, Any] = {**PLACE, "credential": None, "endpoint": maas_server.endpoint}
    with MaasClient(**options, limits=httpx.Limits(max_connections=2, max_keepalive_connections=1)) as maas:
        busy: list[int] = []

        def listed() -> None:
            busy.append(vars(maas)["_wire"].busy)
            list(maas.jobs.list())
            busy.append(vars(maas)["_wire"].busy)

        threads = [threading.Thread(target=listed) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert max(busy) <= 2


def test_a_transport_that_loses_an_answer_is_a_lost_reply(service: FakeService) -> None:
    service.script(httpx.RemoteProtocolError("cut"))
    with MaasClient(**PLACE, transport=httpx.MockTransport(service), max_retries=0) as maas, pytest.raises(ReplyLost):
        maas.jobs.get("j")
