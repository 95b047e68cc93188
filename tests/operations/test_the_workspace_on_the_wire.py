"""The workspace: what its caller may do, whether its provider is registered, and whether clocks agree."""

from __future__ import annotations

import time

import pytest
from azure.core.credentials import AccessToken
from support import Ada, Clock

from maas_client import Caller, CredentialError, PermissionDenied
from maas_client.azure.permissions import PermissionGrant, missing
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.wire import Wire
from mock_server.server import Server


async def test_an_owner_lacks_no_permission(maas: Resources) -> None:
    assert await maas.workspace.grants() == (PermissionGrant(("*",)),)
    assert missing(await maas.workspace.grants()) == []
    assert await maas.workspace.registration() == "Registered"


async def test_each_role_is_read(maas: Resources, maas_server: Server) -> None:
    roles = [{"actions": ["*/read"], "notActions": []}, {"actions": ["a/*"], "notActions": ["a/b"]}]
    maas_server.fault(operation="access.permissions", status=200, body={"value": roles})
    assert await maas.workspace.grants() == (PermissionGrant(("*/read",)), PermissionGrant(("a/*",), ("a/b",)))


async def test_a_caller_without_access_to_permissions_gets_an_error(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="access.permissions", status=403)
    with pytest.raises(PermissionDenied):
        await maas.workspace.grants()


async def test_an_unregistered_provider_of_a_subscription_is_reported(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="access.provider", status=200, body={"registrationState": "NotRegistered"})
    assert await maas.workspace.registration() == "NotRegistered"


async def test_api_versions_that_azure_no_longer_lists_are_found(maas: Resources, maas_server: Server) -> None:
    assert await maas.unlisted_api_versions() == ()
    types = [{"resourceType": "workspaces/jobs", "apiVersions": ["2030-01-01-preview"]}]
    maas_server.fault(operation="access.provider", status=200, body={"resourceTypes": types})
    [found] = await maas.unlisted_api_versions()
    assert (found.resource_type, found.nearest) == ("workspaces/jobs", "2030-01-01-preview")


async def test_the_clock_skew_to_the_service_is_measured(maas: Resources, clock: Clock) -> None:
    ahead = clock.now() - time.time()
    assert await maas.workspace.clock_skew() == pytest.approx(ahead, abs=30)


async def test_subscriptions_and_their_workspaces_are_listed(maas: Resources, maas_server: Server) -> None:
    here = await maas.workspace.get()
    (subscription,) = await maas.workspace.subscriptions()
    assert (subscription.subscription_id, subscription.state) == (here.subscription_id, "Enabled")
    assert here in await maas.workspace.list()
    assert await maas.workspace.list("another") == ()
    assert here.resource_group


async def test_subscriptions_come_page_by_page_and_sorted(maas: Resources, maas_server: Server) -> None:
    def page(name: str, more: str | None) -> dict[str, object]:
        return {"value": [{"subscriptionId": name, "displayName": name}], "nextLink": more}

    second = f"{maas_server.endpoint}/subscriptions?api-version=2022-12-01&$skip=1"
    maas_server.fault(operation="subscriptions.list", status=200, body=page("b", second), count=1)
    maas_server.fault(operation="subscriptions.list", status=200, body=page("A", None), count=1)
    assert [each.name for each in await maas.workspace.subscriptions()] == ["A", "b"]


async def test_a_connection_needs_no_credential(server_wire: Wire, settings: Settings, maas_server: Server) -> None:
    await Resources(server_wire, settings, Nobody()).workspace.connect()
    maas_server.fault(operation="metadata.endpoints", status=503, count=None)
    await Resources(server_wire, settings, Nobody()).workspace.connect()
    assert [entry["status"] for entry in maas_server.requests()] == [200, 503]


class Nobody:
    """A credential that has no token."""

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        raise ValueError("nobody is signed in")


async def test_the_identity_of_the_token_is_known_without_a_request(
    server_wire: Wire, settings: Settings, maas_server: Server
) -> None:
    maas = Resources(server_wire, settings, Ada())
    assert await maas.workspace.caller() == Caller("ada@contoso.com", "1", "2")
    assert maas_server.requests() == []


async def test_a_local_server_needs_no_identity(maas: Resources) -> None:
    assert await maas.workspace.caller() == Caller()


async def test_without_a_token_there_is_no_identity(server_wire: Wire, settings: Settings) -> None:
    with pytest.raises(CredentialError, match="nobody is signed in"):
        await Resources(server_wire, settings, Nobody()).workspace.caller()


async def test_the_upload_storage_is_probed_as_an_upload_would(maas: Resources, maas_server: Server) -> None:
    url = await maas.workspace.storage()
    assert url.startswith(maas_server.endpoint)
    assert "sig=" not in url
    assert [entry["operation"] for entry in maas_server.requests()][-1] == "blob.head"


async def test_storage_without_access_is_reported(maas: Resources, maas_server: Server) -> None:
    firewall = {"x-ms-error-code": "AuthorizationFailure"}
    maas_server.fault(operation="blob.head", status=403, headers=firewall, count=None)
    with pytest.raises(PermissionDenied) as denied:
        await maas.workspace.storage()
    assert denied.value.code == "AuthorizationFailure"
