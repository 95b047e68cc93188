"""Fixtures of the server's own tests."""

from collections.abc import Iterator

import pytest

from mock_server.server import Server
from tests.mock_server.driver import Azure
from tests.mock_server.foundry_driver import Foundry


@pytest.fixture
def azure(maas_server: Server) -> Iterator[Azure]:
    """Return an empty workspace of the session's server."""
    azure = Azure(maas_server)
    yield azure
    azure.close()


@pytest.fixture
def foundry(maas_server: Server) -> Iterator[Foundry]:
    """Return the empty Foundry account of the session's server, by the account's v1 base."""
    foundry = Foundry(maas_server)
    yield foundry
    foundry.http.close()
