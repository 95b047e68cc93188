"""pytest fixtures: one server for the session, empty before every test.

def test_my_app(maas_server):
    client = MaasClient(endpoint=maas_server.endpoint, ...)
    ...
    maas_server.advance(3600)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
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
