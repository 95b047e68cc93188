"""`maas split`: parts on stdout, warnings on stderr, and usable files."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.cli.shell import Shell, chat_row

Write = Callable[[str, Sequence[str]], str]


@pytest.fixture
def data(write: Write) -> str:
    """The name of a file of a hundred rows, by twenty users."""
    rows = [json.loads(chat_row(f"What is {n} + 1?", f"It is {n + 1}.")) for n in range(100)]
    return write("data.jsonl", [json.dumps({**row, "user_id": n // 5}) for n, row in enumerate(rows)])


def rows_of(name: str) -> list[str]:
    return Path(name).read_text("utf-8").splitlines()


def test_the_parts_are_shown_with_their_shares(maas: Shell, data: str) -> None:
    result = maas("split", data)

    assert result.exit_code == 0
    titles, train, validation = (line.split() for line in result.stdout.splitlines())
    assert titles == ["PART", "ROWS", "SHARE", "SIZE", "FILE"]
    assert (train[0], train[-1]) == ("train", "data.train.jsonl")
    assert (validation[0], validation[-1]) == ("validation", "data.validation.jsonl")
    assert [int(part[1]) for part in (train, validation)] == [len(rows_of(part[-1])) for part in (train, validation)]
    assert train[2] == f"{train[1]}.0%"
    assert result.stderr == f"data.jsonl: 100 rows: {train[1]} train, {validation[1]} validation\n"


def test_a_real_file_goes_all_the_way(maas: Shell, shared: Path, tmp_path: Path) -> None:
    file = str(shared / "data" / "gsm8k_chat_train.jsonl")

    plain = json.loads(maas.done("split", file, "--ratio", "80/10/10", "--out-dir", ".", "--output", "json"))

    train, validation, test = plain["parts"]
    assert [part["path"] for part in plain["parts"]] == [
        f"gsm8k_chat_train.{name}.jsonl" for name in ("train", "validation", "test")
    ]
    assert plain["rows"] == train["rows"] + validation["rows"] + test["rows"] == 449
    assert 330 < train["rows"] < 390
    assert (plain["groups"], plain["blank"], plain["skipped"], plain["warnings"]) == (None, 0, 0, [])
    written = [line for part in plain["parts"] for line in rows_of(part["path"])]
    assert sorted(written) == sorted(rows_of(file))

    checked = json.loads(maas.done("check", train["path"], "--validation-data", test["path"], "--output", "json"))
    assert (checked["ok"], checked["kept"]) == (True, train["rows"])
    assert "validation-row-in-training" not in checked["validation"]["counts"]

    again = maas("split", file, "--out-dir", str(tmp_path))
    assert (again.exit_code, again.stdout) == (2, "")
    assert "gsm8k_chat_train.train.jsonl' already exists" in again.stderr


def test_groups_stay_together(maas: Shell, data: str) -> None:
    plain = json.loads(maas.done("split", data, "--by", "user_id", "--ratio", "60/40", "--output", "jsonl"))

    users = [{json.loads(line)["user_id"] for line in rows_of(part["path"])} for part in plain["parts"]]
    assert users[0] | users[1] == set(range(20))
    assert not users[0] & users[1]
    assert plain["groups"] == 20


def test_parts_can_be_given_by_count(maas: Shell, data: str) -> None:
    plain = json.loads(
        maas.done("split", data, "--validation-count", "15", "--test-count", "5", "--output", "json", "--seed", "3")
    )

    assert {part["name"]: part["rows"] for part in plain["parts"]} == {"train": 80, "validation": 15, "test": 5}


def test_another_seed_is_another_split(maas: Shell, data: str) -> None:
    maas.done("split", data)
    before = rows_of("data.validation.jsonl")

    maas.done("split", data, "--overwrite")
    assert rows_of("data.validation.jsonl") == before
    maas.done("split", data, "--overwrite", "--seed", "1")
    assert rows_of("data.validation.jsonl") != before


def test_a_bad_line_is_named_and_skipped_only_with_skip_bad(maas: Shell, write: Write, rows: list[str]) -> None:
    file = write("data.jsonl", [*rows, "nonsense"])

    refused = maas("split", file)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "error: line 13 of 'data.jsonl' is not a usable row: Expecting value at column 1" in refused.stderr
    assert "--skip-bad" in refused.stderr
    assert not Path("data.train.jsonl").exists()

    skipped = maas("split", file, "--skip-bad")
    assert skipped.exit_code == 0
    assert "data.jsonl: 12 rows: " in skipped.stderr
    assert "warning: 1 line skipped, the first is line 13: Expecting value at column 1" in skipped.stderr


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--ratio", "many"], "'many' is not a ratio like 80/20 or 80/10/10"),
        (["--ratio", "80/20/"], "'80/20/' is not a ratio like 80/20 or 80/10/10"),
        (["--ratio", "80/10"], "the shares 80/10 add up to 90"),
        (["--ratio", "80/20", "--test-count", "5"], "--ratio cannot be combined with --validation-count"),
        (["--validation-count", "0"], "0 is not in the range x>=1"),
        (["--by", "nobody"], "line 1 of 'data.jsonl' is not a usable row: it has no value at nobody"),
        (["--by", ""], "is empty"),
        (["--out-dir", "none"], "'none' does not exist"),
    ],
)
def test_an_invalid_option_is_a_usage_error(maas: Shell, data: str, words: list[str], complaint: str) -> None:
    result = maas("split", data, *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert complaint in result.stderr
    assert [file.name for file in Path().iterdir()] == ["data.jsonl"]
