"""Access to the page: no other site's page, and nobody without the token if one is required."""

import httpx
import pytest
from playwright.sync_api import Browser, expect

from mock_server.http.origin_check import check
from mock_server.server import Server, serve
from tests.mock_server.driver import Azure

POLICY = ("default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'")


def test_the_page_has_a_strict_policy_and_no_foreign_content(azure: Azure) -> None:
    answer = azure.plain.get(f"{azure.server.endpoint}/_mock/ui")
    policy = answer.headers["content-security-policy"]
    assert [part for part in POLICY if part not in policy] == []
    assert "unsafe" not in policy
    assert "http" not in answer.text.replace("http-equiv", "")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["app.py", "..%2F__init__.py", "%2e%2e%2frequest_list.py", "nothing.js", "overview.py"]
)
def test_no_other_file_is_served(azure: Azure, name: str) -> None:
    assert azure.plain.get(f"{azure.server.endpoint}/_mock/ui/files/{name}").status_code == 404


FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://[evil"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    {"Host": "evil.example"},
    {"Host": "evil.example:8765"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "localhost.evil.example"},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_another_site_s_page_is_rejected_on_every_admin_route(azure: Azure, headers: dict[str, str]) -> None:
    base = f"{azure.server.endpoint}/_mock"
    posted = azure.plain.post(f"{base}/reset", headers=headers)
    assert (posted.status_code, posted.json()["error"]["code"]) == (403, "MockForeignPage")
    for path in ("requests", "state", "ui", "ui/events", "ui/key?endpoint=ep", "faults", "health"):
        assert azure.plain.get(f"{base}/{path}", headers=headers).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9:80", "[::1]:8765", "[::1]", "localhost:1", "app.localhost"])
def test_loopback_by_any_of_its_names_is_served(host: str) -> None:
    check({"origin": f"http://{host}", "sec-fetch-site": "same-origin"}, host, "POST", any_host=False)


def test_a_link_on_another_site_may_open_the_page_only() -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    check(headers, "localhost", "GET", any_host=False)
    with pytest.raises(Exception, match="rejects requests from a cross-site page"):
        check(headers, "localhost", "POST", any_host=False)


def test_the_page_prompts_for_the_token_and_does_not_store_it(browser: Browser) -> None:
    with serve(clock="virtual", admin_token="guarded-token") as server:
        for path in ("events", "curve", "rows", "search", "verdict", "key?endpoint=e"):
            assert httpx.get(f"{server.endpoint}/_mock/ui/{path}", trust_env=False).status_code == 401
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{server.endpoint}/_mock/ui")
        dialog = page.get_by_role("dialog", name="Admin token required")
        dialog.get_by_label("Token").fill("wrong")
        page.keyboard.press("Enter")
        expect(dialog).to_be_visible()
        expect(dialog.get_by_label("Token")).to_have_value("")
        dialog.get_by_label("Token").fill("guarded-token")
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        expect(page.locator("#mode")).to_have_text("paused")
        kept = page.evaluate(
            "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])"
        )
        assert "guarded-token" not in kept
        page.reload()
        expect(dialog).to_be_visible()
        context.close()


def test_the_page_reconnects_after_a_restart(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_server.http_server.GRACE", 60)
    context = browser.new_context()
    page = context.new_page()
    with serve(clock="virtual") as server:
        port = int(server.endpoint.rpartition(":")[2])
        azure = Azure(server)
        azure.job()
        azure.close()
        page.goto(f"{server.endpoint}/_mock/ui")
        expect(page.get_by_role("article", name="Job job")).to_be_visible()
    expect(page.locator("#connection")).to_contain_text("disconnected; retrying")
    with serve(clock="virtual", port=port):
        expect(page.get_by_text("No jobs yet.")).to_be_visible()
        expect(page.locator("#connection")).to_have_text(f"127.0.0.1:{port}")
        context.close()


def test_the_event_stream_ends_when_the_page_closes(maas_server: Server) -> None:
    with httpx.stream("GET", f"{maas_server.endpoint}/_mock/ui/events", trust_env=False) as answer:
        first = next(answer.iter_lines())
    assert first.startswith('data: {"begin":true')
    assert httpx.get(f"{maas_server.endpoint}/_mock/health", trust_env=False).status_code == 200
