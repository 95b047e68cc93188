"""Splitting files: bytes, names, what is reported about the parts, and what is refused."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from splitting import ROWS, names, row

from maas_client import InvalidInput
from maas_client.datasets.split.file_split import split_file
from maas_client.datasets.split.plan import split_part_of


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of thirty rows."""
    file = tmp_path / "data.jsonl"
    file.write_bytes(b"\n".join(ROWS) + b"\n")
    return file


def test_each_row_keeps_its_bytes_but_for_mark_and_line_end(source: Path) -> None:
    odd = [b'{"prompt" :"caf\\u00e9",  "completion": "x"}', '{"prompt": "né", "completion": "y"} '.encode(), *ROWS[:10]]
    source.write_bytes(b"\xef\xbb\xbf" + odd[0] + b"\r\n\r\n" + b"\n".join(odd[1:]))

    result = split_file(source, ratio=(50, 50))

    written = b"".join(part.path.read_bytes() for part in result.parts)
    assert sorted(written.split(b"\n")) == sorted([*odd, b""])
    assert (result.rows, result.blank, result.skipped) == (12, 1, 0)
    assert result.parts[0].path.read_bytes() == b"".join(
        line + b"\n" for line in odd if split_part_of(json.loads(line), ratio=(50, 50)) == "train"
    )


def test_the_result_says_what_was_written(source: Path) -> None:
    result = split_file(source, ratio=(80, 10, 10))

    assert [part.name for part in result.parts] == ["train", "validation", "test"]
    for part in result.parts:
        data = part.path.read_bytes()
        assert (part.rows, part.bytes) == (data.count(b"\n"), len(data))
        assert part.sha256 == sha256(data).hexdigest()
    assert result.groups is None
    assert result.summary == "30 rows: 26 train, 3 validation, 1 test"
    assert json.loads(json.dumps(result.to_dict()))["parts"][0]["path"] == str(source.with_name("data.train.jsonl"))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("data.jsonl", "data.train.jsonl"),
        ("data.json", "data.train.jsonl"),
        ("data.v1", "data.v1.train.jsonl"),
        ("data", "data.train.jsonl"),
        (".jsonl", ".jsonl.train.jsonl"),
        ("data.train.jsonl", "data.train.train.jsonl"),
    ],
)
def test_parts_are_named_after_the_file_with_a_valid_suffix(source: Path, name: str, part: str) -> None:
    file = source.rename(source.with_name(name))

    assert split_file(str(file)).parts[0].path == source.with_name(part)


def test_parts_go_into_another_folder_on_request(source: Path, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()

    split_file(source, out_dir=str(tmp_path / "parts"))

    assert names(tmp_path) == ["data.jsonl", "parts"]
    assert names(tmp_path / "parts") == ["data.train.jsonl", "data.validation.jsonl"]


def test_an_existing_part_is_overwritten_only_on_request(source: Path, tmp_path: Path) -> None:
    validation = tmp_path / "data.validation.jsonl"
    validation.write_bytes(b"mine")

    with pytest.raises(InvalidInput, match=r"data\.validation\.jsonl' already exists"):
        split_file(source)
    assert names(tmp_path) == ["data.jsonl", "data.validation.jsonl"]
    assert validation.read_bytes() == b"mine"

    split_file(source, overwrite=True)
    assert names(tmp_path) == ["data.jsonl", "data.train.jsonl", "data.validation.jsonl"]
    assert validation.read_bytes() != b"mine"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"nonsense", "Expecting value at column 1"),
        (b'{"prompt": "a"', "at column"),
        (b"[1, 2]", "the line is a list of length 2, not an object"),
        (b"7", "the line is 7, not an object"),
        (b'{"prompt": "\xe9"}', "is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "nested too deeply"),
        (b'{"a": ' + b"1" * 5_000 + b"}", "digits"),
        (b'{"prompt": "' + b"x" * (8 << 20) + b'"}', "more than 8388608 bytes"),
        ("\ufeff{}".encode(), "BOM"),
    ],
)
def test_an_invalid_line_is_rejected_by_number_or_left_out(source: Path, line: bytes, why: str) -> None:
    source.write_bytes(b"\n".join([*ROWS[:3], b"", line, b"x", *ROWS[3:]]))

    with pytest.raises(InvalidInput, match=rf"line 5 of .*{why}.*Nothing was written"):
        split_file(source)
    assert names(source.parent) == ["data.jsonl"]

    result = split_file(source, on_bad="skip")
    assert (result.rows, result.blank, result.skipped) == (30, 1, 2)
    assert result.warnings[0].startswith("2 lines skipped, the first is line 5: ")
    assert why in result.warnings[0]
    assert result.summary.endswith("; 1 blank and 2 bad lines skipped")


def test_utf_16_is_named(source: Path) -> None:
    source.write_bytes(b"\n".join(ROWS).decode().encode("utf-16"))

    with pytest.raises(InvalidInput, match=r"line 1 .* the file starts like UTF-16"):
        split_file(source)


