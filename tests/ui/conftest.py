"""A browser on the server's page; fails a test on requests to other hosts, errors or policy violations."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, expect, sync_playwright

from mock_server.server import Server
from tests.mock_server.driver import Azure
from tests.ui.page_object import PageObject

Scheme = Literal["light", "dark"]
CHROMIUM = "/usr/bin/chromium"
REQUIRED = bool(
    os.environ.get("MAAS_THOROUGH") or os.environ.get("CI")
)  # read before the tests remove MAAS_* from the environment
PATIENCE = 30_000
"""Milliseconds to wait for the page before a test fails."""
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium with its own profile; skips if it is missing and not required.

    For one module: while Playwright is running, no test in this process can run an event loop.
    """
    found = shutil.which("chromium") or CHROMIUM
    if not REQUIRED and not Path(found).exists():
        pytest.skip("needs Chromium: apt-get install chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(OPTIONS))
        yield browser
        browser.close()


@pytest.fixture
def azure(maas_server: Server) -> Iterator[Azure]:
    """Return an empty workspace of the session's server."""
    azure = Azure(maas_server)
    yield azure
    azure.close()


@pytest.fixture
def width() -> int:
    """The width of the window, in pixels."""
    return 1280


@pytest.fixture
def scheme() -> Scheme:
    """The preferred colour scheme."""
    return "light"


@pytest.fixture
def ui(
    browser: Browser, maas_server: Server, width: int, scheme: Scheme, request: pytest.FixtureRequest
) -> Iterator[PageObject]:
    """Open the page; takes a screenshot at the end, and checks for foreign requests and errors."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE)
    asked: list[str] = []
    wrong: list[str] = []
    context.on("request", lambda sent: asked.append(sent.url))

    def received(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            wrong.append(message.text)

    context.on("console", received)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    ui = PageObject(context.new_page(), maas_server.endpoint)
    ui.page.goto(f"{maas_server.endpoint}/_mock/ui")
    yield ui
    ui.screenshot(str(request.node.name).removeprefix("test_"))
    context.close()
    httpx.post(
        f"{maas_server.endpoint}/_mock/clock", json={"mode": "virtual"}, trust_env=False
    )  # a reset keeps the time
    assert [url for url in asked if not url.startswith(f"{maas_server.endpoint}/")] == []
    assert wrong == []
