"""Foundry's judges: OpenAI's and Microsoft's own clients, unmodified; the report ends with their versions."""

import time
from collections.abc import Iterator
from importlib.metadata import version

import pytest

from mock_server.server import Server, serve
from tests.foundry_judges.account import Account

JUDGES = ("openai", "azure-ai-projects", "azure-mgmt-cognitiveservices")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the exact versions that the server was judged by; a header would come before this file is found."""
    named = ", ".join(f"{name} {version(name)}" for name in JUDGES)
    terminalreporter.write_line(f"judges of Foundry: {named}")


@pytest.fixture(scope="session")
def cloud() -> Iterator[Server]:
    """Run a cloud of its own: TLS, small pages, and a virtual clock that whoever waits moves."""
    with serve(tls=True, clock="virtual", step_on_poll=600.0, requests_per_page=2) as server:
        yield server


@pytest.fixture
def account(cloud: Server, monkeypatch: pytest.MonkeyPatch) -> Account:
    """Give the account of the cloud, empty and trusted; its time passes when a client sleeps."""
    cloud.reset()
    monkeypatch.setenv("SSL_CERT_FILE", str(cloud.ca))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cloud.ca))
    monkeypatch.setattr(time, "sleep", cloud.advance)
    return Account(cloud)
