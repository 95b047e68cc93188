"""The workspace: what its caller may do, whether its provider is registered, and whether clocks agree."""

from __future__ import annotations

import time

import pytest
from support import Clock

from maas_client import PermissionDenied
from maas_client.client import Resources
from maas_client.rights import Grant, missing
from mock_server.server import Server


async def test_an_owner_is_told_to_be_one(maas: Resources) -> None:
    assert await maas.workspace.grants() == (Grant(("*",)),)
    assert missing(await maas.workspace.grants()) == []
    assert await maas.workspace.registration() == "Registered"


async def test_each_role_is_read(maas: Resources, maas_server: Server) -> None:
    roles = [{"actions": ["*/read"], "notActions": []}, {"actions": ["a/*"], "notActions": ["a/b"]}]
    maas_server.fault(operation="access.permissions", status=200, body={"value": roles})
    assert await maas.workspace.grants() == (Grant(("*/read",)), Grant(("a/*",), ("a/b",)))


async def test_who_may_not_even_ask_is_told_so(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="access.permissions", status=403)
    with pytest.raises(PermissionDenied):
        await maas.workspace.grants()


async def test_a_subscription_that_has_not_registered_the_provider_is_told(
    maas: Resources, maas_server: Server
) -> None:
    maas_server.fault(operation="access.provider", status=200, body={"registrationState": "NotRegistered"})
    assert await maas.workspace.registration() == "NotRegistered"


async def test_how_far_a_clock_is_ahead_of_the_services_is_known(maas: Resources, clock: Clock) -> None:
    ahead = clock.now() - time.time()
    assert await maas.workspace.clock_skew() == pytest.approx(ahead, abs=30)