def test_a_row_without_the_key_is_refused_or_left_out(source: Path) -> None:
    rows = [row(number, user={"id": number // 3}) for number in range(30)]
    source.write_bytes(b"\n".join([*rows, row(1), row(2, user={"id": None})]))

    with pytest.raises(InvalidInput, match=r"line 31 of .* it has no value at /user/id"):
        split_file(source, by="/user/id")
    result = split_file(source, by="/user/id", on_bad="skip")
    assert (result.rows, result.groups, result.skipped) == (30, 10, 2)
    assert result.summary.startswith("30 rows in 10 groups: ")


def test_equal_rows_of_groups_in_several_parts_are_counted(source: Path) -> None:
    source.write_bytes(b"\n".join(row(1, user_id=number) for number in range(30)))

    result = split_file(source, by="user_id", ratio=(50, 50))

    train, validation = result.parts
    first = split_part_of({"user_id": 0}, by="user_id", ratio=(50, 50))
    rows = {"train": validation.rows, "validation": train.rows}[first]
    assert 0 < rows < 30
    assert result.warnings == (f"{rows} rows equal a row of another part, with another value of user_id",)


def test_few_rows_are_split_with_a_warning(source: Path) -> None:
    in_training = next(line for line in ROWS if split_part_of(json.loads(line)) == "train")
    source.write_bytes(in_training + b"\n" + in_training)

    result = split_file(source)

    assert result.warnings == (
        "train has 2 rows; training needs at least 10",
        "validation is empty",
    )
    assert source.with_name("data.validation.jsonl").read_bytes() == b""


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_a_file_without_rows_gives_parts_without_rows(source: Path, data: bytes) -> None:
    source.write_bytes(data)

    result = split_file(source, validation_count=2)

    assert [part.rows for part in result.parts] == [0, 0]
    assert [warning.partition(":")[0] for warning in result.warnings] == ["train is empty", "validation is empty"]


def test_unreachable_counts_are_reported(source: Path) -> None:
    source.write_bytes(b"\n".join([*ROWS[:2] * 4]))

    over = split_file(source, test_count=1)
    under = split_file(source, validation_count=9, overwrite=True)

    assert over.warnings[1] == "test has 4 rows, not 1: groups are never divided"
    assert under.warnings[:2] == (
        "train is empty",
        "validation has 8 rows, not 9: there are no more",
    )


def test_a_part_of_an_earlier_split_is_reported(source: Path) -> None:
    split_file(source, ratio=(80, 10, 10))

    [warning] = split_file(source, ratio=(80, 20), overwrite=True).warnings

    assert (
        warning
        == f"{source.with_name('data.test.jsonl')} exists from an earlier split; its rows may be in these parts too"
    )


@pytest.mark.parametrize(
    ("name", "asked", "why"),
    [
        ("none.jsonl", {}, r"there is no file .*none.jsonl"),
        ("", {}, "is not a file"),
        ("data.jsonl", {"out_dir": "none"}, "there is no folder 'none'"),
        ("data.jsonl", {"out_dir": __file__}, "there is no folder"),
        ("data.jsonl", {"ratio": (1, 2)}, "add up to 3"),
        ("data.jsonl", {"validation_count": 0}, "the count for validation is 0"),
        ("data.jsonl", {"by": "/~"}, "is not a JSON pointer"),
        ("x" * 300, {}, r"cannot be split into .*too long"),
    ],
)
def test_what_cannot_be_begun_is_refused(source: Path, name: str, asked: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        split_file(source.parent / name, **asked)
    assert names(source.parent) == ["data.jsonl"]


def test_parts_whose_names_are_too_long_are_refused(source: Path) -> None:
    file = source.rename(source.with_name("x" * 250))

    with pytest.raises(InvalidInput, match=r"cannot be split into .*too long"):
        split_file(file)
    assert names(source.parent) == ["x" * 250]


def test_real_files_are_split_without_loss(shared: Path, tmp_path: Path) -> None:
    for name, rows in (
        ("bom_advertising_multiturn.jsonl", 9),
        ("chartqa_multimodal_content_list.jsonl", 20),
        ("distill_conversation_multiturn_system.jsonl", 100),
        ("glan_japanese_qa_wrong_schema.jsonl", 13),
        ("prompt_completion_408.jsonl", 408),
        ("stock_toolcall_training.jsonl", 86),
        ("taskmaster_multiturn_crlf.jsonl", 128),
    ):
        result = split_file(shared / "data" / name, ratio=(80, 10, 10), out_dir=tmp_path)

        written = b"".join(part.path.read_bytes() for part in result.parts)
        original = (shared / "data" / name).read_bytes().removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        assert sorted(written.splitlines()) == sorted(original.splitlines())
        assert result.rows == rows


def test_a_pretty_printed_file_is_refused(shared: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"line 1 of .*malformed_pretty_printed.jsonl.* is not a usable row"):
        split_file(shared / "data" / "malformed_pretty_printed.jsonl", out_dir=tmp_path)
    assert names(tmp_path) == []
