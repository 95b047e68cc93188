"""Fixtures of the server's own tests."""

from collections.abc import Iterator

import pytest

from mock_server.server import Server
from tests.mock_server.driver import Azure


@pytest.fixture
def azure(maas_server: Server) -> Iterator[Azure]:
    """Return an empty workspace of the session's server."""
    azure = Azure(maas_server)
    yield azure
    azure.close()
