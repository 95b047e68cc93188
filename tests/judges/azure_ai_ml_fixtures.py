"""Microsoft's SDK for Azure Machine Learning over a cloud of its own: the fixtures of every test that it judges in."""

import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.server import Server, serve
from tests.mock_server.driver import rows

with warnings.catch_warnings():
    # azure-ai-ml declares its schemas in marshmallow's old manner: while it is imported, and never again, it says so
    # hundreds of times.
    warnings.simplefilter("ignore")
    from tests.judges.sdk import Microsoft


@pytest.fixture(scope="session")
def cloud() -> Iterator[Server]:
    """Run a cloud of its own: TLS, a virtual clock, and pages so small that every list has several."""
    with serve(tls=True, clock="virtual", requests_per_page=2) as server:
        yield server


@pytest.fixture(scope="session")
def microsoft_session(cloud: Server) -> Microsoft:
    """Make the clients of Microsoft's SDK once: they are slow to make, and forget nothing that matters here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(cloud.ca))  # the client of a registry asks where it is when it is made
        return Microsoft(cloud)


@pytest.fixture
def server(cloud: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Give the cloud, empty and trusted; its time passes when a client sleeps, and nobody else waits."""
    cloud.reset()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cloud.ca))
    monkeypatch.setenv("SSL_CERT_FILE", str(cloud.ca))
    monkeypatch.setattr(time, "sleep", cloud.advance)
    return cloud


@pytest.fixture
def microsoft(server: Server, microsoft_session: Microsoft, monkeypatch: pytest.MonkeyPatch) -> Microsoft:
    """Give Microsoft's SDK, pointed at the empty cloud."""
    assert microsoft_session.server is server
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", microsoft_session.cloud)  # the SDK's own note, kept through each test
    return microsoft_session


@pytest.fixture
def train(tmp_path: Path) -> Path:
    """Write a small data set."""
    path = tmp_path / "train.jsonl"
    path.write_bytes(rows())
    return path
