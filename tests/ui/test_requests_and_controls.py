"""The journal with its filter and its detail, the verdict, the faults and the clock."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from mock_server import surfaces
from tests.mock_server.driver import Azure
from tests.ui.person import Person


def test_a_request_appears_and_its_detail_shows_the_body_without_its_secret(person: Person, azure: Azure) -> None:
    person.look_at("Requests")
    expect(person.rows()).to_have_count(0)
    azure.endpoint()
    azure.post("/serverlessEndpoints/ep/regenerateKeys", {"keyType": "Primary", "keyValue": "k" * 32})
    person.rows().filter(has_text="endpoints.regenerate_keys").click()
    detail = person.page.get_by_role("region", name="Request details")
    expect(detail).to_contain_text('"keyType": "Primary"')
    expect(detail).to_contain_text('"keyValue": "REDACTED"')
    expect(detail).to_contain_text("authorization: Bearer REDACTED")
    expect(detail).to_contain_text("x-ms-request-id")
    assert "k" * 32 not in person.page.content()
    detail.get_by_role("button", name="Close").click()
    expect(detail).to_be_hidden()


def test_a_filter_leaves_what_has_every_word_and_takes_in_what_comes(person: Person, azure: Azure) -> None:
    azure.endpoint()
    azure.get("/jobs")
    azure.get("/jobs/none")
    person.look_at("Requests")
    person.page.get_by_label("Filter the requests").fill("jobs 4xx")
    expect(person.rows()).to_have_count(1)
    expect(person.rows()).to_contain_text("404")
    expect(person.page.locator("#found")).to_have_text("1 of 3")
    azure.get("/jobs/other")
    expect(person.rows()).to_have_count(2)
    expect(person.rows().first).to_contain_text("jobs/other")
    person.page.get_by_label("Filter the requests").fill("modelSettings")
    expect(person.rows()).to_contain_text(["endpoints.create"])
    person.page.get_by_label("Filter the requests").fill("")
    expect(person.rows()).to_have_count(4)


def test_a_journal_that_was_cleared_is_empty(person: Person, azure: Azure) -> None:
    azure.get("/jobs")
    person.look_at("Requests")
    expect(person.rows()).to_have_count(1)
    azure.http.delete("/_mock/requests")
    expect(person.rows()).to_have_count(0)
    azure.get("/data")
    expect(person.rows()).to_contain_text(["data.list"])


def test_the_verdict_turns_guilty_and_leads_to_the_requests_that_show_it(person: Person, azure: Azure) -> None:
    azure.get("/data")
    pill = person.page.locator("#verdict-pill")
    expect(pill).to_have_text("clean")
    azure.server.fault(operation="jobs.list", status=429, headers={"Retry-After": "30"})
    azure.get("/jobs")
    azure.get("/jobs")
    expect(pill).to_have_text("guilty, 1")
    view = person.look_at("Verdict")
    expect(view).to_contain_text("retried too early")
    view.get_by_role("button", name="429").click()
    expect(person.page.get_by_role("region", name="Request details")).to_contain_text("retry-after: 30")


def test_a_fault_is_added_strikes_and_is_removed(person: Person, azure: Azure) -> None:
    view = person.look_at("Faults")
    view.get_by_label("Operation").fill("jobs.*")
    view.get_by_role("textbox", name="Status").fill("429")
    view.get_by_label("Retry-After (seconds)").fill("7")
    view.get_by_label("Count").fill("2")
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


def test_a_fault_of_another_kind_takes_more_fields_and_all_are_cleared(person: Person, azure: Azure) -> None:
    view = person.look_at("Faults")
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
def test_a_rule_that_is_none_is_refused_on_the_page(person: Person, field: str, value: str, words: str) -> None:
    view = person.look_at("Faults")
    view.get_by_role("textbox", name=field).fill(value)
    view.get_by_role("button", name="Add fault").click()
    expect(person.page.get_by_role("alert")).to_contain_text(words)
    expect(view.get_by_role("listitem")).to_have_count(0)


def test_the_operations_that_the_page_proposes_exist(person: Person) -> None:
    proposed = person.page.locator("#operations option").all_text_contents()
    sources = "".join(path.read_text() for path in Path(surfaces.__file__).parent.glob("*.py"))
    assert len(proposed) > 10
    assert [one for one in proposed if f'"{one.rstrip("*")}' not in sources] == []


def test_a_workspace_s_own_clock_is_moved_alone(person: Person, azure: Azure) -> None:
    azure.http.post("/_mock/clock", json={"workspace": "mine", "advance": 5})
    person.page.get_by_label("Clock of workspace").select_option("mine")
    before = azure.server.now(), azure.server.now(workspace="mine")
    with person.page.expect_response("**/_mock/clock"):
        person.page.get_by_role("button", name="Advance").click()
    assert azure.server.now() == before[0]
    assert azure.server.now(workspace="mine") == pytest.approx(before[1] + 60)
