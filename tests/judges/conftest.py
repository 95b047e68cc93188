"""The judges: other people's clients, unmodified, against the mock server; the report ends with their versions."""

import time
import warnings
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

from mock_server.server import Server, serve
from tests.judges import azurite
from tests.judges.azurite import Azurite
from tests.mock_server.driver import rows

with warnings.catch_warnings():
    # azure-ai-ml declares its schemas in marshmallow's old manner, and mlflow its models in pydantic's: while they are
    # imported, and never again, they say so hundreds of times.
    warnings.simplefilter("ignore")
    import_module("mlflow")

    from tests.judges.sdk import Microsoft

JUDGES = ("azure-ai-ml", "azure-storage-blob", "azure-ai-inference", "azureml-mlflow", "mlflow-skinny", "openai")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the exact versions that the server was judged by; a header would come before this file is found."""
    named = ", ".join(f"{name} {version(name)}" for name in JUDGES)
    terminalreporter.write_line(f"judges: {named}; Azurite {azurite.VERSION} unless it was skipped")


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


@pytest.fixture(scope="session")
def azurite_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """Run Azurite for the session; a test that needs it skips by name where it cannot be had."""
    with azurite.start(tmp_path_factory.mktemp("azurite")) as running:
        yield running


@pytest.fixture
def train(tmp_path: Path) -> Path:
    """Write a small data set."""
    path = tmp_path / "train.jsonl"
    path.write_bytes(rows())
    return path
