"""The JSON Schemas of the answers: what is published is what the table says, and the mock's answers are valid."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from watched_wires import Exchange

from maas_client.contract.json_schema import document, text
from maas_client.contract.match import match
from maas_client.contract.operation import Opaque, Xml
from tests.surfaces.test_both_platforms import SURFACES, played

PUBLISHED = Path(__file__).parents[2] / "docs" / "contract.schema.json"


def validator(reference: str) -> Any:
    """Return what validates an answer, or skip without the library for it."""
    known = pytest.importorskip("jsonschema").Draft202012Validator
    return known({"$ref": reference, "$defs": document()["$defs"]})


def body_of(exchange: Exchange, answers: Mapping[str, Any]) -> tuple[str, object] | None:
    """Return the schema's reference and the body of an answer in JSON."""
    answer = answers.get(str(exchange.status))
    if answer is None or "json" not in exchange.headers.get("content-type", "") or not exchange.body:
        return None
    return answer["$ref"], json.loads(exchange.body)


def test_the_published_schemas_are_the_tables() -> None:
    """`python -m maas_client.contract > docs/contract.schema.json` writes them."""
    assert PUBLISHED.read_text("utf-8") == text()
    assert json.loads(text()) == document()


def test_they_are_valid_schemas() -> None:
    known = pytest.importorskip("jsonschema").Draft202012Validator
    known.check_schema(document())


@pytest.mark.parametrize("surface", SURFACES)
def test_every_answer_of_the_mock_is_valid(surface: str) -> None:
    operations, checks = document()["operations"], dict[str, Any]()
    for exchange in played(surface, "blocking").exchanges:
        asked = match(exchange.method, exchange.url)
        answers: dict[str, Any] = operations[asked.operation.name]["answers"] if asked is not None else {}
        if (found := body_of(exchange, answers)) is not None:
            reference, body = found
            check = checks.setdefault(reference, validator(reference))
            assert [error.message for error in check.iter_errors(body)] == [], reference
    assert len(checks) >= {"azureml": 40, "foundry": 15}[surface]


def test_what_is_new_is_valid_and_what_is_missing_is_not() -> None:
    check = validator("#/$defs/azureml.job")
    details = {"modelProvider": "Custom", "taskType": "t", "model": {"uri": "m"}, "trainingData": {"uri": "d"}}
    own = {"jobType": "FineTuning", "status": "Dreaming", "fineTuningDetails": details, "outputs": {}, "new": 1}
    job = {"id": "i", "name": "n", "properties": own}
    assert check.is_valid(job)
    assert not check.is_valid({**job, "properties": {**own, "fineTuningDetails": {"new": 1}}})
    assert not check.is_valid({**job, "properties": {**own, "status": 1}})


def test_every_answer_in_json_has_a_schema() -> None:
    from maas_client.contract.table import OPERATIONS

    opaque = {
        f"{operation.surface}.{answer.name}".replace(" ", "-")
        for operation in OPERATIONS.values()
        for answer in operation.answers.values()
        if isinstance(answer.body, Opaque | Xml)
    }
    described = {name for name, schema in document()["$defs"].items() if schema.keys() == {"description"}}
    assert described <= opaque
