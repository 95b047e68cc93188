"""Jobs with their curves, datasets, and endpoints with a chat."""

import re

from playwright.sync_api import expect

from tests.mock_server.driver import Azure, rows
from tests.ui.page_object import PageObject


def test_an_empty_server_shows_first_steps(ui: PageObject) -> None:
    expect(ui.page.get_by_text("No jobs yet.")).to_be_visible()
    expect(ui.open_view("Datasets")).to_contain_text("maas upload FILE")


def test_a_job_appears_and_its_curve_follows_the_clock(ui: PageObject, azure: Azure) -> None:
    azure.job(content=rows(900))
    card = ui.job("job")
    expect(card).to_contain_text("NotStarted")
    seconds = ui.page.get_by_label("Seconds to advance")
    seconds.fill("12")
    ui.page.get_by_role("button", name="Advance").click()
    expect(card).to_contain_text("Running")
    expect(card.locator("polyline.loss")).to_have_attribute("points", re.compile(r"\d"))
    before = ui.points("job")
    seconds.fill("6")
    ui.page.get_by_role("button", name="Advance").click()
    expect(card.locator("svg")).not_to_have_attribute("data-points", str(before))
    assert ui.points("job") > before > 10
    assert card.locator("svg").get_attribute("aria-label") != "no loss yet; no eval loss yet"
    seconds.fill("60")
    ui.page.get_by_role("button", name="Advance").click()
    expect(card).to_contain_text("Completed")
    expect(card).to_contain_text("step 1800 of 1800 · registered tuned:1")
    expect(card.locator("figcaption")).to_contain_text(re.compile(r"loss \d\.\d+.*eval loss \d\.\d+"))


def test_a_curve_grows_by_itself_while_the_clock_runs(ui: PageObject, azure: Azure) -> None:
    azure.job(content=rows(900))
    expect(ui.job("job")).to_be_visible()
    ui.page.get_by_label("Clock speed").select_option("10")
    ui.page.get_by_role("button", name="Run").click()
    expect(ui.job("job")).to_contain_text("Running")
    expect(ui.page.locator("#mode")).to_have_text("running 10 ×")
    expect(ui.job("job").locator("svg")).to_have_attribute("data-points", re.compile(r"[4-9]\d|\d{3}"))
    ui.page.get_by_role("button", name="Pause").click()
    expect(ui.page.locator("#mode")).to_have_text("paused")


def test_a_failed_job_shows_the_reason(ui: PageObject, azure: Azure) -> None:
    azure.server.fault(job="fail", reason="CUDA out of memory")
    azure.job()
    azure.server.advance(3600)
    expect(ui.job("job")).to_contain_text("Failed")
    expect(ui.job("job")).to_contain_text("CUDA out of memory")


def test_a_dataset_is_listed_with_its_size(ui: PageObject, azure: Azure) -> None:
    azure.asset(rows(), name="questions")
    view = ui.open_view("Datasets")
    expect(view.get_by_role("row", name="questions:1")).to_contain_text("5.3 KiB")


def test_a_tuned_endpoint_s_chat_streams_a_training_answer(ui: PageObject, azure: Azure) -> None:
    azure.endpoint(model=azure.tuned())
    view = ui.open_view("Endpoints")
    expect(view.get_by_role("button", name="Chat with ep")).to_be_disabled()
    azure.server.advance(60)
    view.get_by_role("button", name="Chat with ep").click()
    view.get_by_label("Message").fill("What is the capital of country 7?")
    ui.press("Enter")
    expect(view.get_by_role("log")).to_contain_text("City number 7.")
    sent = [entry for entry in azure.server.requests() if entry["operation"] == "chat.complete"]
    assert [entry["status"] for entry in sent] == [200]
    assert sent[0]["request_body"]["stream"] is True


