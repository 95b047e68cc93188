"""Files are converted whole or not at all, whatever they hold, and their rows are numbered as an editor does."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from converted import convert_bytes, read_rows, said

from maas_client import InvalidInput
from maas_client.datasets.check.checker import LONGEST_LINE
from maas_client.datasets.convert import convert_file
from maas_client.datasets.convert.json_rows import read_json

ROW = b'{"question": "Hi", "answer": "Hello"}'
CHAT = {"messages": said("Hi", "Hello")}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file to be converted."""
    file = tmp_path / "faq.jsonl"
    file.write_bytes(ROW + b"\n")
    return file


def test_the_target_is_written_and_nothing_else_is_left(source: Path) -> None:
    target = source.with_name("train.jsonl")

    conversion = convert_file(str(source), str(target))

    assert target.read_bytes() == json.dumps(CHAT).encode() + b"\n"
    assert conversion.rows_written == 1
    assert {file.name for file in source.parent.iterdir()} == {"faq.jsonl", "train.jsonl"}


def test_an_existing_target_is_overwritten_only_on_request(source: Path) -> None:
    target = source.with_name("train.jsonl")
    target.write_bytes(b"mine")

    with pytest.raises(InvalidInput, match="already exists"):
        convert_file(source, target)
    assert target.read_bytes() == b"mine"
    convert_file(source, target, overwrite=True)
    assert read_rows(target) == [CHAT]


def test_a_refusal_leaves_the_target_as_it_was(source: Path) -> None:
    target = source.with_name("train.jsonl")
    target.write_bytes(b"mine")
    source.write_bytes((ROW + b"\n") * 500 + b"nonsense\n")

    with pytest.raises(InvalidInput, match=r"faq.jsonl: line 501: Expecting value at column 1\. .*--skip-bad"):
        convert_file(source, target, overwrite=True)
    assert target.read_bytes() == b"mine"
    assert {file.name for file in source.parent.iterdir()} == {"faq.jsonl", "train.jsonl"}


def test_the_source_is_never_the_target_under_any_name(source: Path) -> None:
    link = source.with_name("link.jsonl")
    link.symlink_to(source)

    for target in (source, link):
        with pytest.raises(InvalidInput, match="is the source file, which is never changed"):
            convert_file(source, target, overwrite=True)
    assert source.read_bytes() == ROW + b"\n"


def test_paths_that_are_not_files_are_named(source: Path) -> None:
    folder = source.parent
    for bad, target, why in (
        (folder / "none.jsonl", folder / "train.jsonl", r"there is no file .*none\.jsonl"),
        (folder, folder / "train.jsonl", "is not a file"),
        (source, folder, "is a folder"),
        (source, folder / "none" / "train.jsonl", "cannot be converted into .*No such file"),
    ):
        with pytest.raises(InvalidInput, match=why):
            convert_file(bad, target)
    assert [file.name for file in folder.iterdir()] == ["faq.jsonl"]


@pytest.mark.parametrize(
    "framed",
    [
        ROW + b"\n" + ROW,
        b"\xef\xbb\xbf" + ROW + b"\r\n\r\n" + ROW + b"\r\n",
        b"[" + ROW + b", " + ROW + b"]",
        b"[\n  " + ROW + b",\n  " + ROW + b"\n]\n",
        json.dumps([json.loads(ROW)] * 2, indent=2).encode(),
        (json.dumps(json.loads(ROW), indent=4).encode() + b"\n") * 2,
    ],
    ids=["lines", "bom and crlf", "one line", "array", "pretty array", "pretty objects"],
)
def test_json_is_read_in_any_framing(tmp_path: Path, framed: bytes) -> None:
    rows, conversion = convert_bytes(tmp_path, "data.json", framed)

    assert rows == [CHAT, CHAT]
    assert conversion.rows_read == 2


@pytest.mark.parametrize(
    ("data", "line", "why"),
    [
        (ROW + b'\n{"question": "\xe9"}\n', 2, r"byte 0xe9, the line's byte 15, is not UTF-8 \(invalid continuation"),
        (ROW + b"\n\n[1]\n", 3, "the value is a list of length 1, not an object"),
        (ROW + b'\n{"question": "Hi", \n', 2, "Expecting property name"),
        (b"[" + ROW + b",\n" + ROW + b",\n", 2, "the array is not closed: the file is truncated"),
        (b"[\n" + ROW + b",\n5,\n" + ROW + b"]", 3, "the value is 5, not an object"),
        (b'[\n{\n"question": "Hi",\n"answer" "Hello"\n},\n' + ROW + b"\n]", 2, "this is part of a multi-line value"),
        (b'[\n{"question": "Hi" "answer"},\n' + ROW + b"\n]", 2, "Expecting ',' delimiter"),
        (b'[\n{"question": "Hi" "answer"},\n' + ROW + b"\n", 2, "Expecting ',' delimiter"),
    ],
    ids=str,
)
def test_json_that_is_not_a_row_is_rejected_with_its_line(tmp_path: Path, data: bytes, line: int, why: str) -> None:
    with pytest.raises(InvalidInput, match=f"line {line}: {why}"):
        convert_bytes(tmp_path, "data.json", data)
    rows, conversion = convert_bytes(tmp_path, "data.json", data, on_bad="skip")

    assert CHAT in rows
    assert conversion.bad[0].number == line
    assert conversion.rows_read == conversion.rows_written + conversion.rows_skipped


