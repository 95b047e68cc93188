"""The journal with its filter and details, the verdict, the faults and the clock."""

import pytest
from playwright.sync_api import expect

from mock_server.surfaces.operation_names import OPERATIONS
from tests.mock_server.driver import Azure
from tests.ui.page_object import PageObject


def test_a_request_s_details_show_the_redacted_body(ui: PageObject, azure: Azure) -> None:
    ui.open_view("Requests")
    expect(ui.rows()).to_have_count(0)
    azure.endpoint()
    azure.post("/serverlessEndpoints/ep/regenerateKeys", {"keyType": "Primary", "keyValue": "k" * 32})
    ui.rows().filter(has_text="endpoints.regenerate_keys").click()
    detail = ui.page.get_by_role("region", name="Request details")
    expect(detail).to_contain_text('"keyType": "Primary"')
    expect(detail).to_contain_text('"keyValue": "REDACTED"')
    expect(detail).to_contain_text("authorization: Bearer REDACTED")
    expect(detail).to_contain_text("x-ms-request-id")
    assert "k" * 32 not in ui.page.content()
    detail.get_by_role("button", name="Close").click()
    expect(detail).to_be_hidden()


def test_a_filter_shows_matching_requests_and_new_ones(ui: PageObject, azure: Azure) -> None:
    azure.endpoint()
    azure.get("/jobs")
    azure.get("/jobs/none")
    ui.open_view("Requests")
    ui.page.get_by_label("Filter the requests").fill("jobs 4xx")
    expect(ui.rows()).to_have_count(1)
    expect(ui.rows()).to_contain_text("404")
    expect(ui.page.locator("#found")).to_have_text("1 of 3")
    azure.get("/jobs/other")
    expect(ui.rows()).to_have_count(2)
    expect(ui.rows().first).to_contain_text("jobs/other")
    ui.page.get_by_label("Filter the requests").fill("modelSettings")
    expect(ui.rows()).to_contain_text(["endpoints.create"])
    ui.page.get_by_label("Filter the requests").fill("")
    expect(ui.rows()).to_have_count(4)


def test_a_journal_that_was_cleared_is_empty(ui: PageObject, azure: Azure) -> None:
    azure.get("/jobs")
    ui.open_view("Requests")
    expect(ui.rows()).to_have_count(1)
    azure.http.delete("/_mock/requests")
    expect(ui.rows()).to_have_count(0)
    azure.get("/data")
    expect(ui.rows()).to_contain_text(["data.list"])


def test_a_guilty_verdict_links_to_its_requests(ui: PageObject, azure: Azure) -> None:
    azure.get("/data")
    pill = ui.page.locator("#verdict-pill")
    expect(pill).to_have_text("clean")
    azure.server.fault(operation="jobs.list", status=429, headers={"Retry-After": "30"})
    azure.get("/jobs")
    azure.get("/jobs")
    expect(pill).to_have_text("guilty, 1")
    view = ui.open_view("Verdict")
    expect(view).to_contain_text("retried too early")
    view.get_by_role("button", name="429").click()
    expect(ui.page.get_by_role("region", name="Request details")).to_contain_text("retry-after: 30")


def test_a_fault_is_added_applied_and_removed(ui: PageObject, azure: Azure) -> None:
    view = ui.open_view("Faults")
    view.get_by_label("Operation").select_option("jobs.*")
    view.get_by_role("textbox", name="Status").fill("429")
    view.get_by_label("Retry-After (seconds)").fill("7")
    view.get_by_role("textbox", name="Count").fill("2")
    view.get_by_role("button", name="Add fault").click()
    line = view.get_by_role("listitem")
    expect(line).to_contain_text("operation jobs.* · count 2 · status 429")
    expect(line).to_contain_text("matched 0 of 2")
    answer = azure.get("/jobs")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    expect(line).to_contain_text("matched 1 of 2")
    view.get_by_role("button", name="Remove fault 1").click()
    expect(line).to_have_count(0)
    assert azure.get("/jobs").status_code == 200


def test_a_fault_can_have_more_fields_and_all_can_be_removed(ui: PageObject, azure: Azure) -> None:
    view = ui.open_view("Faults")
    view.get_by_label("Effect").select_option("close after handling, without a response")
    expect(view.get_by_role("textbox", name="Status")).to_be_hidden()
    view.get_by_label("More rule fields").fill('{"skip": 3, "workspace": "ws"}')
    view.get_by_role("button", name="Add fault").click()
    expect(view.get_by_role("listitem")).to_contain_text("workspace ws · skip 3 · drop after")
    view.get_by_role("button", name="Remove all").click()
    expect(view.get_by_role("listitem")).to_have_count(0)
    assert azure.http.get("/_mock/faults").json() == {"faults": []}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("Status", "99", "must be a status from 200 to 599"),
        ("More rule fields", "{colour", "JSON"),
        ("URL matches", "(", "a regular"),
    ],
)
def test_an_invalid_rule_is_rejected_on_the_page(ui: PageObject, field: str, value: str, words: str) -> None:
    view = ui.open_view("Faults")
    view.get_by_role("textbox", name=field).fill(value)
    view.get_by_role("button", name="Add fault").click()
    expect(ui.page.get_by_role("alert")).to_contain_text(words)
    expect(view.get_by_role("listitem")).to_have_count(0)


def test_every_operation_can_be_chosen_for_a_fault(ui: PageObject) -> None:
    options = ui.open_view("Faults").get_by_label("Operation").locator("option")
    expect(options.nth(1)).to_be_attached()
    offered = set(options.all_text_contents())
    assert offered >= {"any", "jobs.*", *OPERATIONS}
    assert [one for one in offered - OPERATIONS.keys() if one != "any" and not one.endswith(".*")] == []


def test_only_the_selected_workspace_s_clock_is_advanced(ui: PageObject, azure: Azure) -> None:
    azure.http.post("/_mock/clock", json={"workspace": "mine", "advance": 5})
    ui.page.get_by_label("Clock of workspace").select_option("mine")
    before = azure.server.now(), azure.server.now(workspace="mine")
    with ui.page.expect_response("**/_mock/clock"):
        ui.page.get_by_role("button", name="Advance").click()
    assert azure.server.now() == before[0]
    assert azure.server.now(workspace="mine") == pytest.approx(before[1] + 60)
