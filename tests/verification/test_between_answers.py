"""What has to hold between a request and its answer, and from one answer to the next."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maas_client.core.errors import NotFound, WaitTimeout
from maas_client.verification.between_answers import BetweenAnswers
from maas_client.verification.observation import Observation, observe
from maas_client.verification.refusals import named_failure
from maas_client.verification.watching_wire import Exchange

WORKSPACE = (
    "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices"
    "/workspaces/w"
)
JOB, ENDPOINT = f"{WORKSPACE}/jobs/j", f"{WORKSPACE}/onlineEndpoints/e"
FILES = "https://acct.openai.azure.com/openai/v1/files"


def exchange(url: str, answer: Any = None, *, method: str = "GET", status: int = 200, **more: Any) -> Exchange:
    """Return an exchange with a JSON answer; `sent` is the request's JSON."""
    sent = json.dumps(more.pop("sent", None)).encode()
    headers = {"Content-Type": "application/json", **more.pop("headers", {})}
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return Exchange(method, url, status, headers, body, sent=sent)


def job(status: str) -> Exchange:
    return exchange(JOB, {"properties": {"status": status}})


def found(*exchanges: Exchange) -> list[tuple[str, str, str]]:
    """Return operation, kind and place of what does not hold."""
    between = BetweenAnswers()
    each = [one for seen in exchanges for one in between.see("a step", seen)]
    return [(one.operation, one.kind or "", one.where) for one in each]


@pytest.mark.parametrize(
    "states",
    [("Queued", "Running", "Completed"), ("Running", "CancelRequested", "Canceled"), ("Running", "New", "Queued")],
)
def test_states_that_go_on_are_no_difference(states: tuple[str, ...]) -> None:
    assert found(*map(job, states)) == []


@pytest.mark.parametrize("states", [("Running", "Queued"), ("Completed", "Running"), ("Canceled", "NotStarted")])
def test_a_state_that_goes_back_is_named(states: tuple[str, ...]) -> None:
    assert found(*map(job, states)) == [("jobs.get", "state that goes back", "/properties/status")]


@pytest.mark.parametrize(
    ("method", "url"), [("PUT", ENDPOINT), ("PUT", f"{ENDPOINT}/deployments/d"), ("POST", f"{ENDPOINT}/regenerateKeys")]
)
def test_a_change_of_a_resource_begins_its_states_again(method: str, url: str) -> None:
    states = [exchange(ENDPOINT, {"properties": {"provisioningState": one}}) for one in ("Succeeded", "Creating")]
    asked = exchange(url, method=method, status=202, headers={"Location": f"{WORKSPACE}/x"})
    assert found(states[0], asked, states[1]) == []
    reading = exchange(f"{ENDPOINT}/listKeys", method="POST")
    assert [kind for _, kind, _ in found(states[0], reading, states[1])] == ["state that goes back"]


def test_a_page_that_comes_again_is_named() -> None:
    first = exchange(f"{FILES}?limit=100", {"data": [{"id": "file-1"}]})
    again = exchange(f"{FILES}?limit=100&after=file-1", {"data": [{"id": "file-1"}]})
    other = exchange(f"{FILES}?limit=100&after=file-1", {"data": [{"id": "file-2"}]})
    assert found(first, again) == [("foundry.files.list", "repeated page", "/data/*/id")]
    assert found(first, other, first) == []


def test_a_page_behind_a_link_has_other_items() -> None:
    link = f"{WORKSPACE}/jobs?$skipToken=2"
    page = {"value": [{"id": "/j", "name": "j"}], "nextLink": link}
    assert found(exchange(f"{WORKSPACE}/jobs", page), exchange(link, page)) == [
        ("jobs.list", "repeated page", "/value/*/id")
    ]


def test_a_page_that_is_longer_than_asked_for_is_named() -> None:
    page = {"data": [{"id": "file-1"}, {"id": "file-2"}]}
    assert found(exchange(f"{FILES}?limit=1", page)) == [("foundry.files.list", "longer page", "/data")]


def test_an_empty_page_is_the_last_one() -> None:
    assert found(exchange(FILES, {"data": [], "has_more": True})) == [
        ("foundry.files.list", "listing without an end", "/has_more")
    ]
    assert found(exchange(FILES, {"data": [], "has_more": False})) == []


