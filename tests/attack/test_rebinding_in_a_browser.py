"""A page in a real browser whose host name leads to this machine: it reads and changes nothing of the mock server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, sync_playwright

from mock_server.server import Server, serve
from tests.mock_server.driver import Azure
from tests.mock_server.loopback_server import loopback_server, whole
from tests.ui.conftest import CHROMIUM, OPTIONS, PATIENCE, REQUIRED

REBOUND = (
    "--host-resolver-rules=MAP evil.test 127.0.0.1",
    "--disable-features=LocalNetworkAccessChecks",  # not every browser asks before a page reaches this machine
)

ASK = """async ([method, path, headers]) => {
    const answer = await fetch(path, { method, headers, body: method === "GET" ? undefined : "{}" });
    return [answer.status, await answer.text()];
}"""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that holds a job, a blob and an endpoint with its keys."""
    with serve(clock="virtual") as server, closing(Azure(server)) as azure:
        azure.job()
        azure.endpoint()
        yield server


@pytest.fixture
def page(server: Server) -> Iterator[Page]:
    """A page of evil.test at the server's port, where its own requests go once the name has another address."""
    found = shutil.which("chromium") or CHROMIUM
    if not REQUIRED and not Path(found).exists():
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*OPTIONS, *REBOUND])
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.route("**/page", lambda route: route.fulfill(body="<title>evil</title>", content_type="text/html"))
        page.goto(f"http://evil.test:{urlsplit(server.endpoint).port}/page")
        yield page
        browser.close()


def test_a_page_with_a_rebound_name_reads_and_changes_nothing(page: Page, server: Server) -> None:
    with closing(Azure(server)) as azure, loopback_server(whole(b"a secret of another server")) as other:
        blob = urlsplit(azure.blob_url("data/train.jsonl"))
        asked: list[tuple[str, str, dict[str, str]]] = [
            ("GET", f"{azure.ws}/jobs", {}),
            ("POST", f"{azure.ws}/serverlessEndpoints/ep/listKeys", {}),
            ("DELETE", f"{azure.ws}/jobs/job", {}),
            ("GET", "/_mock/state", {}),
            ("POST", "/_mock/reset", {}),
            ("GET", f"{blob.path}?{blob.query}", {}),
            ("PUT", f"{blob.path}?{blob.query}", {"x-ms-copy-source": other.url, "x-ms-blob-type": "BlockBlob"}),
        ]
        before = azure.http.get("/_mock/state").json()
        statuses = dict[str, int]()
        for method, path, headers in asked:
            named = {**headers, "Authorization": "Bearer token"}
            statuses[f"{method} {path.partition('?')[0]}"], _ = page.evaluate(
                ASK, [method, f"{path}{'&' if '?' in path else '?'}api-version=2024-10-01-preview", named]
            )
        assert set(statuses.values()) == {403}, statuses
        assert azure.http.get("/_mock/state").json() == before
        assert other.requests == []
