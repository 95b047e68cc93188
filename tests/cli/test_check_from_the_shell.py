"""`maas check`: overview, JSON, SARIF and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.cli.shell import Shell, chat_row

Write = Callable[[str, Sequence[str]], str]


def test_a_good_file_has_an_overview(maas: Shell, train: str) -> None:
    lines = maas.done("check", train).splitlines()

    assert lines[-1] == "train.jsonl: 12 of 12 rows kept for chat training; the service would accept it"
    assert "  turns       12 assistant, 12 user" in lines
    assert "  split       10 training, 1 validation, 1 test, split by the service" in lines
    assert any(line.startswith("  row length  below") and line.endswith(("█ 12", "# 12")) for line in lines)


def test_a_validation_file_is_checked_against_the_training_file(maas: Shell, write: Write, rows: list[str]) -> None:
    train, validation = write("train.jsonl", rows), write("validation.jsonl", [chat_row("New?", "Yes."), rows[3]])

    shown = maas.done("check", train, "--validation-data", validation)
    plain = json.loads(maas.done("check", train, "--validation-data", validation, "--output", "json"))

    assert (
        "warning  validation-row-in-training  1 row: line 2\n         the row is also line 4 of the training" in shown
    )
    assert "  split       10 training, 2 test, split by the service" in shown.splitlines()
    assert (plain["rows"], plain["validation"]["role"], plain["validation"]["rows"]) == (12, "validation", 2)
    assert plain["validation"]["counts"] == {"validation-row-in-training": 1}


def test_strict_exits_with_6_on_any_finding(maas: Shell, write: Write, rows: list[str]) -> None:
    copied = write("copied.jsonl", [*rows, rows[0]])

    assert maas("check", write("clean.jsonl", rows), "--strict").exit_code == 0
    assert maas("check", copied).exit_code == 0
    result = maas("check", copied, "--strict")
    assert result.exit_code == 6
    assert "--strict: findings in copied.jsonl: duplicate-row" in result.stderr


def test_personal_data_is_reported_unless_disabled(maas: Shell, write: Write, rows: list[str]) -> None:
    file = write("mail.jsonl", [*rows, chat_row("Your address?", "office@wheels.co.uk")])

    assert "mail.jsonl:13: warning: personal-data at /messages/1/content" in maas.done("check", file, "-v")
    assert "warning  personal-data  1 row: line 13\n" in maas.done("check", file)
    assert "personal-data" not in maas.done("check", file, "--no-personal-data")


def test_sarif_has_the_findings_with_their_lines(maas: Shell, write: Write, rows: list[str], tmp_path: Path) -> None:
    file = write("broken.jsonl", [*rows, "nonsense"])

    result = maas("check", file, "--sarif", "check.sarif")

    [run] = json.loads((tmp_path / "check.sarif").read_text("utf-8"))["runs"]
    [found] = run["results"]
    assert (found["ruleId"], found["level"]) == ("json-invalid", "error")
    assert found["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "broken.jsonl"},
        "region": {"startLine": 13},
    }
    assert "SARIF report written to check.sarif" in result.stderr


def test_several_processes_give_the_same_report(maas: Shell, write: Write, rows: list[str]) -> None:
    file = write("train.jsonl", rows)

    assert maas.done("check", file, "--processes", "2") == maas.done("check", file)


def test_fix_writes_a_repaired_copy_and_checks_the_copy(
    maas: Shell, write: Write, rows: list[str], tmp_path: Path
) -> None:
    file = write("raw.jsonl", ["[", *[f"{row}," for row in rows], rows[0], "]"])
    before = (tmp_path / file).read_bytes()

    shown = maas.done("check", file, "--fix", "train.jsonl", "--strict")

    assert "raw.jsonl:14: repaired: duplicate-row" in shown
    assert shown.splitlines()[-1] == "train.jsonl: 12 of 12 rows kept for chat training; the service would accept it"
    assert (tmp_path / "train.jsonl").read_text("utf-8").splitlines() == rows
    assert (tmp_path / file).read_bytes() == before


def test_a_repair_is_in_the_json_and_needs_overwrite(maas: Shell, write: Write, rows: list[str]) -> None:
    file = write("raw.jsonl", [*rows, ""])

    plain = json.loads(maas.done("check", file, "--fix", "train.jsonl", "--output", "json"))
    again = maas("check", file, "--fix", "train.jsonl")

    assert plain["repair"]["counts"] == {"row-blank": 1}
    assert (plain["rows"], plain["counts"]) == (12, {})
    assert again.exit_code == 2
    assert "train.jsonl" in again.stderr
    assert maas("check", file, "--fix", "train.jsonl", "--overwrite").exit_code == 0
