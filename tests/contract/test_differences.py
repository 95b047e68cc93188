"""What differs between an answer and the table: each kind of difference, where it is, and whether it contradicts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maas_client.contract.check import NOT_KEPT, differences
from maas_client.contract.differences import Difference, DifferenceKind
from maas_client.contract.table import OPERATIONS

HEADERS = {"X-Ms-Request-Id": "1", "Content-Type": "application/json"}
AGAIN = {"Retry-After": "1"}
CREATED = {**HEADERS, "Azure-AsyncOperation": "https://management.azure.com/x"}


def job(**properties: Any) -> dict[str, Any]:
    """Return a job's document with other properties."""
    details = {
        "modelProvider": "Custom",
        "taskType": "chatCompletion",
        "model": {"uri": "m"},
        "trainingData": {"uri": "d"},
    }
    own = {"jobType": "FineTuning", "status": "Running", "fineTuningDetails": details, "outputs": {}}
    return {"id": "/x", "name": "ft-1", "properties": {**own, **properties}}


def differences_of(operation: str, status: int, body: object = NOT_KEPT, **headers: str) -> list[tuple[str, str]]:
    """Return kind and place of each difference."""
    found = differences(OPERATIONS[operation], status, {**HEADERS, **headers}, body)
    return [(one.kind.value, one.where) for one in found]


def test_an_answer_as_the_table_says_has_no_difference() -> None:
    assert differences_of("jobs.get", 200, job()) == []
    assert differences_of("jobs.get", 200, json.dumps(job()).encode()) == []


@pytest.mark.parametrize(
    ("properties", "kind", "where"),
    [
        ({"status": "Daydreaming"}, "unknown value", "/properties/status"),
        ({"status": None}, "missing field", "/properties/status"),
        ({"status": 3}, "wrong type", "/properties/status"),
        ({"a/b~": 1}, "unknown field", "/properties/a~1b~0"),
        ({"fineTuningDetails": None}, "missing field", "/properties/fineTuningDetails"),
        ({"tags": {"a": 1}}, "wrong type", "/properties/tags/*"),
        ({"outputs": {"o": {}}}, "missing field", "/properties/outputs/*/jobOutputType"),
        ({"isArchived": "false"}, "wrong type", "/properties/isArchived"),
    ],
)
def test_a_difference_of_a_field_names_it(properties: dict[str, Any], kind: str, where: str) -> None:
    assert differences_of("jobs.get", 200, job(**properties)) == [(kind, where)]


@pytest.mark.parametrize("time", ["29/11/2026 15:00", "2026-11-29", "20261129T150000Z", "2026-11-29 15:00", "now", ""])
def test_a_time_that_cannot_be_read_is_found(time: str) -> None:
    run = {"runId": "ft-1", "status": "Running", "startTimeUtc": time}
    assert ("wrong type", "/startTimeUtc") in differences_of("history.details", 200, run)


@pytest.mark.parametrize("time", ["2026-11-29T15:00:00Z", "2026-11-29T15:00:00.1234567+00:00", None])
def test_times_are_written_as_azure_writes_them(time: str | None) -> None:
    run = {"runId": "ft-1", "status": "Running", "startTimeUtc": time}
    assert ("wrong type", "/startTimeUtc") not in differences_of("history.details", 200, run)


def test_a_renamed_field_is_missing_and_unknown() -> None:
    changed = job()
    changed["properties"]["state"] = changed["properties"].pop("status")
    assert differences_of("jobs.get", 200, changed) == [
        ("missing field", "/properties/status"),
        ("unknown field", "/properties/state"),
    ]


def test_case_makes_no_other_word_of_an_enumeration() -> None:
    assert differences_of("jobs.get", 200, job(status="running")) == []


def test_null_is_an_absent_field() -> None:
    assert differences_of("jobs.get", 200, job(displayName=None, tags={"a": None})) == []


