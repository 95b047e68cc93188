"""The second token of a pipeline's creation goes where the first one may go, and is shown nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest
from support import FakeService

from maas_client.azure.arm import Arm
from maas_client.azure.credentials import Tokens
from maas_client.azure.pipeline_token import HEADER, PipelineSigner
from maas_client.azure.settings import Settings
from maas_client.core.http_messages import Request
from maas_client.core.redaction import redact
from maas_client.errors import BadRequest, UntrustedHost
from maas_client.http.channel import Channel
from maas_client.http.trusted_hosts import Audience
from maas_client.wire import Wire

SETTINGS = Settings("s", "g", "w")
ML, ARM = "https://ml.azure.com/.default", "https://management.azure.com/.default"


@dataclass
class Access:
    token: str = field(repr=False)
    expires_on: int = 1 << 40


@dataclass
class Credential:
    """A credential whose tokens name their scope."""

    asked: list[str] = field(default_factory=list[str])

    def get_token(self, *scopes: str, **_: object) -> Access:
        self.asked += scopes
        return Access(f"token-of-{scopes[0].split('/')[2]}")


@pytest.fixture
def credential() -> Credential:
    return Credential()


@pytest.fixture
def arm(wire: Wire, credential: Credential) -> Arm:
    return Arm(Channel(wire, SETTINGS.trust), SETTINGS, Tokens(wire, lambda: credential))


async def test_both_tokens_are_sent_with_their_scopes(arm: Arm, credential: Credential, service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(201, json={"name": "j"})
    await arm.create("/jobs/j", {}, signer=PipelineSigner(arm.tokens, ARM, ML))
    [request] = service.asked
    assert request.headers["Authorization"] == "Bearer token-of-management.azure.com"
    assert request.headers[HEADER] == "token-of-ml.azure.com"
    assert sorted(credential.asked) == sorted([ML, ARM])


async def test_the_token_goes_to_no_other_host(arm: Arm, service: FakeService) -> None:
    signer = PipelineSigner(arm.tokens, ARM, ML)
    for host in ("management.azure.com.example", "ml.azure.com", "127.0.0.1"):
        with pytest.raises(UntrustedHost):
            await arm.channel.send(Request("PUT", f"https://{host}/x"), audience=Audience.ARM, signer=signer)
    assert service.asked == []


async def test_no_error_and_no_request_shows_the_token(arm: Arm, service: FakeService) -> None:
    signer = PipelineSigner(arm.tokens, ARM, ML)
    signed = await signer.sign(Request("PUT", "https://management.azure.com/x"))
    assert "token-of" not in repr(signed)
    answer = {"error": {"code": "Bad", "message": "x-azureml-token: token-of-ml.azure.com is not accepted"}}
    service.answer = lambda _: httpx.Response(400, json=answer)
    with pytest.raises(BadRequest) as refused:
        await arm.create("/jobs/j", {}, signer=signer)
    assert "token-of" not in f"{refused.value}{refused.value.body!r}"


@pytest.mark.parametrize("text", ["x-azureml-token: eyJabc.def.ghi", "'X-AzureML-Token': 'eyJabc.def.ghi'"])
def test_the_header_is_blanked_in_any_text(text: str) -> None:
    assert "eyJabc" not in redact(text)
