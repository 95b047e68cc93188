"""Graders are checked before a run that is billed by the hour: members, templates, code, and how several combine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import InvalidInput
from maas_client.core.json_fields import is_object, part
from maas_client.foundry.grader_code import LARGEST_SOURCE
from maas_client.foundry.graders import (
    GRADER_TYPES,
    check_grader,
    item_keys,
    reads_output_json,
    scores_with_a_model,
    wire_grader,
)

STRING = {
    "type": "string_check",
    "name": "a",
    "operation": "eq",
    "input": "{{sample.output_text}}",
    "reference": "{{item.ref}}",
}
SIMILAR = {
    "type": "text_similarity",
    "name": "b",
    "evaluation_metric": "fuzzy_match",
    "input": "{{sample.output_text}}",
    "reference": "{{item.ref}}",
    "pass_threshold": 0.8,
}
MODEL = {
    "type": "score_model",
    "name": "s",
    "model": "gpt-4.1-mini",
    "range": [0, 10],
    "sampling_params": {"temperature": 0},
    "input": [{"role": "user", "content": "rate {{sample.output_text}} for {{item.topic}}"}],
}
PYTHON = {
    "type": "python",
    "name": "p",
    "source": "def grade(sample, item):\n    return 1.0\n",
    "image_tag": "2025-05-08",
}
MULTI = {
    "type": "multi",
    "name": "m",
    "calculate_output": "0.5 * a + max(b, 0) ^ 2 / 2",
    "graders": {"a": STRING, "b": {name: value for name, value in SIMILAR.items() if name != "pass_threshold"}},
}
GOOD = [STRING, SIMILAR, MODEL, PYTHON, MULTI]


@pytest.mark.parametrize("grader", GOOD, ids=lambda grader: grader["type"])
def test_a_complete_grader_passes_and_is_sent_as_it_is(grader: Mapping[str, Any]) -> None:
    assert check_grader(grader) == ()
    assert wire_grader(grader) == grader


@pytest.mark.parametrize("grader", GOOD, ids=lambda grader: grader["type"])
def test_each_missing_member_is_named(grader: Mapping[str, Any]) -> None:
    for name in grader.keys() - {"pass_threshold", "range", "sampling_params", "image_tag"}:
        with pytest.raises(InvalidInput, match=f"has no type|lacks {name}"):
            check_grader({key: value for key, value in grader.items() if key != name})


@pytest.mark.parametrize(
    ("grader", "says"),
    [
        ({**STRING, "operation": "equals"}, "'equals', which is not one of eq, ne, like, ilike"),
        ({**STRING, "type": "string-check"}, "did you mean 'string_check'"),
        ({**STRING, "type": None}, "the types are string_check, text_similarity, score_model, python, multi, endpoint"),
        ({**{k: v for k, v in STRING.items() if k != "reference"}, "refrence": "x"}, "is 'refrence' meant to be 'refe"),
        ({**STRING, "input": 3}, "input must be a string, not int"),
        ({**SIMILAR, "evaluation_metric": "rouge-l"}, "rouge_l"),
        ({**SIMILAR, "pass_threshold": "high"}, "pass_threshold is 'high', which is not a number"),
        ({**MODEL, "input": "rate it"}, "input must be a list of messages"),
        ({**MODEL, "input": [{"role": "user"}]}, "message 1 of input needs role and content"),
        ({**MODEL, "range": [1, 0]}, "the lowest and the highest score"),
        ({**MODEL, "range": "0-1"}, "the lowest and the highest score"),
        ({**MODEL, "input": [{"role": "user", "content": "{{answer}}"}]}, "message 1 of input: {{answer}} is not a"),
        ({"type": "endpoint", "url": "http://example.org"}, "url must begin with https://"),
        ({**MULTI, "graders": [STRING]}, "graders must be an object of graders by name"),
        ({**MULTI, "graders": {"a": STRING, "b": "x"}}, "the grader 'b' must be an object"),
        ({**MULTI, "graders": {"a": STRING, "b": SIMILAR}}, "pass_threshold is not allowed"),
    ],
)
def test_a_wrong_member_is_refused_and_explained(grader: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_grader(grader)
    assert says in str(caught.value)


@pytest.mark.parametrize("grader", [None, "string_check", [STRING], 3])
def test_a_grader_that_is_no_object_is_refused(grader: Any) -> None:
    with pytest.raises(InvalidInput, match="must be an object with a type"):
        check_grader(grader)


def test_what_is_not_documented_is_kept_with_a_warning() -> None:
    new = {"type": "rubric", "name": "r", "points": ["{{ item.x }}"]}
    assert check_grader(new) == ("the grader has the type 'rubric', which is not documented; it is sent as it is.",)
    assert wire_grader(new)["points"] == ["{{item.x}}"]
    (warning,) = check_grader({**STRING, "flags": "i"})
    assert "'flags', which is not documented" in warning
    (warning,) = check_grader({**MODEL, "model": "gpt-9"})
    assert "scores with gpt-9; documented are gpt-4o" in warning
    assert check_grader({**MODEL, "model": "gpt-4o-2024-08-06"}) == ()
    (warning,) = check_grader({"type": "endpoint", "url": "https://example.org", "headers": {"x-key": "s3cret-s3cret"}})
    assert "private preview" in warning


@pytest.mark.parametrize(
    "text",
    [
        "{{item.ref}}",
        "{{ item.ref }}",
        "{{item.a.b}} and {{item.list[0].c}}",
        "{{item['a key']}}",
        "{{sample.output_json.answer}}",
        "{{sample.choices[0].message.content}}",
        "no template, {a: 1}",
        '{"json": {"deep": {}}}',
    ],
)
def test_templates_of_rows_and_answers_are_understood(text: str) -> None:
    assert check_grader({**STRING, "reference": text}) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{output_text}}", "{{output_text}} is not a template"),
        ("{{items.ref}}", "{{items.ref}} is not a template"),
        ("{{item}}", "{{item}} is not a template"),
        ("{{item.}}", "{{item.}} is not a template"),
        ("{{}}", "{{}} is not a template"),
        ("{{item.ref", "lacks its closing or opening braces"),
        ("item.ref}}", "lacks its closing or opening braces"),
    ],
)
def test_a_template_that_would_read_nothing_is_refused(text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_grader({**STRING, "reference": text})
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [("{item.ref}", "two braces on each side"), ("{{sample.text}}", "of a sample there are output_te")],
)
def test_a_template_that_may_be_meant_as_it_is_warns(text: str, says: str) -> None:
    (warning,) = check_grader({**STRING, "reference": text})
    assert says in warning


def test_templates_are_sent_without_blanks_inside_the_braces() -> None:
    blanks = {**MODEL, "input": [{"role": "user", "content": "{{ item.a }} {{ sample.output_text }} {{ other }}"}]}
    assert wire_grader(blanks)["input"][0]["content"] == "{{item.a}} {{sample.output_text}} {{ other }}"
    source = "def grade(sample, item):\n    return len('{{ item.a }}')\n"
    assert wire_grader({**PYTHON, "source": source})["source"] == source


def test_the_keys_that_a_row_needs_are_known() -> None:
    deep = {**STRING, "reference": "{{ item.truth.date }} {{item.list[0]}} {{sample.output_text}}"}
    assert item_keys(deep) == {"truth", "list"}
    assert item_keys(MODEL) == {"topic"}
    assert item_keys(MULTI) == {"ref"}
    assert item_keys(PYTHON) == set()


def test_a_grader_says_whether_it_reads_json_and_asks_a_model() -> None:
    assert reads_output_json({**STRING, "input": "{{sample.output_json.answer}}"})
    assert not reads_output_json(MULTI)
    assert scores_with_a_model({**MULTI, "graders": {"a": STRING, "b": MODEL}})
    assert not scores_with_a_model(MULTI)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def grad(sample, item): return 1", "must define the function grade(sample, item)"),
        ("def grade(sample): return 1", "does not take two"),
        ("def grade(sample, item, more): return 1", "does not take two"),
        ("def grade(sample, item:\n    return 1", "source is not Python: line 1"),
        ("def grade(sample, item): return '\0'", "source"),
        ("#" * (LARGEST_SOURCE + 1), "at most 262,144"),
        (3, "source must be a string"),
    ],
)
def test_source_that_could_not_grade_is_refused(source: object, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_grader({**PYTHON, "source": source})
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "import math\n\ndef grade(sample, item, scale=1.0) -> float:\n    return math.sqrt(scale)\n",
        "def grade(*both): return 1",
        "def grade(sample: dict, item: dict, /) -> float: return float('\\d' != '')",
    ],
)
def test_source_that_takes_a_sample_and_an_item_passes(source: str) -> None:
    assert check_grader({**PYTHON, "source": source}) == ()


@pytest.mark.parametrize(
    "expression",
    [
        "a + b",
        "-a * 0.5 + (b - 1) / 2",
        "a ^ 2 + sqrt(b)",
        "max(a, min(b, 1))",
        " floor(a)+ceil(b)+exp(a)+log(b)+abs(a)",
    ],
)
def test_an_expression_of_documented_parts_passes(expression: str) -> None:
    unused = {name for name in ("a", "b") if name not in expression}
    assert len(check_grader({**MULTI, "calculate_output": expression})) == len(unused)


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("a + c", "uses the grader 'c', which does not exist; there are a, b"),
        ("mean(a, b)", "uses the function 'mean', which does not exist"),
        ("maxx(a, b)", "did you mean 'max'?"),
        ("a ** 2", "a power as ^, not **"),
        ("a +", "not an expression of numbers"),
        ("a; b", "not an expression of numbers"),
        ("a if b else 0", "and nothing else"),
        ("a > b", "and nothing else"),
        ("a % b", "and nothing else"),
        ("a.b", "and nothing else"),
        ("[a][0]", "and nothing else"),
        ("True * a", "and nothing else"),
        ("'a'", "and nothing else"),
        ("max(a, default=b)", "and nothing else"),
        ("(" * 500 + "a" + ")" * 500, "not an expression"),
        ("a" * 10_001, "more than 10,000 characters"),
    ],
)
def test_any_other_expression_is_refused_and_explained(expression: str, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_grader({**MULTI, "calculate_output": expression})
    assert says in str(caught.value)


def test_a_grader_that_the_expression_ignores_is_named() -> None:
    (warning,) = check_grader({**MULTI, "calculate_output": "a"})
    assert "does not use the grader 'b'" in warning


RECORD = Path(__file__).parents[3] / "shared" / "wire" / "foundry-requests.jsonl"


@pytest.mark.skipif(not RECORD.exists(), reason="foundry-requests.jsonl is not beside the checkout")
def test_every_grader_that_the_sdk_was_recorded_with_passes() -> None:
    bodies = [json.loads(line)["body"] for line in RECORD.read_text("utf-8").splitlines()]
    graders = [found for body in bodies if (found := part(body, "method", "reinforcement", "grader"))]
    assert len(graders) > 3
    assert [check_grader(grader) for grader in graders] == [()] * len(graders)


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(GRADER_TYPES)
names = st.sampled_from(["type", "name", "input", "graders", "calculate_output", "source", "model", "range", "url"])
documents = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6))


@given(grader=documents)
def test_a_grader_of_any_shape_is_judged_without_a_crash(grader: Any) -> None:
    try:
        warnings = check_grader(grader)
    except InvalidInput as error:
        warnings = (str(error),)
    assert all(warnings)
    if is_object(grader):
        json.dumps(wire_grader(grader))