def test_a_place_is_reported_once_for_a_whole_listing() -> None:
    listing = {"value": [job(new=1), job(new=2), job()], "nextLink": None}
    assert differences_of("jobs.list", 200, listing) == [("unknown field", "/value/*/properties/new")]


def test_a_status_asks_for_the_fields_that_go_with_it() -> None:
    running = {"id": "ftjob-1", "model": "m", "created_at": 1, "training_file": "file-1", "status": "running"}
    headers = {"apim-request-id": "1"}
    assert differences_of("foundry.jobs.get", 200, running, **headers) == []
    done = differences_of("foundry.jobs.get", 200, {**running, "status": "succeeded"}, **headers)
    assert ("missing field", "/fine_tuned_model") in done


@pytest.mark.parametrize("status", [204, 206, 301, 410, 418])
def test_another_status_is_a_contradiction(status: int) -> None:
    assert differences_of("jobs.get", status, b"") == [("unexpected status", "status")]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_expected_error_has_the_services_shape(status: int) -> None:
    assert differences_of("jobs.get", status, {"error": {"code": "UserError", "message": "x"}}) == []
    assert differences_of("jobs.get", status, {"code": "UserError", "message": "x"})[0] == ("error shape", "/error")
    assert differences_of("jobs.get", status, {"error": {"code": 7, "message": "x"}}) == [
        ("error shape", "/error/code")
    ]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_outage_may_have_any_body(status: int) -> None:
    assert differences_of("jobs.get", status, b"<html>") == []
    assert differences(OPERATIONS["jobs.get"], status, {}, b"") == ()


def test_a_missing_header_is_named() -> None:
    body = {"error": "ignored"}
    found = differences(OPERATIONS["jobs.cancel"], 202, {**HEADERS, "Retry-After": "1"}, body)
    assert [(one.kind.value, one.where) for one in found] == [("missing header", "header Location")]
    assert found[0].is_contradiction


def test_one_of_two_headers_is_enough() -> None:
    assert differences_of("computes.delete", 202, b"", Location="https://x/y") == []
    assert differences_of("computes.delete", 202, b"", **{"azure-asyncoperation": "https://x/y"}) == []
    assert differences_of("computes.delete", 202, b"")[0][1] == "header Azure-AsyncOperation or Location"


def test_an_address_in_a_header_is_absolute() -> None:
    assert differences_of("jobs.cancel", 202, b"", **AGAIN, Location="/subscriptions/x") == [
        ("wrong type", "header Location")
    ]


def test_a_body_that_is_not_json_is_of_the_wrong_type() -> None:
    assert differences_of("jobs.get", 200, b"<html>") == [("wrong type", "")]
    assert differences_of("jobs.get", 200, b"") == [("wrong type", "")]


def test_a_body_that_was_not_kept_is_not_looked_for() -> None:
    assert differences_of("jobs.get", 200) == []


def test_each_event_of_a_stream_is_looked_at() -> None:
    chunk = {"choices": [{"index": 0, "delta": {"content": "a"}}], "usage": None}
    odd = {"choices": [{"index": "0", "delta": {"content": "a"}}]}
    stream = "".join(f"data: {json.dumps(one)}\n\n" for one in (chunk, odd, odd)) + "data: [DONE]\n\n"
    found = differences_of(
        "chat.complete", 200, stream.encode(), **{"content-type": "text/event-stream; charset=utf-8"}
    )
    assert found == [("wrong type", "/choices/*/index")]


def test_an_answer_may_have_one_of_several_forms() -> None:
    assert differences_of("scoring.score", 200, {"output": "Hi"}) == []
    assert differences_of("scoring.score", 200, [{"0": "Hi"}]) == []


def test_the_elements_of_a_blob_listing_are_looked_for() -> None:
    headers = {"x-ms-version": "2023-11-03", "Content-Type": "application/xml"}
    whole = "<EnumerationResults><Blobs><Blob><Name>a</Name><Properties><Content-Length>1</Content-Length>"
    listing = f"{whole}</Properties></Blob></Blobs></EnumerationResults>"
    assert differences_of("blob.list", 200, listing.encode(), **headers) == []
    less = listing.replace("Content-Length", "Size")
    assert differences_of("blob.list", 200, less, **headers) == [
        ("missing field", "/EnumerationResults/Blob/*/Content-Length")
    ]
    assert differences_of("blob.list", 200, "<Error>", **headers) == [("missing field", "/EnumerationResults")]


