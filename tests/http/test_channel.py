"""One request, made safe: signed, sent again where that is safe, and answered with a typed error where not."""

from __future__ import annotations

import httpx
import pytest
from support import Clock, FakeService

from maas_client import errors
from maas_client.azure.clouds import PUBLIC, trust_for
from maas_client.azure.credentials import Tokens
from maas_client.azure.signers import Bearer
from maas_client.core.http_messages import Request
from maas_client.core.secret_text import SecretText
from maas_client.http.auth import Unsigned
from maas_client.http.channel import Channel
from maas_client.http.retry import ATTEMPTS, CONNECTION_ATTEMPTS
from maas_client.http.trusted_hosts import Audience
from maas_client.wire import Wire

GET = Request("GET", "https://management.azure.com/x")
POST = Request("POST", "https://management.azure.com/x", body=b"{}")


def ok() -> httpx.Response:
    return httpx.Response(200, json={"ok": True})


class Credential:
    """Hands out token after token, and counts."""

    def __init__(self, clock: Clock, lifetime: float = 3600) -> None:
        self.clock, self.lifetime, self.asked = clock, lifetime, list[dict[str, str]]()

    def get_token(self, *scopes: str, **options: str) -> object:
        self.asked.append({"scope": scopes[0], **options})

        class Token:
            token = f"token-{len(self.asked)}"
            expires_on = int(self.clock.now() + self.lifetime)

        return Token()


@pytest.fixture
def channel(wire: Wire) -> Channel:
    return Channel(wire, trust_for(PUBLIC, PUBLIC.resource_manager))


async def ask(channel: Channel, request: Request = GET) -> int:
    reply = await channel.send(request, audience=Audience.ARM, signer=Unsigned())
    return reply.status


async def test_a_busy_service_is_asked_again_no_sooner_than_it_says(
    wire: Wire, channel: Channel, service: FakeService, clock: Clock
) -> None:
    service.script(httpx.Response(429, headers={"Retry-After": "7"}), ok())
    assert await ask(channel) == 200
    assert len(clock.naps) == 1
    assert 7 <= clock.naps[0] <= 8


