"""The example data sets: clean where they should be, flawed where they should be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maas_client.catalog.lookup import find_model
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.parts import check_file

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "data"


@pytest.mark.parametrize(("name", "fewest"), [("train", 48), ("validation", 12)])
def test_the_example_sets_are_clean(name: str, fewest: int) -> None:
    path = EXAMPLES / f"{name}.jsonl"

    report = check_file(path, CheckOptions(model=find_model("Phi-3-mini-4k-instruct")))

    assert (report.ok, report.findings, report.kept >= fewest) == (True, (), True)
    assert path.read_bytes().endswith(b"}\n")
    assert b"\r" not in path.read_bytes()


def test_no_validation_question_is_in_the_training_set() -> None:
    train, validation = (
        {json.loads(line)["messages"][1]["content"] for line in (EXAMPLES / name).read_text("utf-8").splitlines()}
        for name in ("train.jsonl", "validation.jsonl")
    )

    assert not train & validation


def test_the_flawed_set_shows_each_flaw_on_its_line() -> None:
    report = check_file(EXAMPLES / "flawed.jsonl")

    assert [(finding.line, finding.rule) for finding in report.findings if finding.line] == [
        (2, "row-blank"),
        (3, "json-invalid"),
        (4, "json-trailing-comma"),
        (5, "row-not-object"),
        (6, "schema-mismatch"),
        (7, "chat-messages-not-list"),
        (8, "chat-too-short"),
        (9, "chat-role-invalid"),
        (10, "chat-content-invalid"),
        (11, "chat-no-assistant"),
        (12, "chat-last-not-assistant"),
        (13, "chat-not-alternating"),
        (14, "chat-system-not-first"),
        (15, "chat-content-empty"),
        (16, "chat-content-not-text"),
        (16, "field-type-changed"),
        (17, "chat-content-missing"),
        (17, "chat-role-uncommon"),
        (17, "chat-tool-calls"),
        (18, "chat-key-ignored"),
        (18, "column-ignored"),
    ]
    assert (report.kept, report.ok) == (8, False)


def test_a_model_without_a_system_role_changes_every_example_row() -> None:
    report = check_file(EXAMPLES / "train.jsonl", CheckOptions(model=find_model("Phi-3-medium-4k-instruct")))

    assert report.counts == {"chat-system-omitted": report.rows}
    assert report.ok
