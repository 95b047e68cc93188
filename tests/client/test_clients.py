"""The clients: settings from the environment, credentials of every kind, and an end that closes."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, TypedDict

import httpx
import pytest
from support import TLS, Clock, FakeService

from maas_client import (
    AsyncMaasClient,
    AsyncWire,
    BlockingWire,
    ClientClosed,
    CredentialError,
    MaasClient,
    NotFound,
    SettingsError,
)
from mock_server.server import Server


class Place(TypedDict):
    """The arguments that name a workspace."""

    subscription_id: str
    resource_group: str
    workspace: str


PLACE = Place(subscription_id="s", resource_group="g", workspace="w")


class Token:
    """A token for an hour."""

    def __init__(self, clock: Clock) -> None:
        self.token, self.expires_on = "the-token", int(clock.now() + 3600)


def blocking(service: FakeService) -> BlockingWire:
    return BlockingWire(verify=TLS, transport=httpx.MockTransport(service))


def test_every_setting_can_come_from_the_environment(maas_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", "s")
    monkeypatch.setenv("AZURE_RESOURCE_GROUP", "g")
    monkeypatch.setenv("AZUREML_WORKSPACE_NAME", "w")
    monkeypatch.setenv("MAAS_ENDPOINT", maas_server.endpoint)
    with MaasClient.from_env() as maas:
        assert maas.workspace.get().name == "w"


def test_a_missing_workspace_is_reported_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="AZUREML_WORKSPACE_NAME"):
        MaasClient(subscription_id="s", resource_group="g")


def test_no_credential_is_a_typed_error_that_says_what_to_do(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    with MaasClient(**PLACE, wire=blocking(service)) as maas, pytest.raises(CredentialError, match="az login"):
        maas.workspace.get()
    assert service.asked == []


def test_a_credential_is_asked_for_the_clouds_own_scope(service: FakeService, clock: Clock) -> None:
    scopes: list[str] = []

    class Credential:
        def get_token(self, *asked: str, **_: Any) -> Token:
            scopes.extend(asked)
            return Token(clock)

    service.answer = lambda _: httpx.Response(200, json={"name": "w"})
    wire = blocking(service)
    with MaasClient(**PLACE, cloud="AzureUSGovernment", credential=Credential(), wire=wire) as maas:
        maas.workspace.get()
    assert scopes == ["https://management.usgovcloudapi.net/.default"]
    assert service.asked[0].url.host == "management.usgovcloudapi.net"
    assert service.asked[0].headers["authorization"] == "Bearer the-token"


def test_the_async_client_accepts_an_async_credential(service: FakeService, clock: Clock) -> None:
    class Credential:
        async def get_token(self, *_: str, **__: Any) -> Token:
            await asyncio.sleep(0)
            return Token(clock)

    async def main() -> str:
        service.answer = lambda _: httpx.Response(200, json={"name": "w"})
        wire = AsyncWire(verify=TLS, transport=httpx.MockTransport(service))
        async with AsyncMaasClient(**PLACE, credential=Credential(), wire=wire) as maas:
            return (await maas.workspace.get()).name

    assert asyncio.run(main()) == "w"


def test_a_workspace_that_does_not_exist_is_not_found(service: FakeService, clock: Clock) -> None:
    class Credential:
        def get_token(self, *_: str, **__: Any) -> Token:
            return Token(clock)

    body = {"error": {"code": "ResourceNotFound", "message": "The Resource 'w' was not found."}}
    service.answer = lambda _: httpx.Response(404, json=body)
    maas = MaasClient(**PLACE, credential=Credential(), wire=blocking(service))
    with maas, pytest.raises(NotFound, match=r"^no workspace 'w' in resource group 'g'"):
        maas.workspace.get()


def test_an_async_credential_in_the_sync_client_is_a_typed_error(service: FakeService) -> None:
    class Credential:
        async def get_token(self, *_: str, **__: Any) -> None: ...

    maas = MaasClient(**PLACE, credential=Credential(), wire=blocking(service))
    with maas, pytest.raises(CredentialError, match="use AsyncMaasClient"):
        maas.workspace.get()


def test_a_bundle_of_authorities_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAAS_CA_BUNDLE", "/no/such/bundle.pem")
    with pytest.raises(SettingsError, match=r"/no/such/bundle\.pem"):
        MaasClient(**PLACE)


def test_a_regional_endpoint_is_asked_with_the_clouds_own_scope(service: FakeService, clock: Clock) -> None:
    scopes: list[str] = []

    class Credential:
        def get_token(self, *asked: str, **_: Any) -> Token:
            scopes.extend(asked)
            return Token(clock)

    service.answer = lambda _: httpx.Response(200, json={"name": "w"})
    regional = "https://eastus2.management.azure.com"
    with MaasClient(**PLACE, endpoint=regional, credential=Credential(), wire=blocking(service)) as maas:
        maas.workspace.get()
    assert scopes == ["https://management.azure.com/.default"]


def test_a_closed_client_sends_nothing_more(maas_server: Server) -> None:
    maas = MaasClient(**PLACE, endpoint=maas_server.endpoint)
    maas.close()
    with pytest.raises(ClientClosed):
        maas.workspace.get()
