"""Known fields are those of the contract, and an answer has those of them that it has."""

from __future__ import annotations

import json

from maas_client.contract.shapes import Record
from maas_client.contract.table import OPERATIONS
from maas_client.verification.coverage import coverage_of, fields_in, known_fields
from tests.verification.conftest import Verify

GET = OPERATIONS["jobs.get"]


def answer(**properties: object) -> bytes:
    """Return a job's document."""
    return json.dumps({"name": "j", "properties": properties, "unknown": 1}).encode()


def test_known_fields_are_pointers_into_the_answers() -> None:
    assert {"/name", "/properties", "/properties/status"} <= known_fields("jobs.get")
    assert "/value/*/properties/status" in known_fields("jobs.list")


def test_every_answer_that_is_an_object_has_known_fields() -> None:
    for name, operation in OPERATIONS.items():
        if any(isinstance(answer.shape, Record) and answer.shape.members for answer in operation.answers.values()):
            assert known_fields(name), name


def test_an_answer_has_the_fields_that_it_has() -> None:
    fields = fields_in(GET, 200, answer(status="Running"))
    assert fields == {"/name", "/properties", "/properties/status"}


def test_what_is_no_json_has_no_fields() -> None:
    assert fields_in(GET, 200, b"<html>") == frozenset()
    assert fields_in(GET, 404, b"{}") == frozenset()
    assert fields_in(OPERATIONS["blob.head"], 200, b"") == frozenset()


def test_what_was_in_no_answer_is_unseen() -> None:
    [one] = coverage_of({"jobs.get": {"/name", "/properties"}})
    assert one.seen == 2
    assert {"/id", "/properties/status"} <= set(one.unseen)
    assert "/name" not in one.unseen


def test_fields_of_an_object_that_was_not_there_are_not_named() -> None:
    [one] = coverage_of({"jobs.get": {"/name"}})
    assert "/properties" in one.unseen
    assert "/properties/status" not in one.unseen


def test_fields_of_items_are_named_only_if_there_was_an_item() -> None:
    [none] = coverage_of({"jobs.list": {"/value"}})
    assert not any(one.startswith("/value/") for one in none.unseen)
    [some] = coverage_of({"jobs.list": {"/value", "/value/*/name"}})
    assert "/value/*/properties" in some.unseen


def test_an_operation_without_json_has_no_fields() -> None:
    assert coverage_of({"blob.head": set()}) == ()


async def test_a_report_has_the_fields_of_each_operation(verify: Verify) -> None:
    verification = verify()
    report = await verification.run(await verification.plan("read"))
    fields = {one.operation: one for one in report.fields}
    assert "/name" not in fields["workspaces.get"].unseen
    assert fields["workspaces.get"].seen > 10