async def test_a_service_that_stays_broken_is_a_typed_error(wire: Wire, channel: Channel, service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(500)
    with pytest.raises(errors.ServiceUnavailable):
        await ask(channel)
    assert len(service.asked) == ATTEMPTS


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
async def test_a_plain_rejection_is_not_retried(
    wire: Wire, channel: Channel, service: FakeService, clock: Clock, status: int
) -> None:
    service.answer = lambda _: httpx.Response(status, headers={"Retry-After": "1"})
    with pytest.raises(errors.ServiceError):
        await ask(channel)
    assert len(service.asked) == 1
    assert clock.naps == []


async def test_an_hour_of_retry_after_is_an_error_not_a_silent_wait(
    wire: Wire, channel: Channel, service: FakeService, clock: Clock
) -> None:
    service.script(httpx.Response(429, headers={"Retry-After": "3600"}))
    with pytest.raises(errors.Throttled) as caught:
        await ask(channel)
    assert caught.value.retry_after == 3600
    assert clock.naps == []


async def test_a_lost_reply_to_a_get_is_retried(wire: Wire, channel: Channel, service: FakeService) -> None:
    service.script(httpx.ReadError("gone"), ok())
    assert await ask(channel) == 200


async def test_a_lost_reply_to_a_post_is_not_sent_again(wire: Wire, channel: Channel, service: FakeService) -> None:
    service.script(httpx.ReadError("gone"))
    with pytest.raises(errors.ReplyLost):
        await ask(channel, POST)
    assert len(service.asked) == 1


async def test_an_unreachable_server_is_tried_a_few_times(wire: Wire, channel: Channel, service: FakeService) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    service.answer = refuse
    with pytest.raises(errors.ConnectionFailed):
        await ask(channel, POST)
    assert len(service.asked) == CONNECTION_ATTEMPTS


async def test_a_foreign_host_gets_no_byte(wire: Wire, channel: Channel, service: FakeService) -> None:
    with pytest.raises(errors.UntrustedHost):
        await ask(channel, Request("GET", "https://evil.example/"))
    assert service.asked == []


async def test_a_redirect_is_not_followed(wire: Wire, channel: Channel, service: FakeService) -> None:
    service.script(httpx.Response(307, headers={"Location": "https://evil.example/"}))
    with pytest.raises(errors.UnexpectedReply, match="redirect"):
        await ask(channel)
    assert len(service.asked) == 1


async def test_a_refused_token_is_replaced_once(
    wire: Wire, channel: Channel, service: FakeService, clock: Clock
) -> None:
    credential = Credential(clock)
    service.script(httpx.Response(401), ok())
    signer = Bearer(Tokens(wire, lambda: credential), "scope")
    await channel.send(GET, audience=Audience.ARM, signer=signer)
    assert [request.headers["authorization"] for request in service.asked] == ["Bearer token-1", "Bearer token-2"]


async def test_a_second_refusal_is_an_error(wire: Wire, channel: Channel, service: FakeService, clock: Clock) -> None:
    service.answer = lambda _: httpx.Response(401)
    signer = Bearer(Tokens(wire, lambda: Credential(clock)), "scope")
    with pytest.raises(errors.AuthenticationFailed, match="az login"):
        await channel.send(GET, audience=Audience.ARM, signer=signer)
    assert len(service.asked) == 2


async def test_a_claims_challenge_is_passed_to_the_credential(
    wire: Wire, channel: Channel, service: FakeService, clock: Clock
) -> None:
    credential = Credential(clock)
    challenge = 'Bearer realm="", error="insufficient_claims", claims="eyJhIjoxfQ=="'
    service.script(httpx.Response(401, headers={"WWW-Authenticate": challenge}), ok())
    signer = Bearer(Tokens(wire, lambda: credential), "scope")
    await channel.send(GET, audience=Audience.ARM, signer=signer)
    assert credential.asked == [{"scope": "scope"}, {"scope": "scope", "claims": '{"a":1}'}]


async def test_a_token_is_kept_until_shortly_before_its_end(wire: Wire, clock: Clock) -> None:
    credential = Credential(clock, lifetime=3600)
    tokens = Tokens(wire, lambda: credential)
    assert [await tokens.get("s") for _ in range(3)] == [SecretText("token-1")] * 3
    clock.time += 3600 - 200
    assert await tokens.get("s") == SecretText("token-2")


async def test_a_token_is_fetched_once_for_many_callers(wire: Wire, clock: Clock) -> None:
    credential = Credential(clock)
    tokens = Tokens(wire, lambda: credential)
    assert set(await wire.gather((lambda: tokens.get("s") for _ in range(30)), limit=8)) == {SecretText("token-1")}


async def test_an_old_token_is_used_while_no_new_one_is_available(wire: Wire, clock: Clock) -> None:
    class Flaky(Credential):
        def get_token(self, *scopes: str, **options: str) -> object:
            if self.asked:
                raise RuntimeError("the identity service is away")
            return super().get_token(*scopes, **options)

    credential = Flaky(clock)
    tokens = Tokens(wire, lambda: credential)
    assert await tokens.get("s") == SecretText("token-1")
    clock.time += 3500
    assert await tokens.get("s") == SecretText("token-1")
    clock.time += 101
    with pytest.raises(errors.CredentialError, match="the identity service is away"):
        await tokens.get("s")


async def test_a_credential_that_fails_is_a_typed_error(wire: Wire) -> None:
    class Broken:
        def get_token(self, *_: str, **__: str) -> object:
            raise RuntimeError("no account, Bearer abcdefghijkl")

    with pytest.raises(errors.CredentialError, match="az login") as caught:
        await Tokens(wire, Broken).get("scope")
    assert "abcdefghijkl" not in str(caught.value)


async def test_a_streamed_answer_is_opened_under_the_same_rules(
    wire: Wire, channel: Channel, service: FakeService, clock: Clock
) -> None:
    service.script(httpx.Response(503), httpx.Response(200, content=b"data"))
    async with channel.open(GET, audience=Audience.ARM, signer=Unsigned()) as incoming:
        assert [chunk async for chunk in incoming.chunks] == [b"data"]
    assert len(clock.naps) == 1


async def test_a_rejected_stream_is_a_typed_error(wire: Wire, channel: Channel, service: FakeService) -> None:
    service.script(httpx.Response(404, json={"error": {"code": "NotFound", "message": "no such endpoint"}}))
    with pytest.raises(errors.NotFound, match="no such endpoint"):
        async with channel.open(GET, audience=Audience.ARM, signer=Unsigned()):
            pytest.fail("the answer was opened")
