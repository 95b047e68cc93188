"""Rows out of any framing: encodings, line ends, arrays, pretty printing, and lines that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from repaired import repaired

A = b'{"prompt": "a", "completion": "\xc3\xa9"}'
B = b'{"prompt":  "b",  "completion":"1.10"}'
C = b'{"prompt": "c", "completion": "\\u00e9", "n": 1.10}'
LINES = A + b"\n" + B + b"\n" + C + b"\n"
ROWS = [json.loads(row) for row in (A, B, C)]
PLAIN = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in ROWS)
BOM = b"\xef\xbb\xbf"


def pretty(value: Any, indent: int = 2) -> bytes:
    return json.dumps(value, indent=indent).encode()


def test_rows_that_need_no_change_keep_their_bytes(tmp_path: Path) -> None:
    out, repair = repaired(tmp_path, LINES)

    assert out == LINES
    assert (repair.rows_read, repair.rows_written, repair.left, repair.counts, repair.changes) == (3, 3, 0, {}, ())


@pytest.mark.parametrize(
    ("framed", "counts"),
    [
        (LINES.rstrip(), {}),
        (BOM + LINES, {"bom": 1}),
        (BOM + BOM + LINES, {"bom": 1}),
        (BOM + A + b"\n" + BOM + B + b"\n" + C, {"bom": 2}),
        (LINES.replace(b"\n", b"\r\n"), {"crlf": 3}),
        (LINES.replace(b"\n", b"\r\r\n"), {"crlf": 3, "lone-carriage-return": 1, "row-blank": 3}),
        (b"\n\n" + LINES + b" \t\n\r\n", {"row-blank": 4, "crlf": 1}),
        (A + b",\n" + B + b" , \n" + C + b"\n", {"json-trailing-comma": 2}),
        (A + B + C, {"json-pretty-printed": 1}),
        (A + b" " + B + b"\n" + C, {"json-pretty-printed": 1}),
        (A + b", " + B + b",\n" + C, {"json-pretty-printed": 1}),
        (A + b"\r" + B + b"\r" + C + b"\r", {"lone-carriage-return": 1}),
        (b"[" + A + b"," + B + b"," + C + b"]", {"json-array": 1}),
        (b" [ " + A + b" , " + B + b" , " + C + b" ] \n", {"json-array": 1}),
        (b"[" + A + b"," + B + b"," + C + b"],\n", {"json-array": 1, "json-trailing-comma": 1}),
        (b"[[" + A + b"," + B + b"," + C + b"]]", {"json-array": 1}),
        (b"[\n" + A + b",\n" + B + b",\n" + C + b"\n]\n", {"json-array": 1}),
        (b"[" + A + b",\n" + B + b",\n" + C + b"]", {"json-array": 1}),
        (b"[\n" + A + b"\n," + B + b"\n,\n" + C + b"\n", {"json-array": 1}),
        (b"[\n" + A + b",\n" + B + b"\n]\n[\n" + C + b"\n]\n", {"json-array": 2}),
    ],
)
def test_every_framing_becomes_one_row_a_line_in_its_own_bytes(
    tmp_path: Path, framed: bytes, counts: dict[str, int]
) -> None:
    out, repair = repaired(tmp_path, framed)

    assert out == LINES
    assert repair.counts == counts
    assert repair.left == 0


@pytest.mark.parametrize("indent", [0, 1, 2, 4])
@pytest.mark.parametrize("between", [b"\n", b"\n\n", b",\n", b" ", b"", b"\r\n"])
def test_objects_spread_over_lines_are_put_on_one_line_each(tmp_path: Path, indent: int, between: bytes) -> None:
    out, repair = repaired(tmp_path, between.join(pretty(row, indent) for row in ROWS))

    assert out == PLAIN
    assert repair.counts["json-pretty-printed"] == 3
    assert repair.rows_written == 3


@pytest.mark.parametrize("indent", [0, 1, 2, 4])
@pytest.mark.parametrize("compact", [False, True])
def test_multiline_elements_of_an_array_become_one_line_each(tmp_path: Path, indent: int, compact: bool) -> None:
    array = pretty(ROWS, indent)
    array = array.replace(b"[\n", b"[").replace(b"},\n", b"}, ").replace(b"\n]", b"]") if compact else array

    out, repair = repaired(tmp_path, array)

    assert out == PLAIN
    assert repair.counts == {"json-array": 1}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_other_unicode_encodings_become_utf8(tmp_path: Path, encoding: str, mark: str) -> None:
    out, repair = repaired(tmp_path, (mark + LINES.decode()).encode(encoding))

    assert out == LINES
    assert repair.counts["utf16"] == 1


def test_invalid_characters_are_kept_as_escapes_of_their_bytes(tmp_path: Path) -> None:
    out, repair = repaired(tmp_path, "{}\n".encode("utf-16-le") + b"\0\xd8" + "\n{}".encode("utf-16-le"))

    assert out == b"{}\n\\x00\\xd8\n"
    assert (repair.left, repair.counts["duplicate-row"]) == (1, 1)


@pytest.mark.parametrize(
    "junk",
    [
        b"# a comment",
        b'{"prompt": "x", "completion": oops}',
        b'{"prompt": "x", "completion": ["y"',
        b'{"prompt": "x", "completion": "y',
        b'{"prompt": "x"} trailing words',
        b'{"prompt": "x"}\xc2\xa0',
        b"caf\xe9",
        b"{",
        b"}",
        b"]",
        b'"prompt": "x",',
        b"[INFO] nothing to see",
        b"\0",
        b'{"n": ' + b"1" * 5000 + b"}",
        b"[" * 200_000,  # more than any Python nests
    ],
    ids=lambda junk: junk[:24].decode("ascii", "replace"),
)
def test_an_unreadable_line_is_unchanged_and_affects_no_other(tmp_path: Path, junk: bytes) -> None:
    lines = LINES.replace(b"\n", b"\n" + junk + b"\n", 1)

    out, repair = repaired(tmp_path, lines)

    assert out == lines
    assert (repair.left, repair.rows_read, repair.rows_written) == (1, 4, 4)


@pytest.mark.parametrize("value", [b"12", b'"words"', b"null", b"[1, 2]"])
def test_a_value_that_is_not_an_object_is_unchanged(tmp_path: Path, value: bytes) -> None:
    lines = LINES + value + b"\n" + value + b"\n"

    out, repair = repaired(tmp_path, lines)

    assert out == lines
    assert repair.left == 2


@pytest.mark.parametrize(
    "text",
    [
        "[\n" * 50,
        "[\n{\n" * 50,
        "  [ \noops\n]\n" + A.decode() + "\n",
        "{\n  [\n    oops\n  ]\n}\n",
        "[{\n  oops\n}]\n",
    ],
)
def test_a_bracket_without_a_value_behind_it_is_kept(tmp_path: Path, text: str) -> None:
    out, repair = repaired(tmp_path, text.encode())

    assert out == text.encode()
    assert repair.counts == {}


def test_an_object_spread_over_lines_is_read_among_lines_too(tmp_path: Path) -> None:
    out, repair = repaired(tmp_path, A + b"\n" + pretty(ROWS[1]) + b"\n" + C + b"\n")

    assert out == A + b"\n" + json.dumps(ROWS[1]).encode() + b"\n" + C + b"\n"
    [change] = repair.changes
    assert (change.rule, change.source_line, change.target_line) == ("json-pretty-printed", 2, 2)


def test_a_broken_object_keeps_its_lines_and_the_next_is_read(tmp_path: Path) -> None:
    conversation = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}
    broken = pretty(conversation).replace(b'"Hi"', b"oops")

    out, repair = repaired(tmp_path, b"\n".join([pretty(conversation), broken, pretty(conversation), broken]))

    assert out == json.dumps(conversation).encode() + b"\n" + broken + b"\n" + broken + b"\n"
    assert repair.counts == {"json-pretty-printed": 2, "duplicate-row": 1}
    assert repair.left == 2 * (broken.count(b"\n") + 1)


@pytest.mark.parametrize("broken", [0, 1, 2])
@pytest.mark.parametrize("indent", [1, 4])
def test_a_broken_element_of_an_array_affects_no_other(tmp_path: Path, indent: int, broken: int) -> None:
    rows = [{"messages": [{"role": "user", "content": f"Hi {n}"}, {"role": "assistant"}]} for n in range(3)]
    array = pretty(rows, indent).replace(f'"Hi {broken}"'.encode(), b"oops")

    out, repair = repaired(tmp_path, array)

    read = [line for line in out.split(b"\n") if line.startswith(b'{"messages": ')]
    assert read == [json.dumps(row).encode() for n, row in enumerate(rows) if n != broken]
    assert b"oops" in out
    assert repair.rows_written == repair.left + 2


def test_the_next_element_is_read_on_the_line_of_a_broken_one(tmp_path: Path) -> None:
    text = "[{\n  'a': 1\n}, {\n  \"b\": 2\n}]\n"

    out, repair = repaired(tmp_path, text.encode())

    assert out == b"[{\n  'a': 1\n},\n{\"b\": 2}\n]\n"
    assert repair.left == 4


def test_an_indented_row_below_a_broken_one_is_known_by_columns(tmp_path: Path) -> None:
    fragment = b'  {"role": "user"}\n'

    out, repair = repaired(tmp_path, b"{\n" + fragment + fragment + b"  " + A + b"\n  " + A + b"\n")

    assert out == b"{\n" + fragment + fragment + b"  " + A + b"\n"
    assert repair.counts == {"duplicate-row": 1}


def test_lines_that_a_removed_copy_held_apart_are_read_together(tmp_path: Path) -> None:
    out, repair = repaired(tmp_path, A + b"\n\n{\n" + A + b'\n"y": 2\n}\n{"z": 3},\n')

    assert out == A + b'\n{"y": 2}\n{"z": 3}\n'
    assert repair.counts == {"row-blank": 1, "duplicate-row": 1, "json-pretty-printed": 1, "json-trailing-comma": 1}
    lines = {each.rule: (each.source_line, each.target_line) for each in repair.changes}
    assert (lines["json-pretty-printed"], lines["json-trailing-comma"]) == ((3, 2), (7, 3))
    assert (repair.rows_read, repair.rows_written, repair.left) == (5, 3, 0)


def test_a_misleading_beginning_gets_a_utf8_byte_order_mark(tmp_path: Path) -> None:
    out, repair = repaired(tmp_path, b"\n\n\0{\0}\n")

    assert out == BOM + b"\0{\0}\n"
    assert repaired(tmp_path, out)[0] == out
    assert repair.counts == {"row-blank": 2}


@pytest.mark.parametrize("data", [b"", b"\n", b" \r\n\n", BOM, b"[]", b"[\n]\n", "\ufeff".encode("utf-16-le")])
def test_an_empty_file_stays_empty(tmp_path: Path, data: bytes) -> None:
    assert repaired(tmp_path, data)[0] == b""


LONG = [json.dumps({"prompt": each * 40, "completion": "é😀"}, ensure_ascii=False).encode() for each in "abcdefghij"]


@pytest.mark.parametrize(
    ("framed", "counts"),
    [
        (b"[" + b", ".join(LONG) + b"]", {"json-array": 1}),
        (b"[" + b", ".join(LONG) + b"]\r\n", {"json-array": 1, "crlf": 1}),
        (b"[\n" + b", ".join(LONG) + b"\n]", {"json-array": 1}),
        (b"".join(LONG), {"json-pretty-printed": 1}),
        (b", ".join(LONG) + b",", {"json-pretty-printed": 1}),
    ],
)
def test_a_line_too_long_to_hold_is_read_value_by_value(tmp_path: Path, framed: bytes, counts: dict[str, int]) -> None:
    out, repair = repaired(tmp_path, framed, longest=100)

    assert out == b"\n".join(LONG) + b"\n"
    assert repair.counts == counts


@pytest.mark.parametrize("kept", [b'{"prompt": "' + b"x" * 300_000 + b'"}', b"x" * 700_000, b"x" * 400_000 + b"\xe9"])
def test_what_is_too_long_is_kept_as_it_is(tmp_path: Path, kept: bytes) -> None:
    out, repair = repaired(tmp_path, A + b"\n" + kept + b"\r\n" + B + b"\n", longest=1000)

    assert out == A + b"\n" + kept + b"\n" + B + b"\n"
    assert (repair.left, repair.counts) == (1, {"crlf": 1})


def test_the_unreadable_rest_of_a_long_line_is_kept(tmp_path: Path) -> None:
    line = b"[" + A + b"," + B + b", oops, " + C * 200 + b"]"

    out, repair = repaired(tmp_path, line, longest=100)

    assert out == A + b"\n" + B + b"\n, oops, " + C * 200 + b"]\n"
    assert repair.left == 1
