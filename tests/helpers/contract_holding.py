"""What goes over a wire to the mock server, held to the contract: every request, and every answer without a fault."""

from __future__ import annotations

from collections.abc import Iterable

from watched_wires import Exchange

from maas_client.contract.check import differences
from maas_client.contract.match import match
from mock_server.server import Server

REQUEST_ID = "x-ms-request-id"


def assert_contract_holds(server: Server, exchanges: Iterable[Exchange]) -> None:
    """Fail if a request is not the operation that the server took it for, or an answer is not as the table says."""
    entries = {entry["response_headers"].get(REQUEST_ID): entry for entry in server.requests()}
    for exchange in exchanges:
        entry = entries.get(exchange.headers.get(REQUEST_ID, ""))
        if entry is None or entry["fault"] is not None or not entry["operation"]:
            continue
        found = match(exchange.method, exchange.url)
        assert found is not None, f"the contract has no {exchange.method} {exchange.url}"
        assert found.operation.name == entry["operation"]
        differing = differences(found.operation, exchange.status, exchange.headers, exchange.body)
        assert [one.sentence for one in differing] == []
