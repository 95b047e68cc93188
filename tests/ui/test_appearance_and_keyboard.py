"""Appearance and keyboard: operation without a mouse, phones, dark mode; and text that is never markup."""

import pytest
from playwright.sync_api import expect

from tests.mock_server.driver import Azure, rows
from tests.ui.page_object import PageObject

VIEWS = ("Jobs", "Datasets", "Endpoints", "Requests", "Verdict", "Faults")
ATTACK = "<img src=x onerror=\"document.title='struck'\"><script>document.title='struck'</script>"


def furnish(azure: Azure) -> None:
    """Create content for every view."""
    azure.endpoint(model=azure.tuned())
    azure.put("/jobs/next", azure.job_body(azure.asset(rows(600), name="more", path="data/more.jsonl")))
    azure.server.advance(19)
    azure.server.fault(operation="jobs.list", status=429, headers={"Retry-After": "30"})
    azure.get("/jobs")
    azure.get("/jobs")


def test_everything_is_reached_by_keyboard_alone(ui: PageObject, azure: Azure) -> None:
    furnish(azure)
    expect(ui.job("next")).to_contain_text("Running")
    before = azure.server.now()
    with ui.page.expect_response("**/_mock/clock"):
        ui.press("a")
    assert azure.server.now() == pytest.approx(before + 60)
    ui.press("4")
    expect(ui.rows().first).to_contain_text("jobs.list")
    assert ui.focused() == "list"
    ui.press("ArrowDown", "ArrowDown", "Enter")
    expect(ui.page.get_by_role("region", name="Request details")).to_contain_text("429")
    ui.press("Escape")
    expect(ui.page.get_by_role("region", name="Request details")).to_be_hidden()
    ui.press("/")
    assert ui.focused() == "filter"
    ui.page.keyboard.type("endpoints ap")
    expect(ui.rows()).to_have_count(1)
    ui.press("Enter", "Enter")
    expect(ui.page.get_by_role("region", name="Request details")).to_contain_text("modelSettings")
    ui.press("Escape", "c")
    assert ui.focused() == "message"
    ui.page.keyboard.type("capital of country 3")
    ui.press("Enter")
    expect(ui.page.get_by_role("log")).to_contain_text("City number 3.")


def test_the_shortcuts_are_listed_and_can_be_turned_off(ui: PageObject) -> None:
    ui.press("?")
    dialog = ui.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("advance the clock")
    dialog.get_by_label("enable single-key shortcuts").uncheck()
    ui.press("Escape")
    expect(dialog).to_be_hidden()
    ui.press("6")
    expect(ui.page.get_by_role("region", name="Jobs", exact=True)).to_be_visible()


def test_the_focus_outline_is_visible(ui: PageObject, azure: Azure) -> None:
    furnish(azure)
    seen = set[str]()
    for _ in range(12):
        ui.press("Tab")
        style, width = ui.page.evaluate(
            "((style) => [style.outlineStyle, style.outlineWidth])(getComputedStyle(document.activeElement))"
        )
        seen.add(f"{style} {width}")
    assert seen == {"solid 2px"}


def test_a_digit_typed_into_a_field_is_not_a_shortcut(ui: PageObject) -> None:
    ui.open_view("Faults").get_by_role("textbox", name="Status").fill("")
    ui.page.keyboard.type("416")
    expect(ui.page.get_by_role("region", name="Faults", exact=True)).to_be_visible()
    expect(ui.page.get_by_role("textbox", name="Status")).to_have_value("416")


@pytest.mark.parametrize("width", [375, 390])
def test_nothing_overflows_on_a_phone(ui: PageObject, azure: Azure, width: int) -> None:
    furnish(azure)
    expect(ui.job("next").locator("svg")).to_have_attribute("viewBox", f"0 0 {width - 60} 170")
    for view in VIEWS:
        ui.open_view(view)
        assert ui.page.evaluate("document.documentElement.scrollWidth") == width
        ui.screenshot(f"phone {width} {view}")
    ui.open_view("Datasets")
    assert ui.page.evaluate(SCROLLED) == []
    assert ui.page.evaluate(EMPTY_ROWS) == []
    ui.open_view("Requests")
    assert ui.page.evaluate(EMPTY_ROWS) == []
    assert ui.page.evaluate("document.querySelector('#list').clientHeight") <= 32 * ui.rows().count()
    ui.rows().filter(has_text="serverlessEndpoints").click()
    expect(ui.page.get_by_role("region", name="Request details")).to_contain_text("modelSettings")
    assert ui.page.evaluate("document.documentElement.scrollWidth") == width


