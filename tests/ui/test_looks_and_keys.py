"""How the page is read and worked: by keyboard alone, on a phone, in the dark; and text that stays text."""

import pytest
from playwright.sync_api import expect

from tests.mock_server.driver import Azure, rows
from tests.ui.person import Person

VIEWS = ("Jobs", "Datasets", "Endpoints", "Requests", "Verdict", "Faults")
ATTACK = "<img src=x onerror=\"document.title='struck'\"><script>document.title='struck'</script>"


def furnish(azure: Azure) -> None:
    """Leave something to be seen in every view."""
    azure.endpoint(model=azure.tuned())
    azure.put("/jobs/next", azure.job_body(azure.asset(rows(600), name="more", path="data/more.jsonl")))
    azure.server.advance(19)
    azure.server.fault(operation="jobs.list", status=429, headers={"Retry-After": "30"})
    azure.get("/jobs")
    azure.get("/jobs")


def test_everything_is_reached_by_keyboard_alone(person: Person, azure: Azure) -> None:
    furnish(azure)
    expect(person.job("next")).to_contain_text("Running")
    before = azure.server.now()
    with person.page.expect_response("**/_mock/clock"):
        person.press("a")
    assert azure.server.now() == pytest.approx(before + 60)
    person.press("4")
    expect(person.rows().first).to_contain_text("jobs.list")
    assert person.focused() == "list"
    person.press("ArrowDown", "ArrowDown", "Enter")
    expect(person.page.get_by_role("region", name="Request details")).to_contain_text("429")
    person.press("Escape")
    expect(person.page.get_by_role("region", name="Request details")).to_be_hidden()
    person.press("/")
    assert person.focused() == "filter"
    person.page.keyboard.type("endpoints ap")
    expect(person.rows()).to_have_count(1)
    person.press("Enter", "Enter")
    expect(person.page.get_by_role("region", name="Request details")).to_contain_text("modelSettings")
    person.press("Escape", "c")
    assert person.focused() == "message"
    person.page.keyboard.type("capital of country 3")
    person.press("Enter")
    expect(person.page.get_by_role("log")).to_contain_text("City number 3.")


def test_the_shortcuts_are_listed_and_can_be_turned_off(person: Person) -> None:
    person.press("?")
    dialog = person.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("advance the clock")
    dialog.get_by_label("enable single-key shortcuts").uncheck()
    person.press("Escape")
    expect(dialog).to_be_hidden()
    person.press("6")
    expect(person.page.get_by_role("region", name="Jobs", exact=True)).to_be_visible()


def test_the_tab_key_shows_where_it_is(person: Person, azure: Azure) -> None:
    furnish(azure)
    seen = set[str]()
    for _ in range(12):
        person.press("Tab")
        style, width = person.page.evaluate(
            "((style) => [style.outlineStyle, style.outlineWidth])(getComputedStyle(document.activeElement))"
        )
        seen.add(f"{style} {width}")
    assert seen == {"solid 2px"}


def test_a_digit_typed_into_a_field_is_no_shortcut(person: Person) -> None:
    person.look_at("Faults").get_by_role("textbox", name="Status").fill("")
    person.page.keyboard.type("416")
    expect(person.page.get_by_role("region", name="Faults", exact=True)).to_be_visible()
    expect(person.page.get_by_role("textbox", name="Status")).to_have_value("416")


@pytest.mark.parametrize("width", [375])
def test_nothing_sticks_out_on_a_phone(person: Person, azure: Azure, width: int) -> None:
    furnish(azure)
    expect(person.job("next").locator("svg")).to_have_attribute("viewBox", "0 0 315 170")
    for view in VIEWS:
        person.look_at(view)
        assert person.page.evaluate("document.documentElement.scrollWidth") == width
        person.keep(f"phone {view}")
    person.look_at("Requests")
    person.rows().filter(has_text="serverlessEndpoints").click()
    expect(person.page.get_by_role("region", name="Request details")).to_contain_text("modelSettings")
    assert person.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_readable_by_day_and_by_night(person: Person, azure: Azure, scheme: str) -> None:
    furnish(azure)
    expect(person.job("next")).to_be_visible()
    backs = person.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert {"light": min(backs) > 230, "dark": max(backs) < 40}[scheme]
    for view in VIEWS:
        person.look_at(view)
        assert person.page.evaluate(CONTRAST) == []
        person.keep(f"{scheme} {view}")


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


def test_what_came_with_requests_is_text_and_never_markup(person: Person, azure: Azure) -> None:
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
    expect(person.job("odd")).to_contain_text(ATTACK)
    expect(person.job("failed").locator(".failure")).to_have_text(ATTACK)
    expect(person.look_at("Datasets")).to_contain_text(ATTACK)
    expect(person.look_at("Faults")).to_contain_text(ATTACK)
    person.press("c")
    person.page.keyboard.type(ATTACK)
    person.press("Enter")
    expect(person.page.get_by_role("log")).to_contain_text(ATTACK)
    expect(person.page.get_by_role("alert")).to_contain_text(ATTACK)
    person.look_at("Requests")
    detail = person.page.get_by_role("region", name="Request details")
    for name in ("jobs/odd", "404", "chat.complete"):
        person.rows().filter(has_text=name).first.click()
        expect(detail).to_contain_text("document.title")
    assert person.page.title() == "mock server"
    assert person.page.locator("main img, main script, dialog img").count() == 0