@pytest.mark.parametrize(
    "link", ["https://example.com/jobs", "http://management.azure.com/x", "/jobs?page=2", "https://["]
)
def test_an_address_of_another_service_is_named(link: str) -> None:
    assert found(exchange(f"{WORKSPACE}/jobs", {"value": [], "nextLink": link})) == [
        ("jobs.list", "another host", "/nextLink")
    ]
    accepted = exchange(f"{JOB}/cancel", b"", method="POST", status=202, headers={"Location": link})
    assert found(accepted) == [("jobs.cancel", "another host", "header Location")]


def test_another_host_of_the_same_service_is_no_difference() -> None:
    link = "https://eastus.management.azure.com/jobs?page=2"
    assert found(exchange(f"{WORKSPACE}/jobs", {"value": [], "nextLink": link})) == []


def test_what_was_sent_has_to_come_back() -> None:
    sent = {"properties": {"jobType": "FineTuning", "displayName": "x", "tags": {"team": "a"}, "description": None}}
    whole = exchange(JOB, sent, method="PUT", sent=sent)
    assert found(whole) == []
    less: Any = {"properties": {"jobType": "FineTuning", "tags": {}}}
    assert found(exchange(JOB, less, method="PUT", sent=sent)) == [
        ("jobs.create", "field that does not come back", "/properties/displayName"),
        ("jobs.create", "field that does not come back", "/properties/tags/*"),
    ]


@pytest.mark.parametrize(("last", "count"), [("", 1), ('data: {"choices": [{"finish_reason": "stop"}]}\n\n', 0)])
def test_a_stream_says_why_it_ends(last: str, count: int) -> None:
    events = f'data: {{"choices": [{{"delta": {{"content": "Hi"}}}}]}}\n\n{last}data: [DONE]\n\n'
    headers = {"Content-Type": "text/event-stream"}
    url = "https://mine.eastus2.models.ai.azure.com/v1/chat/completions"
    assert found(exchange(url, events.encode(), method="POST", headers=headers)) == count * [
        ("chat.complete", "stream without an end", "/choices/*/finish_reason")
    ]


def test_a_stream_has_parts_of_an_answer() -> None:
    events = 'data: {"choices": [{"text": "Hi", "finish_reason": "stop"}]}\n\ndata: not JSON\n\ndata: [DONE]\n\n'
    headers = {"Content-Type": "text/event-stream"}
    url = "https://mine.eastus2.models.ai.azure.com/v1/chat/completions"
    assert found(exchange(url, events.encode(), method="POST", headers=headers)) == [
        ("chat.complete", "stream without an answer", "/choices/*/delta")
    ]


def test_a_refused_creation_is_named() -> None:
    assert found(exchange(JOB, {"error": {}}, method="PUT", status=409)) == [
        ("jobs.create", "unexpected status", "status")
    ]
    assert found(exchange(JOB, {"error": {}}, status=404)) == []
    assert found(exchange(f"{JOB}/cancel", {"error": {}}, method="POST", status=409)) == []


def test_a_failed_step_names_the_answer_that_it_is_from() -> None:
    error = {"error": {"code": "UserError", "message": "x"}}
    missing = exchange(f"{WORKSPACE}/datastores/d", error, status=404, headers={"x-ms-request-id": "1"})
    found = named_failure("datastores", NotFound("GET /x", status=404), [observe("datastores", missing)])
    assert found is not None
    assert (found.operation, found.where, found.found) == ("datastores.get", "status", "404")


def test_a_wait_without_an_end_names_the_state() -> None:
    seen = [Observation("a step", "foundry.jobs.get", "GET *", 200, 0.1)]
    found = named_failure("a step", WaitTimeout("job", 1.0, "running", "maas jobs watch"), seen)
    assert found is not None
    assert (found.operation, found.where) == ("foundry.jobs.get", "/status")


def test_an_outage_names_no_answer() -> None:
    busy = observe("a step", exchange(JOB, {}, status=503))
    assert named_failure("a step", WaitTimeout("job", 1.0, "running", "maas jobs watch"), [busy]) is None