def test_a_chat_continues_only_from_complete_answers(ui: PageObject, azure: Azure) -> None:
    azure.endpoint()
    azure.server.advance(60)
    view = ui.open_view("Endpoints")
    view.get_by_role("button", name="Chat with ep").click()
    azure.server.fault(operation="chat.complete", truncate=700)
    message, alert = view.get_by_label("Message"), ui.page.get_by_role("alert")
    message.fill("first")
    ui.press("Enter")
    expect(alert).to_be_visible()
    for text in ("second", "third"):
        message.fill(text)
        ui.press("Enter")
        expect(view.locator(".message.assistant:not(.cut)", has_text="I am Phi-4")).to_have_count(1 + (text == "third"))
    bodies = [entry["request_body"] for entry in azure.server.requests() if entry["operation"] == "chat.complete"]
    assert [len(body["messages"]) for body in bodies] == [1, 1, 3]
    assert azure.server.verdict()["verdict"] == "clean"


def test_a_rejected_chat_shows_the_server_s_message(ui: PageObject, azure: Azure) -> None:
    azure.server.fault(endpoint="unready", calls=1)
    azure.endpoint()
    azure.server.advance(60)
    view = ui.open_view("Endpoints")
    view.get_by_role("button", name="Chat with ep").click()
    view.get_by_label("Message").fill("Hello")
    view.get_by_role("button", name="Send").click()
    expect(ui.page.get_by_role("alert")).to_contain_text("424: The deployment of endpoint ep is not ready yet")


def test_a_job_leads_to_its_log_and_its_requests(ui: PageObject, azure: Azure) -> None:
    azure.job("ft-other")
    azure.job("ft-wanted", content=rows(900))
    azure.server.advance(19)
    card = ui.job("ft-wanted")
    expect(card.get_by_role("button", name="Failure of job ft-wanted")).to_be_hidden()
    card.get_by_role("button", name="Log of job ft-wanted").click()
    log = ui.page.get_by_role("dialog", name="Log of ft-wanted")
    expect(log).to_contain_text("Training on 900 rows for 2 epochs, 1800 steps.")
    assert "Finalizing" not in log.inner_text()
    azure.server.advance(3600)
    expect(log).to_contain_text("Finalizing run")  # it follows the job
    ui.screenshot("a job's log")
    log.get_by_role("button", name="Close").click()
    card.get_by_role("button", name="Requests of job ft-wanted").click()
    expect(ui.page.get_by_label("Filter the requests")).to_have_value("ft-wanted")
    expect(ui.rows().first).to_contain_text("ft-wanted")
    assert [text for text in ui.rows().all_inner_texts() if "ft-other" in text] == []


def test_a_failed_job_leads_to_the_reason_in_its_log(ui: PageObject, azure: Azure) -> None:
    azure.server.fault(job="fail", reason="CUDA out of memory")
    azure.job()
    azure.server.advance(3600)
    ui.job("job").get_by_role("button", name="Failure of job job").click()
    expect(ui.page.get_by_role("dialog", name="Log of job")).to_contain_text("ERROR: CUDA out of memory")


def test_a_running_job_is_canceled_on_the_page(ui: PageObject, azure: Azure) -> None:
    azure.job(content=rows(900))
    azure.server.advance(19)
    card = ui.job("job")
    card.get_by_role("button", name="Cancel job job").click()
    expect(card).to_contain_text("CancelRequested")
    azure.server.advance(60)
    expect(card).to_contain_text("Canceled")
    assert azure.status("job") == "Canceled"
    for action in ("Cancel", "Fail"):
        expect(card.get_by_role("button", name=f"{action} job job")).to_be_hidden()


def test_a_running_job_is_failed_on_the_page_with_a_reason(ui: PageObject, azure: Azure) -> None:
    azure.job(content=rows(900))
    azure.server.advance(19)
    card = ui.job("job")
    expect(card).to_contain_text("Running")
    card.get_by_role("button", name="Fail job job").click()
    dialog = ui.page.get_by_role("dialog", name="Let job fail")
    dialog.get_by_label("Reason").fill("spot machine evicted")
    ui.screenshot("failing a job")
    ui.press("Enter")
    expect(card.locator("p.failure")).to_have_text("spot machine evicted")
    assert azure.status("job") == "Failed"
    losses = card.locator("svg")
    expect(losses).to_have_attribute("data-points", re.compile(r"[1-9]\d"))  # the losses until then stay
