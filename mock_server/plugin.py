"""pytest fixtures: one server for the session, empty before every test, and what a test holds of it.

def test_my_app(maas_server, maas_clock):
    client = MaasClient(endpoint=maas_server.endpoint, ...)
    ...
    maas_clock.advance(3600)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mock_server.fixture_handles import ServerClock, ServerFaults, ServerVerdict
    from mock_server.server import Server


@pytest.fixture(scope="session")
def maas_server_session() -> "Iterator[Server]":
    """Run a server under a virtual clock for the whole session; tests take `maas_server`."""
    from mock_server.server import serve  # here: a session that takes no fixture pays nothing

    with serve(clock="virtual") as server:
        yield server


@pytest.fixture
def maas_server(maas_server_session: "Server") -> "Server":
    """Give the session's server, emptied of what earlier tests left."""
    maas_server_session.reset()
    return maas_server_session


@pytest.fixture
def maas_clock(maas_server: "Server") -> "ServerClock":
    """Give the server's clock: `maas_clock.advance(3600)` lets an hour pass."""
    from mock_server.fixture_handles import ServerClock

    return ServerClock(maas_server)


@pytest.fixture
def maas_faults(maas_server: "Server") -> "ServerFaults":
    """Give the server's faults: `maas_faults.add(operation="jobs.get", status=503, count=2)`."""
    from mock_server.fixture_handles import ServerFaults

    return ServerFaults(maas_server)


@pytest.fixture
def maas_verdict(maas_server: "Server") -> "ServerVerdict":
    """Give the server's verdict on the client under test: `assert not maas_verdict.charges`."""
    from mock_server.fixture_handles import ServerVerdict

    return ServerVerdict(maas_server)
