"""Two recordings are compared by operation and status: shapes, words, statuses and headers, and no other values."""

from __future__ import annotations

import pytest

from maas_client.drift.exchange import ComparedExchange
from maas_client.drift.finding import DriftKind
from tests.drift.recordings import FILE, JOBS, answered, between, sentences

UNKNOWN = "https://account-1.openai.azure.com/openai/v1/surprises/thing-1"


def test_recordings_of_the_same_shape_do_not_differ() -> None:
    assert between([answered(FILE)], [answered({**FILE, "id": "file-2", "bytes": 2})]).findings == ()


def test_a_field_on_one_side_is_an_addition() -> None:
    drift = between([answered(FILE)], [answered({**FILE, "color": "red"})])
    assert [one.sentence for one in drift.additions] == [
        "foundry.files.get: field on one side at 200 /color: nothing against string"
    ]
    assert not drift.contradictions


def test_a_field_that_the_contract_needs_is_missing() -> None:
    without = {name: value for name, value in FILE.items() if name != "status"}
    drift = between([answered(FILE)], [answered(without)])
    assert [one.sentence for one in drift.contradictions] == [
        "foundry.files.get: missing field at 200 /status: string against nothing"
    ]


def test_a_field_of_a_new_operation_is_missing_if_always_there() -> None:
    always = [answered({"a": 1, "b": 1}, url=UNKNOWN), answered({"a": 1}, url=UNKNOWN)]
    drift = between(always, [answered({}, url=UNKNOWN)])
    assert [(one.where, one.kind) for one in drift.findings] == [
        ("200 /a", DriftKind.MISSING_FIELD),
        ("200 /b", DriftKind.FIELD),
    ]
    assert {one.operation for one in drift.findings} == {"GET /openai/v1/surprises/*"}


def test_another_type_contradicts() -> None:
    assert sentences([answered(FILE)], [answered({**FILE, "bytes": "1"})]) == [
        "foundry.files.get: other type at 200 /bytes: integer against string"
    ]


def test_a_type_that_only_some_answers_have_is_an_addition() -> None:
    drift = between([answered(FILE)], [answered(FILE), answered({**FILE, "bytes": "1"})])
    assert [one.kind for one in drift.findings] == [DriftKind.TYPE_TOO]


def test_null_differs_from_nothing() -> None:
    assert sentences([answered({**FILE, "status_details": None})], [answered(FILE)]) == []
    assert sentences([answered({**FILE, "status_details": None})], [answered({**FILE, "status_details": "x"})]) == []


def test_a_whole_number_is_a_number() -> None:
    assert sentences([answered({"x": 1}, url=UNKNOWN)], [answered({"x": 1.5}, url=UNKNOWN)]) == []


def test_a_word_is_news_if_the_contract_does_not_know_it() -> None:
    assert sentences([answered(FILE)], [answered({**FILE, "status": "deleted"})]) == []
    drift = between([answered(FILE)], [answered({**FILE, "status": "melted"})])
    assert [one.sentence for one in drift.additions] == [
        "foundry.files.get: value on one side at 200 /status: nothing against melted"
    ]


def test_an_empty_list_says_nothing_of_its_items() -> None:
    one = {"object": "list", "data": [FILE], "has_more": False}
    url = "https://account-1.openai.azure.com/openai/v1/files"
    assert sentences([answered(one, url=url)], [answered({**one, "data": []}, url=url)]) == []


def test_another_success_contradicts() -> None:
    assert sentences([answered(FILE, status=200)], [answered(FILE, status=203)]) == [
        "foundry.files.get: other status at status: 200 against 203"
    ]


def test_what_is_at_its_end_on_one_side_is_no_contradiction() -> None:
    cancel = f"{JOBS}/job-1/cancel"
    drift = between([answered({}, method="POST", url=cancel)], [answered({}, method="POST", url=cancel, status=202)])
    assert [(one.operation, one.kind) for one in drift.findings] == [("jobs.cancel", DriftKind.STATE)]
    drift = between([answered({}, method="POST", url=cancel)], [answered({}, method="POST", url=cancel, status=204)])
    assert [one.kind for one in drift.findings] == [DriftKind.OTHER_STATUS]


