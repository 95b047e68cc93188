"""pytest fixtures: one server for the session, reset before every test, and handles on it.

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

END_WAITS_AFTER = 30.0
"""Seconds of real time after which a wait that nothing will end gets an error that says why."""


@pytest.fixture(scope="session")
def maas_server_session() -> "Iterator[Server]":
    """Run a server with a virtual clock for the whole session; tests use `maas_server`."""
    from mock_server.server import serve  # imported here: a session that uses no fixture does not pay for it

    with serve(clock="virtual", end_waits_after=END_WAITS_AFTER) as server:
        yield server


@pytest.fixture
def maas_server(maas_server_session: "Server") -> "Server":
    """Return the session's server, reset."""
    maas_server_session.reset()
    return maas_server_session


@pytest.fixture
def maas_clock(maas_server: "Server") -> "ServerClock":
    """Return the server's clock: `maas_clock.advance(3600)` advances it by an hour."""
    from mock_server.fixture_handles import ServerClock

    return ServerClock(maas_server)


@pytest.fixture
def maas_faults(maas_server: "Server") -> "ServerFaults":
    """Return the server's fault rules: `maas_faults.add(operation="jobs.get", status=503, count=2)`."""
    from mock_server.fixture_handles import ServerFaults

    return ServerFaults(maas_server)


@pytest.fixture
def maas_verdict(maas_server: "Server") -> "ServerVerdict":
    """Return the server's verdict on the client under test: `assert not maas_verdict.charges`."""
    from mock_server.fixture_handles import ServerVerdict

    return ServerVerdict(maas_server)
