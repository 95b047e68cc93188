"""`maas convert`: the converted file passes `maas check`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.cli.shell import Shell

Write = Callable[[str, Sequence[str]], str]

FAQ = ["Question,Answer,Topic", *(f"What is {n} + 1?,{n + 1},sums" for n in range(12))]
MAPPED = ("--map", "user=Question", "--map", "assistant=Answer")


def test_a_table_becomes_a_dataset_that_the_check_accepts(maas: Shell, write: Write) -> None:
    result = maas("convert", write("faq.csv", FAQ), "--to", "train.jsonl", *MAPPED)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "file          train.jsonl",
        "format        columns",
        "columns       Question, Answer",
        "rows_read     12",
        "rows_written  12",
        "rows_skipped  0",
        "dropped_keys  Topic=12",
        "lines         13 read: 1 header, 12 of rows written",
    ]
    assert result.stderr == "next: maas check train.jsonl\n"
    assert "train.jsonl: 12 of 12 rows kept for chat training" in maas.done("check", "train.jsonl")


def test_bad_rows_are_skipped_and_listed_with_skip_bad(maas: Shell, write: Write) -> None:
    file = write("faq.csv", [*FAQ, "What?"])

    refused = maas("convert", file, "--to", "train.jsonl", *MAPPED)
    assert refused.exit_code == 2
    assert "error: faq.csv: line 14: the row has 1 fields, but the header has 3" in refused.stderr
    assert not Path("train.jsonl").exists()

    result = maas("convert", file, "--to", "train.jsonl", *MAPPED, "--skip-bad")
    assert result.exit_code == 0
    assert "rows_skipped  1" in result.stdout.splitlines()
    assert "faq.csv:14: skipped: the row has 1 fields, but the header has 3" in result.stderr.splitlines()


def test_scripts_get_json(maas: Shell, write: Write) -> None:
    rows = [json.dumps({"question": "Hi", "answer": "Hello"}), "nonsense"]

    shown = maas.done("convert", write("a.jsonl", rows), "--to", "b.jsonl", "--skip-bad", "--output", "json")

    assert json.loads(shown) == {
        "file": "b.jsonl",
        "source_format": "question_answer",
        "columns": ["question", "answer"],
        "rows_read": 2,
        "rows_written": 1,
        "rows_skipped": 1,
        "rows_left_out": 0,
        "left_out": {},
        "rejected_answers_left_out": 0,
        "encoding": "utf-8",
        "lines": None,
        "dropped_keys": {},
        "bad": [{"line": 2, "reason": "Expecting value at column 1"}],
    }


def test_an_ambiguous_format_is_chosen_with_from(maas: Shell, write: Write) -> None:
    row = {"prompt": "Hi", "completion": "Hello", "question": "Bye", "answer": "See you"}
    file = write("a.jsonl", [json.dumps(row)])

    unsure = maas("convert", file, "--to", "b.jsonl")
    assert unsure.exit_code == 2
    assert "`--from prompt_completion` or `--from question_answer`" in unsure.stderr
    maas.done("convert", file, "--to", "b.jsonl", "--from", "question_answer")
    assert json.loads(Path("b.jsonl").read_text("utf-8"))["messages"][0]["content"] == "Bye"


def test_an_existing_file_is_overwritten_only_with_overwrite(maas: Shell, write: Write, train: str) -> None:
    file = write("faq.csv", FAQ)

    refused = maas("convert", file, "--to", train, *MAPPED)
    assert refused.exit_code == 2
    assert "already exists" in refused.stderr
    maas.done("convert", file, "--to", train, *MAPPED, "--overwrite")
    assert "What is 0 + 1?" in Path(train).read_text("utf-8")


def test_an_invalid_mapping_is_a_usage_error(maas: Shell, write: Write) -> None:
    file = write("faq.csv", FAQ)

    for words, why in (
        (["--map", "Question"], "'Question' is not KEY=VALUE"),
        (["--map", "user=Question", "--map", "user=Answer"], "--map sets a role twice"),
        (["--map", "user=Question"], "no column is mapped to assistant"),
        (["--map", "user=Question", "--map", "assistant=Reply"], "there is no column Reply"),
    ):
        result = maas("convert", file, "--to", "b.jsonl", *words)
        assert result.exit_code == 2
        assert why in result.stderr
    assert not Path("b.jsonl").exists()


def test_what_must_not_be_learned_is_left_out_and_counted(maas: Shell, write: Write) -> None:
    rows = [json.dumps({"prompt": f"{n}?", "completion": "Yes.", "label": n % 3 > 0}) for n in range(30)]

    result = maas("convert", write("kto.jsonl", rows), "--to", "train.jsonl")

    assert result.exit_code == 0
    assert {"rows_written   20", "rows_left_out  label=10"} <= set(result.stdout.splitlines())
    assert "10 rows left out: label says that they must not be learned" in result.stderr
    assert "20 of 20 rows kept" in maas.done("check", "train.jsonl")


def test_rejected_answers_are_left_out_and_counted(maas: Shell, write: Write) -> None:
    rows = [json.dumps({"prompt": f"{n}?", "chosen": "Yes.", "rejected": "No."}) for n in range(12)]

    result = maas("convert", write("dpo.jsonl", rows), "--to", "train.jsonl")

    assert "rejected_answers_left_out  12" in result.stdout.splitlines()
    assert "12 rejected answers left out: the service does not train on preferences" in result.stderr
    assert "12 of 12 rows kept" in maas.done("check", "train.jsonl")


def test_another_encoding_has_to_be_named(maas: Shell, write: Write) -> None:
    file = write("faq.csv", FAQ)
    Path(file).write_bytes("\n".join([*FAQ, "Öl?,für 9 €,"]).encode("cp1252"))

    refused = maas("convert", file, "--to", "train.jsonl", *MAPPED)
    assert refused.exit_code == 2
    assert "line 14: byte 0xd6 is not UTF-8" in refused.stderr
    assert "--encoding windows-1252" in refused.stderr
    result = maas("convert", file, "--to", "train.jsonl", *MAPPED, "--encoding", "windows-1252")
    assert "encoding      windows-1252" in result.stdout.splitlines()
    assert "Öl?" in Path("train.jsonl").read_text("utf-8")


def test_lines_of_a_table_add_up_when_bad_ones_are_skipped(maas: Shell, write: Write) -> None:
    file = write("faq.csv", [*FAQ, 'Open?,"never,closed', "Good?,yes,x", "", 'Two?,"two\nlines",x'])

    result = maas("convert", file, "--to", "train.jsonl", *MAPPED, "--skip-bad")

    assert "lines         18 read: 1 header, 1 blank, 15 of rows written, 1 skipped" in result.stdout.splitlines()
    assert "1 row with line breaks in a quoted field; the first is in line 17" in result.stderr
    assert "faq.csv:14: skipped: the quotation mark that opens in line 14 is not closed" in result.stderr
