"""What each method needs, and the `method` member of the request, as the SDKs were recorded to send it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maas_client import FoundryHyperparameters, InvalidHyperparameter, InvalidInput
from maas_client.catalog.tuning_methods import METHODS, TuningMethod
from maas_client.core.json_fields import part
from maas_client.foundry.methods import check_method, chosen_method, method_body

NONE = FoundryHyperparameters()
GRADER = {
    "type": "string_check",
    "name": "a",
    "operation": "eq",
    "input": "{{ sample.output_text }}",
    "reference": "{{item.ref}}",
}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": {"type": "object"}}}
FLAT = {"type": "json_schema", "name": "x", "schema": {"type": "object"}}


@pytest.mark.parametrize("method", METHODS)
def test_a_method_without_hyperparameters_is_only_its_type(method: TuningMethod) -> None:
    assert method_body(method, NONE) == {"type": method}


def test_hyperparameters_are_inside_the_method() -> None:
    chosen = FoundryHyperparameters(n_epochs=2, beta=0.1)
    assert method_body("dpo", chosen) == {"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": 2, "beta": 0.1}}}
    with pytest.raises(InvalidHyperparameter, match="beta is of dpo"):
        method_body("supervised", chosen)


def test_reinforcement_has_its_grader_and_format() -> None:
    body = method_body("reinforcement", NONE, grader=GRADER, response_format=SCHEMA)
    assert body == {
        "type": "reinforcement",
        "reinforcement": {"grader": {**GRADER, "input": "{{sample.output_text}}"}, "response_format": SCHEMA},
    }


def test_reinforcement_needs_a_grader_and_validation_data() -> None:
    with pytest.raises(InvalidInput, match="needs a grader"):
        check_method("reinforcement", NONE, has_validation_data=True)
    with pytest.raises(InvalidInput, match="needs validation data"):
        check_method("reinforcement", NONE, grader=GRADER)
    with pytest.raises(InvalidInput, match="lacks reference"):
        check_method("reinforcement", NONE, grader={**GRADER, "reference": ""}, has_validation_data=True)
    assert check_method("reinforcement", NONE, grader=GRADER, has_validation_data=True) == ()


@pytest.mark.parametrize("method", ["supervised", "dpo"])
def test_only_reinforcement_has_a_grader_or_a_format(method: TuningMethod) -> None:
    assert check_method(method, NONE) == ()
    with pytest.raises(InvalidInput, match=f"grader is of the method reinforcement, and this job's method is {method}"):
        check_method(method, NONE, grader=GRADER)
    with pytest.raises(InvalidInput, match="response_format is of the method reinforcement"):
        check_method(method, NONE, response_format=SCHEMA)


def test_the_warnings_of_all_parts_are_collected() -> None:
    assert "beta is 3" in check_method("dpo", FoundryHyperparameters(beta=3))[0]
    (warning,) = check_method("reinforcement", NONE, grader={**GRADER, "more": 1}, has_validation_data=True)
    assert "'more', which is not documented" in warning


def test_a_grader_that_reads_json_wants_a_response_format() -> None:
    grader = {**GRADER, "input": "{{sample.output_json.answer}}"}
    (warning,) = check_method("reinforcement", NONE, grader=grader, has_validation_data=True)
    assert "without a response_format" in warning
    for form in (SCHEMA, FLAT, {"type": "text"}):
        assert check_method("reinforcement", NONE, grader=grader, response_format=form, has_validation_data=True) == ()


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "response_format has no type"),
        ({"type": "json_schema"}, "needs json_schema with a name and a schema"),
        ({"type": "json_schema", "json_schema": {"name": "x"}}, "needs json_schema with a name and a schema"),
        ("json", "response_format must be a mapping"),
    ],
)
def test_an_unusable_response_format_is_refused(form: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        check_method("reinforcement", NONE, grader=GRADER, response_format=form, has_validation_data=True)


def test_a_method_is_chosen_by_name_or_by_a_grader() -> None:
    assert chosen_method(None) == "supervised"
    assert chosen_method(None, grader=GRADER) == "reinforcement"
    assert chosen_method("SFT", grader=GRADER) == "supervised"
    assert chosen_method("rft") == "reinforcement"
    with pytest.raises(InvalidInput, match="did you mean 'reinforcement'"):
        chosen_method("reinforcment")
    with pytest.raises(InvalidInput, match="the methods are supervised, dpo, reinforcement"):
        chosen_method("zzz")


RECORD = Path(__file__).parents[3] / "shared" / "wire" / "foundry-requests.jsonl"


@pytest.mark.skipif(not RECORD.exists(), reason="foundry-requests.jsonl is not beside the checkout")
def test_every_recorded_method_is_made_again() -> None:
    bodies = [json.loads(line)["body"] for line in RECORD.read_text("utf-8").splitlines()]
    recorded = [method for body in bodies if (method := part(body, "method"))]
    assert len(recorded) > 10
    for method in recorded:
        kind: TuningMethod = method["type"]
        details = method.get(kind, {})
        chosen = FoundryHyperparameters.parse(details.get("hyperparameters", {}))
        made = method_body(kind, chosen, grader=details.get("grader"), response_format=details.get("response_format"))
        assert made == method
