"""What the tests of verifications start from: a client of each surface on the mock server, on either wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from changing_wire import Change, ChangingWire

from maas_client import AsyncMaasClient, BlockingWire, MaasClient
from maas_client.verification.verification import AsyncVerification
from maas_client.wire import Wire
from mock_server.server import Server

Verify = Callable[..., AsyncVerification]


@pytest.fixture
def verify(server_wire: Wire, maas_server: Server) -> Verify:
    """Return a verification of a surface of the server: `verify("foundry")`; `changes` change answers on their way."""
    maas_server.set_quota({"gpu": 1000})

    def make(
        surface: str = "azureml", changes: dict[str, Change] | None = None, settings: dict[str, str] | None = None
    ) -> AsyncVerification:
        kind: Any = MaasClient if isinstance(server_wire, BlockingWire) else AsyncMaasClient
        given: dict[str, str] = {"foundry_endpoint": f"{maas_server.endpoint}/api/projects/demo"}
        if surface == "azureml":
            given = {"subscription_id": "s", "resource_group": "g", "workspace": "w", "endpoint": maas_server.endpoint}
        given.update(settings or {})
        wire = ChangingWire(server_wire, changes) if changes else server_wire
        return AsyncVerification(kind(**given, wire=wire))

    return make
