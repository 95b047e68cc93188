"""The judges: other people's clients, unmodified, against the mock server; the report ends with their versions."""

import warnings
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version

import pytest

from tests.judges import azurite
from tests.judges.azure_ai_ml_fixtures import (
    cloud as cloud,
    microsoft as microsoft,
    microsoft_session as microsoft_session,
    server as server,
    train as train,
)
from tests.judges.azurite import Azurite

with warnings.catch_warnings():
    # mlflow declares its models in pydantic's old manner: while it is imported, and never again, it says so.
    warnings.simplefilter("ignore")
    import_module("mlflow")

JUDGES = ("azure-ai-ml", "azure-storage-blob", "azure-ai-inference", "azureml-mlflow", "mlflow-skinny", "openai")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the exact versions that the server was judged by; a header would come before this file is found."""
    named = ", ".join(f"{name} {version(name)}" for name in JUDGES)
    terminalreporter.write_line(f"judges: {named}; Azurite {azurite.VERSION} unless it was skipped")


@pytest.fixture(scope="session")
def azurite_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """Run Azurite for the session; a test that needs it skips by name where it cannot be had."""
    with azurite.start(tmp_path_factory.mktemp("azurite")) as running:
        yield running