SCROLLED = """() => [...document.querySelectorAll("main *")]
    .filter((element) => element.checkVisibility() && element.clientWidth && element.tagName !== "INPUT")
    .filter((element) => getComputedStyle(element).overflowX === "visible" || element.matches(".scroll"))
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120))"""
EMPTY_ROWS = """() => [...document.querySelectorAll("main tr, main td, main [role=option]")]
    .filter((element) => element.checkVisibility() && element.offsetHeight && !element.innerText.trim())
    .map((element) => element.outerHTML)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_has_enough_contrast_in_light_and_dark(ui: PageObject, azure: Azure, scheme: str) -> None:
    furnish(azure)
    expect(ui.job("next")).to_be_visible()
    backs = ui.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert {"light": min(backs) > 230, "dark": max(backs) < 40}[scheme]
    for view in VIEWS:
        ui.open_view(view)
        assert ui.page.evaluate(CONTRAST) == []
        ui.screenshot(f"{scheme} {view}")


CONTRAST = """() => {
    const light = (colour) => {
        const parts = colour.match(/[\\d.]+/g).map(Number).slice(0, 3).map((part) => part / 255);
        const [r, g, b] = parts.map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const back = (element) => {
        for (; element; element = element.parentElement) {
            const colour = getComputedStyle(element).backgroundColor;
            if (!/, 0\\)$/.test(colour)) return colour;
        }
    };
    const says = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const seen = (element) => element.checkVisibility() && !element.disabled && says(element);
    const shown = [...document.querySelectorAll("body *")].filter(seen);
    return shown.filter((element) => {
        const pair = [light(getComputedStyle(element).color), light(back(element))].sort();
        return (pair[1] + 0.05) / (pair[0] + 0.05) < 4.5 && !element.closest("svg");
    }).map((element) => element.outerHTML.slice(0, 120));
}"""


def test_request_content_is_shown_as_text_never_as_markup(ui: PageObject, azure: Azure) -> None:
    data = azure.asset(rows(), name="train")
    uri = "azureml://datastores/workspaceblobstore/paths/data/train.jsonl"
    azure.put("/data/odd/versions/1", {"properties": {"dataUri": uri, "description": ATTACK}})
    azure.put("/jobs/odd", azure.job_body(data, displayName=ATTACK, tags={ATTACK: ATTACK}))
    azure.http.get(f"/{ATTACK}", headers={"X-Odd": ATTACK})
    azure.server.fault(job="fail", reason=ATTACK)
    azure.put("/jobs/failed", azure.job_body(data, displayName="other"))
    azure.server.fault(operation="chat.complete", status=418, body={"error": {"message": ATTACK}})
    azure.server.advance(3600)
    azure.endpoint()
    azure.server.advance(60)
    expect(ui.job("odd")).to_contain_text(ATTACK)
    expect(ui.job("failed").locator(".failure")).to_have_text(ATTACK)
    expect(ui.open_view("Datasets")).to_contain_text(ATTACK)
    expect(ui.open_view("Faults")).to_contain_text(ATTACK)
    ui.press("c")
    ui.page.keyboard.type(ATTACK)
    ui.press("Enter")
    expect(ui.page.get_by_role("log")).to_contain_text(ATTACK)
    expect(ui.page.get_by_role("alert")).to_contain_text(ATTACK)
    ui.open_view("Requests")
    detail = ui.page.get_by_role("region", name="Request details")
    for name in ("jobs/odd", "404", "chat.complete"):
        ui.rows().filter(has_text=name).first.click()
        expect(detail).to_contain_text("document.title")
    assert ui.page.title() == "mock server"
    assert ui.page.locator("main img, main script, dialog img").count() == 0
