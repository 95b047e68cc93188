"""`maas check`: a data set at a glance, in JSON and for code hosts, and the exit code that scripts go by."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.cli.shell import Shell, chat_row

Write = Callable[[str, Sequence[str]], str]


def test_a_good_file_is_shown_at_a_glance(maas: Shell, train: str) -> None:
    lines = maas.done("check", train).splitlines()

    assert lines[-1] == "train.jsonl: 12 of 12 rows kept for chat training; the service would accept it"
    assert "  turns       12 assistant, 12 user" in lines
    assert "  split       10 to train on, 1 for validation, 1 set aside, by the service itself" in lines
    assert any(line.startswith("  row length  below") and line.endswith("█ 12") for line in lines)


def test_a_validation_file_is_checked_against_the_training_file(maas: Shell, write: Write, rows: list[str]) -> None:
    train, validation = write("train.jsonl", rows), write("validation.jsonl", [chat_row("New?", "Yes."), rows[3]])

    shown = maas.done("check", train, "--validation-data", validation)
    plain = json.loads(maas.done("check", train, "--validation-data", validation, "--output", "json"))

    assert "validation.jsonl:2: warning: validation-row-in-training: the row is line 4 of the training set" in shown
    assert "  split       10 to train on, 2 set aside, by the service itself" in shown.splitlines()
    assert (plain["rows"], plain["validation"]["role"], plain["validation"]["rows"]) == (12, "validation", 2)
    assert plain["validation"]["counts"] == {"validation-row-in-training": 1}


def test_strict_is_content_with_no_finding_only(maas: Shell, write: Write, rows: list[str]) -> None:
    copied = write("copied.jsonl", [*rows, rows[0]])

    assert maas("check", write("clean.jsonl", rows), "--strict").exit_code == 0
    assert maas("check", copied).exit_code == 0
    result = maas("check", copied, "--strict")
    assert result.exit_code == 6
    assert "copied.jsonl is not flawless: duplicate-row" in result.stderr


def test_personal_data_is_told_unless_it_is_meant(maas: Shell, write: Write, rows: list[str]) -> None:
    file = write("mail.jsonl", [*rows, chat_row("Your address?", "office@wheels.co.uk")])

    assert "mail.jsonl:13: warning: personal-data at /messages/1/content" in maas.done("check", file)
    assert "personal-data" not in maas.done("check", file, "--no-personal-data")


def test_findings_go_to_code_hosts_with_their_lines(maas: Shell, write: Write, rows: list[str], tmp_path: Path) -> None:
    file = write("broken.jsonl", [*rows, "nonsense"])

    result = maas("check", file, "--sarif", "check.sarif")

    [run] = json.loads((tmp_path / "check.sarif").read_text("utf-8"))["runs"]
    [found] = run["results"]
    assert (found["ruleId"], found["level"]) == ("json-invalid", "error")
    assert found["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "broken.jsonl"},
        "region": {"startLine": 13},
    }
    assert "check.sarif: written" in result.stderr


def test_several_processes_say_the_same(maas: Shell, write: Write, rows: list[str]) -> None:
    file = write("train.jsonl", rows)

    assert maas.done("check", file, "--jobs", "2") == maas.done("check", file)


def test_what_can_be_repaired_is_in_a_new_file_on_which_the_verdict_is(
    maas: Shell, write: Write, rows: list[str], tmp_path: Path
) -> None:
    file = write("raw.jsonl", ["[", *[f"{row}," for row in rows], rows[0], "]"])
    before = (tmp_path / file).read_bytes()

    shown = maas.done("check", file, "--fix", "train.jsonl", "--strict")

    assert "raw.jsonl:14: repaired: duplicate-row" in shown
    assert shown.splitlines()[-1] == "train.jsonl: 12 of 12 rows kept for chat training; the service would accept it"
    assert (tmp_path / "train.jsonl").read_text("utf-8").splitlines() == rows
    assert (tmp_path / file).read_bytes() == before


def test_a_repair_is_in_the_json_and_replaces_nothing_unasked(maas: Shell, write: Write, rows: list[str]) -> None:
    file = write("raw.jsonl", [*rows, ""])

    plain = json.loads(maas.done("check", file, "--fix", "train.jsonl", "--output", "json"))
    again = maas("check", file, "--fix", "train.jsonl")

    assert plain["repair"]["counts"] == {"row-blank": 1}
    assert (plain["rows"], plain["counts"]) == (12, {})
    assert again.exit_code == 2
    assert "train.jsonl" in again.stderr
    assert maas("check", file, "--fix", "train.jsonl", "--overwrite").exit_code == 0
