"""A journal of 100,000 requests: scrolling to its end and searching, with few rows in the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from mock_server.core.json_values import Json
from mock_server.server import Server, serve
from tests.mock_server.driver import Azure
from tests.ui.page_object import PageObject

MANY = 100_000
MOST_ROWS = 60
MOST_HEAP = 48 * 1024 * 1024
JUMPS = 100


class Filled(Server):
    """Fills a server's journal in process: over the wire it would take a minute."""

    @staticmethod
    def fill(server: Server, count: int) -> None:
        """Write the last request again and again."""
        entry: Json = {
            **server.requests()[-1],
            "request_headers": {},
            "response_headers": {},
        }  # shorter entries are written faster
        del entry["n"]

        def write() -> None:
            journal = server._world.journal
            for _ in range(count):
                journal.write(entry, journal.generation)

        server._on_loop(write)


@pytest.fixture(scope="module")
def maas_server() -> Iterator[Server]:
    """Return a server with distinct first and last requests, and many between."""
    with serve(clock="virtual") as server:
        azure = Azure(server)
        azure.get("/models")
        azure.get("/jobs")
        Filled.fill(server, MANY - 3)
        azure.get("/data")
        azure.close()
        yield server


def test_a_journal_of_100_000_requests_scrolls_to_its_end(ui: PageObject) -> None:
    ui.open_view("Requests")
    expect(ui.page.locator("#found")).to_have_text("100,000 requests")
    expect(ui.rows().first).to_contain_text("data.list")
    spent = ui.page.evaluate(
        """async (jumps) => {
            const list = document.querySelector("#list"), began = performance.now();
            let most = 0;
            for (let jump = 1; jump <= jumps; jump++) {
                list.scrollTop = (list.scrollHeight - list.clientHeight) * jump / jumps;
                await new Promise(requestAnimationFrame);
                await new Promise(requestAnimationFrame);
                most = Math.max(most, list.querySelectorAll("[role=option]").length);
            }
            return { most, milliseconds: performance.now() - began };
        }""",
        JUMPS,
    )
    expect(ui.rows().last).to_contain_text("models.list")
    assert 0 < spent["most"] <= MOST_ROWS
    assert ui.page.evaluate("performance.memory.usedJSHeapSize") < MOST_HEAP
    ui.press("Home")
    expect(ui.rows().first).to_contain_text("data.list")
    ui.press("End")
    expect(ui.rows().last).to_have_attribute("aria-selected", "true")
    expect(ui.rows().last).to_have_attribute("aria-posinset", str(MANY))
    ui.press("Enter")
    expect(ui.page.get_by_role("region", name="Request details")).to_contain_text("models.list")


def test_a_journal_of_100_000_requests_is_searched_newest_first(ui: PageObject) -> None:
    ui.open_view("Requests")
    ui.page.get_by_label("Filter the requests").fill("data.list")
    expect(ui.rows()).to_have_count(1)
    ui.page.get_by_label("Filter the requests").fill("models.list")
    expect(ui.page.locator("#found")).to_have_text("1 of 100,000")
    expect(ui.rows()).to_contain_text("models.list")


def test_rows_added_above_do_not_move_the_visible_ones(azure: Azure, ui: PageObject) -> None:
    ui.open_view("Requests")
    expect(ui.page.locator("#found")).to_have_text("100,000 requests")
    ui.page.evaluate("document.querySelector('#list').scrollTop = 3200")
    row = ui.page.locator(f"#request-{MANY - 104}")
    expect(row).to_contain_text("jobs.list")
    before = row.bounding_box()
    azure.get("/models/none")
    azure.get("/models/none")
    expect(ui.page.locator("#found")).to_have_text("100,002 requests")
    expect(row).to_be_visible()
    assert row.bounding_box() == before
