"""Foundry's models and graders over the wire."""

import pytest

from tests.mock_server.foundry_driver import MODEL, Foundry, Json

EQUAL: Json = {
    "type": "string_check",
    "name": "a",
    "operation": "eq",
    "input": "{{sample.output_text}}",
    "reference": "{{item.ref}}",
}
SIMILAR: Json = {
    "type": "text_similarity",
    "name": "b",
    "evaluation_metric": "fuzzy_match",
    "input": "{{ sample.output_text }}",
    "reference": "{{item.ref}}",
}


def _multi(formula: str) -> Json:
    return {"type": "multi", "name": "m", "calculate_output": formula, "graders": {"a": EQUAL, "b": SIMILAR}}


def test_models_are_base_models_and_tuned_ones(foundry: Foundry) -> None:
    job = foundry.job()
    foundry.server.advance(40)
    tuned = foundry.show(job)["fine_tuned_model"]
    listed = {one["id"]: one for one in foundry.get("/models").json()["data"]}
    assert {MODEL, "gpt-oss-20b", tuned} <= listed.keys()
    assert listed[MODEL]["capabilities"]["fine_tune"] is True
    assert listed["gpt-oss-20b"]["capabilities"]["fine_tune"] is False
    assert foundry.get(f"/models/{tuned}").json() == listed[tuned]
    assert foundry.get("/models/ministral-3b").json()["id"] == "Ministral-3B"
    assert foundry.get("/models/nope").status_code == 404


@pytest.mark.parametrize(
    ("grader", "sample", "reward"),
    [
        (EQUAL, "x", 1.0),
        (EQUAL, "y", 0.0),
        ({**EQUAL, "operation": "ne"}, "y", 1.0),
        ({**EQUAL, "operation": "ilike"}, "an X there", 1.0),
        ({**EQUAL, "operation": "like"}, "an X there", 0.0),
        ({**EQUAL, "input": "{{sample.output_json.a.b}}"}, '{"a":{"b":"x"}}', 1.0),
        ({**EQUAL, "input": "{{item.unknown}}"}, "x", 0.0),
        (SIMILAR, "x", 1.0),
        (_multi("0.5 * a + 0.5 * b"), "x", 1.0),
        (_multi("max(a, b) - min(a, b) + 2 ^ a"), "x", 2.0),
        ({"type": "python", "name": "p", "source": "def grade(sample, item):\n    return 1.0\n"}, "x", 1.0),
    ],
)
def test_a_grader_scores_a_sample(foundry: Foundry, grader: Json, sample: str, reward: float) -> None:
    validated = foundry.post("/fine_tuning/alpha/graders/validate", {"grader": grader})
    assert validated.json() == {"grader": grader}
    body = {"grader": grader, "model_sample": sample, "item": {"ref": "x"}}
    assert foundry.post("/fine_tuning/alpha/graders/run", body).json()["reward"] == reward


def test_a_models_grade_is_in_the_graders_range(foundry: Foundry) -> None:
    judge = {"type": "score_model", "name": "s", "model": "gpt-4.1", "input": [{"role": "user", "content": "rate"}]}
    body = {"grader": {**judge, "range": [5, 7]}, "model_sample": "x"}
    assert 5 <= foundry.post("/fine_tuning/alpha/graders/run", body).json()["reward"] <= 7


@pytest.mark.parametrize(
    "grader",
    [
        None,
        {},
        {"type": "odd"},
        {**EQUAL, "operation": "odd"},
        {**SIMILAR, "evaluation_metric": "odd"},
        {"type": "multi", "name": "m", "calculate_output": "a", "graders": {}},
        {"type": "multi", "name": "m", "calculate_output": "a", "graders": {"a": {**SIMILAR, "pass_threshold": 1}}},
        {"type": "score_model", "name": "s", "model": "m", "input": []},
    ],
)
def test_an_invalid_grader_is_refused(foundry: Foundry, grader: object) -> None:
    answer = foundry.post("/fine_tuning/alpha/graders/validate", {"grader": grader})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidPayload")


@pytest.mark.parametrize(
    "formula", ["a +", "c", "__import__('os')", "1 / 0", "9 ^ 9 ^ 9", "log(0)", "min()", "a.b", "'x' * 9", "(" * 900]
)
def test_a_formula_that_cannot_be_computed_is_refused(foundry: Foundry, formula: str) -> None:
    body = {"grader": _multi(formula), "model_sample": "x", "item": {}}
    answer = foundry.post("/fine_tuning/alpha/graders/run", body)
    assert (answer.status_code, "calculate_output cannot be computed" in answer.text) == (400, True)
