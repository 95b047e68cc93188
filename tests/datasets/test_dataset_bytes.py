"""The bytes of a data set: encodings, line ends, lines without end, and what may be shown of them."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from maas_client.datasets.check.checker import Checker, CheckOptions
from maas_client.datasets.check.report import CheckReport
from maas_client.datasets.parts import check_file
from maas_client.datasets.rows.excerpt import LONGEST

ROW = json.dumps({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}).encode()
TEN = (ROW + b"\n") * 10


def check(*chunks: bytes) -> CheckReport:
    checker = Checker(CheckOptions(survey=False))
    for chunk in chunks:
        checker.feed(chunk)
    return checker.finish()


def test_windows_line_ends_are_accepted_and_reported_once() -> None:
    report = check(TEN.replace(b"\n", b"\r\n"))

    [finding] = report.findings
    assert (report.kept, report.ok, report.counts) == (10, True, {"crlf": 10})
    assert (finding.rule, finding.line, finding.byte) == ("crlf", 1, 0)


def test_the_last_line_needs_no_line_break() -> None:
    assert check(TEN.rstrip()).kept == 10


def test_a_bad_byte_is_found_at_its_offset_in_the_file() -> None:
    data = TEN + b'{"messages": "caf\xe9"}\n'

    [finding] = check(data).findings

    assert finding.byte == data.index(b"\xe9")
    assert "0xe9" in finding.message
    assert not check(data).ok


def test_a_bad_byte_after_a_byte_order_mark_has_its_own_offset() -> None:
    data = b"\xef\xbb\xbf\xe9\n" + TEN

    [finding] = [each for each in check(data).findings if each.rule == "utf8-invalid"]

    assert finding.byte == 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_other_unicode_encodings_are_recognised(encoding: str) -> None:
    report = check(TEN.decode().encode(encoding))

    assert "utf16" in report.counts
    assert report.kept == 0


def test_a_byte_order_mark_counts_only_at_the_start_of_the_file() -> None:
    report = check(ROW + b"\n\xef\xbb\xbf" + ROW)

    assert report.dropped == {"json-invalid": 1}


def test_duplicates_of_invalid_lines_are_not_duplicate_rows() -> None:
    pieces = b"{\n" + b'"messages": [\n' + b"[1, 2]\n" + b'{"messages": oops}\n' + b"\n"

    checker = Checker()
    checker.feed(pieces * 5 + ROW + b"\n" + ROW)

    assert checker.finish().counts["duplicate-row"] == 1


def test_an_array_on_one_line_is_recognised() -> None:
    assert "json-array" in check(b"[" + b", ".join([ROW] * 12) + b"]").counts


def test_a_pretty_printed_array_is_recognised_as_an_array() -> None:
    report = check(json.dumps([json.loads(ROW)] * 3, indent=1).encode())

    assert "json-array" in report.counts
    assert "json-pretty-printed" not in report.counts


def test_bad_json_is_reported_with_column_and_excerpt() -> None:
    [finding] = check(TEN + b'{"messages": nothing}\n').findings

    assert "column 14" in finding.message
    assert finding.found == '{"messages": nothing}'


def test_a_broken_escape_is_shown_as_it_was_written() -> None:
    [finding] = check(TEN + ROW.replace(b"Hello", b"\\udce9")).findings

    assert (finding.rule, finding.found) == ("lone-surrogate", "\\udce9")


@pytest.mark.parametrize(
    "line", [b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000, b'{"messages": ' + b"9" * 5000 + b"}"]
)
def test_json_that_breaks_parsers_gives_a_finding(line: bytes) -> None:
    report = check(TEN + line)

    assert report.kept == 10
    assert report.rows == 11


def test_terminal_sequences_are_escaped_and_long_text_is_cut() -> None:
    key = "\x1b[31m\u202e" + "k" * 500

    report = check(TEN + json.dumps({"messages": [], key: key}).encode() + b"\n" + b"\x1b[2Jx" * 100)

    for finding in report.findings:
        assert (finding.message + finding.found + finding.pointer).isprintable()
        assert len(finding.found) < 6 * LONGEST


def test_a_line_of_any_length_is_never_held() -> None:
    checker = Checker()
    chunk = b"x" * (1 << 20)
    tracemalloc.start()
    for _ in range(64):
        checker.feed(chunk)
    checker.feed(b"\n" + TEN)
    report = checker.finish()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 24 << 20
    assert report.dropped == {"line-too-long": 1}
    assert report.kept == 10


def test_a_file_is_judged_by_its_name_too(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_bytes(TEN)

    report = check_file(path, CheckOptions(survey=False))

    assert list(report.counts) == ["suffix-not-jsonl"]
    assert (report.kept, report.ok) == (10, False)


def test_a_file_of_any_size_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(TEN * 2000)

    report = check_file(str(path))

    assert (report.kept, report.bytes) == (20_000, len(TEN) * 2000)


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        check_file(tmp_path / "none.jsonl")