def test_only_what_is_new_is_no_contradiction() -> None:
    kinds = {kind for kind in DifferenceKind if not Difference("x", kind, "", "", "").is_contradiction}
    assert kinds == {DifferenceKind.UNKNOWN_FIELD}


def test_a_difference_holds_no_value_but_words() -> None:
    secret = "sv=2024&sig=abc/def=="
    found = differences(OPERATIONS["jobs.get"], 200, HEADERS, job(status=secret, tags=secret, displayName=["canary"]))
    assert len(found) == 3
    assert not any(word in one.sentence for one in found for word in ("sig", "canary"))


@pytest.mark.parametrize(
    ("known", "value", "other"),
    [
        ("displayName", "x", "display_name"),
        ("displayName", "x", "displayNameText"),
        ("experimentName", "x", "experimentsName"),
        ("tags", {"a": "b"}, "Tags"),
        ("computeId", None, "compute_id"),
    ],
)
def test_an_optional_field_of_another_name_is_named(known: str, value: object, other: str) -> None:
    assert differences_of("jobs.get", 200, job(**{known: value})) == []
    assert differences_of("jobs.get", 200, job(**{other: value})) == [
        ("unknown field", f"/properties/{other}"),
        ("renamed field", f"/properties/{known}"),
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"displayName": "x", "display_name": "x"},  # the known one is there as well
        {"display_name": 7},  # of another type
        {"retention": "x"},
        {"nameOfTheTeam": "x"},
    ],
)
def test_another_new_field_is_not_a_renamed_one(more: dict[str, Any]) -> None:
    assert {kind for kind, _ in differences_of("jobs.get", 200, job(**more))} == {"unknown field"}


@pytest.mark.parametrize("media", ["text/html", "text/plain; charset=utf-8", "application/octet-stream"])
def test_json_of_another_content_type_is_named(media: str) -> None:
    whole = json.dumps(job()).encode()
    headers = {**HEADERS, "Content-Type": media}
    found = differences(OPERATIONS["jobs.get"], 200, headers, whole)
    assert [(one.kind.value, one.where) for one in found] == [("wrong type", "header Content-Type")]
    assert (
        differences(OPERATIONS["jobs.get"], 200, {**HEADERS, "Content-Type": "application/problem+json"}, whole) == ()
    )


def test_a_missing_content_type_is_named() -> None:
    found = differences(OPERATIONS["jobs.get"], 200, {"x-ms-request-id": "1"}, job())
    assert [(one.kind.value, one.where) for one in found] == [("missing header", "header Content-Type")]


@pytest.mark.parametrize(("value", "count"), [("5", 0), ("Sun, 29 Nov 2026 15:00:00 GMT", 0), ("soon", 1), ("-5", 1)])
def test_a_delay_is_seconds_or_a_date_of_http(value: str, count: int) -> None:
    found = differences_of("jobs.get", 200, job(), **{"Retry-After": value})
    assert found == [("wrong type", "header Retry-After")] * count


@pytest.mark.parametrize(
    ("listing", "where"),
    [
        ("<EnumerationResults><Blobs>", "/EnumerationResults"),
        (
            "<EnumerationResults><Blob><Name>a</Name><Content-Length>1 kB</Content-Length></Blob></EnumerationResults>",
            "/EnumerationResults/Blob/*/Content-Length",
        ),
    ],
)
def test_a_damaged_blob_listing_is_named(listing: str, where: str) -> None:
    headers = {"x-ms-version": "2023-11-03", "Content-Type": "application/xml"}
    assert differences_of("blob.list", 200, listing.encode(), **headers) == [("wrong type", where)]