def test_an_error_on_one_side_cannot_be_compared() -> None:
    drift = between([answered(FILE)], [answered({"error": {"code": "c", "message": "m"}}, status=404)])
    assert [one.kind for one in drift.findings] == [DriftKind.STATE]


def test_an_operation_on_one_side_cannot_be_compared() -> None:
    drift = between([answered(FILE)], [answered({}, url=f"{JOBS}/job-1")])
    assert {one.where for one in drift.not_comparable} == {"operation"}


@pytest.mark.parametrize("error", [{"error": "no"}, {"error": {"code": 5, "message": "m"}}])
def test_an_error_of_another_shape_contradicts(error: object) -> None:
    right = answered(error, status=404)
    drift = between([answered({"error": {"code": "c", "message": "m"}}, status=404)], [right])
    assert {one.kind for one in drift.contradictions} == {DriftKind.ERROR_SHAPE}


def test_a_header_that_clients_follow_is_missing() -> None:
    put = {"method": "PUT", "url": f"{JOBS}/job-1", "status": 201}
    left = answered({}, location="https://management.azure.com/x", etag="1", x_new="1", **put)  # type: ignore[arg-type] # options and headers
    drift = between([left], [answered({}, **put)])  # type: ignore[arg-type] # options
    assert [(one.where, one.kind) for one in drift.findings] == [
        ("201 header etag", DriftKind.MISSING_HEADER),
        ("201 header location", DriftKind.MISSING_HEADER),
        ("201 header x-new", DriftKind.HEADER),
    ]


def test_a_page_of_text_instead_of_json_contradicts() -> None:
    page = ComparedExchange(
        n=0, method="GET", url=UNKNOWN, status=200, headers={}, body={"data": {"bytes": 9, "media": "text/html"}}
    )
    assert sentences([answered({}, url=UNKNOWN)], [page]) == [
        "GET /openai/v1/surprises/*: other kind of body at 200 body: json against data"
    ]


def test_a_listing_without_an_element_differs() -> None:
    url = "https://account-1.blob.core.windows.net/container-1?restype=container&comp=list"
    left = (
        "<?xml version='1.0'?><EnumerationResults><Blobs><Blob><Name>a</Name><New/></Blob></Blobs></EnumerationResults>"
    )
    exchanges = [
        ComparedExchange(n=0, method="GET", url=url, status=200, headers={}, body={"xml": text})
        for text in (left, left.replace("<New/>", ""))
    ]
    assert sentences(exchanges[:1], exchanges[1:]) == [
        "blob.list: field on one side at 200 /EnumerationResults/Blobs/Blob/New: element against nothing"
    ]


def test_events_are_compared_together() -> None:
    url = "https://account-1.openai.azure.com/openai/v1/surprises"
    left, right = (
        ComparedExchange(n=0, method="POST", url=url, status=200, headers={}, body={"events": events, "done": True})
        for events in ([{"a": 1}, {"b": 1}], [{"a": "1"}, {"b": 1}])
    )
    assert sentences([left], [right]) == ["POST /openai/v1/surprises: other type at 200 /a: integer against string"]


def test_what_was_not_kept_is_not_compared() -> None:
    bare = ComparedExchange(n=0, method="GET", url=UNKNOWN, status=200, has_content=False)
    assert sentences([bare], [answered({"a": 1}, url=UNKNOWN, location="x")]) == []


def test_each_side_is_held_to_the_contract() -> None:
    drift = between([answered({**FILE, "bytes": "1"})], [answered(FILE)])
    assert [one.difference.sentence for one in drift.left.deviations if one.difference.where == "/bytes"] == [
        "foundry.files.get: wrong type at /bytes: expected integer, found string"
    ]
    assert drift.has_contradictions