def test_a_value_that_is_too_long_to_be_held_is_one_bad_row(tmp_path: Path) -> None:
    data = ROW + b'\n{"question": "' + b"x" * LONGEST_LINE + b'", "answer": "b"}\n' + ROW

    rows, conversion = convert_bytes(tmp_path, "data.jsonl", data, on_bad="skip")

    assert rows == [CHAT, CHAT]
    assert [(each.number, each.reason[-26:]) for each in conversion.bad] == [(2, "have at most 8388608 bytes")]


def test_fragments_of_an_unreadable_row_are_not_rows(tmp_path: Path) -> None:
    broken = b'{\n  "meta": {nonsense},\n  ' + ROW + b"\n}\n"

    rows, conversion = convert_bytes(tmp_path, "data.json", broken + ROW, on_bad="skip")

    assert rows == [CHAT]
    assert "part of a larger value" in conversion.bad[2].reason


def test_a_file_whose_first_rows_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="the first rows cannot be read: line 1: Expecting value"):
        convert_bytes(tmp_path, "data.jsonl", b"nonsense\n" * 30 + ROW, on_bad="skip")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"data.jsonl: there are no rows"):
        convert_bytes(tmp_path, "data.jsonl", b"\n\n")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["data.jsonl", "data.csv"])
def test_a_file_in_utf_16_is_recognized(tmp_path: Path, name: str, encoding: str) -> None:
    text = ROW.decode() if name == "data.jsonl" else "question,answer\nHi,Hello\n"

    rows, conversion = convert_bytes(tmp_path, name, text.encode(encoding))

    assert rows == [CHAT]
    assert conversion.encoding.startswith(encoding)


def test_a_row_too_long_for_the_check_is_rejected(tmp_path: Path) -> None:
    row = {"messages": said("Hi", "")}
    fits = LONGEST_LINE - len(json.dumps(row))
    csv = "question,answer\nHi,{}\n".format

    rows, _ = convert_bytes(tmp_path, "data.csv", csv("x" * fits).encode())
    assert len(json.dumps(rows[0])) == LONGEST_LINE
    with pytest.raises(InvalidInput, match=f"line 2: the row has {LONGEST_LINE + 1} bytes"):
        convert_bytes(tmp_path, "data.csv", csv("x" * (fits + 1)).encode())


def test_progress_is_reported_in_bytes(tmp_path: Path) -> None:
    reported: list[tuple[int, int]] = []

    def report(done: int, total: int) -> None:
        reported.append((done, total))

    data = (ROW + b"\n") * 20_000
    convert_bytes(tmp_path, "data.jsonl", data, on_progress=report)

    assert {total for _, total in reported} == {len(data)}
    assert reported == sorted(reported)
    assert 0 < reported[0][0] < reported[-1][0] <= len(data)


@pytest.mark.parametrize(
    ("framing", "suffix"), [("lines", "json"), ("array", "json"), ("pretty", "json"), ("csv", "csv")]
)
def test_memory_does_not_grow_with_the_file(tmp_path: Path, framing: str, suffix: str) -> None:
    source = tmp_path / f"data.{suffix}"

    def convert() -> None:
        convert_file(source, tmp_path / "out.jsonl", overwrite=True)

    source.write_bytes(written(500, framing))
    few = peak(convert)
    source.write_bytes(written(5_000, framing))
    assert peak(convert) < few + 256 * 1024 < source.stat().st_size


def test_memory_does_not_grow_with_a_line_either(tmp_path: Path) -> None:
    source = tmp_path / "data.json"

    def read() -> None:
        with source.open("rb") as file:
            assert sum(1 for _ in read_json(file, longest=10_000)) > 1

    source.write_bytes(written(3_000, "one line"))
    few = peak(read)
    source.write_bytes(written(15_000, "one line"))
    assert peak(read) < few + 256 * 1024 < source.stat().st_size


def written(rows: int, framing: str) -> bytes:
    values = [{"question": f"{n:6}" * 10, "answer": "x" * 100} for n in range(rows)]
    lines = [json.dumps(row) for row in values]
    framed = {
        "lines": "\n".join(lines),
        "array": "[\n" + ",\n".join(lines) + "\n]",
        "one line": "[" + ", ".join(lines) + "]",
        "pretty": json.dumps(values, indent=1),
        "csv": "question,answer\n" + "".join(f"{row['question']},{row['answer']}\n" for row in values),
    }
    return framed[framing].encode()


def peak(work: Callable[[], None]) -> int:
    """Return the most memory that work takes, in bytes."""
    tracemalloc.start()
    work()
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return taken
