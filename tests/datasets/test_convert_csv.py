"""CSV and TSV: under a header, in UTF-8, with fields of any content."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from converted import convert_bytes, said

from maas_client import InvalidInput

CHAT = {"messages": said("Hi", "Hello")}


@pytest.mark.parametrize(
    "data",
    [
        b"prompt,completion\nHi,Hello",
        b"prompt,completion\nHi, Hello\n",
        b"\xef\xbb\xbfprompt,completion\r\nHi,Hello\r\n\r\n",
        b'"prompt","completion"\n"Hi","Hello"\n',
        b"prompt;completion\nHi;Hello\n",
        b"prompt\tcompletion\nHi\tHello\n",
        b"question,level,answer\nHi,,Hello\n",
        b"instruction,input,output\nHi,,Hello\n",
        b"system,user,assistant\n,Hi,Hello\n",
    ],
    ids=str,
)
def test_a_header_of_known_names_needs_no_mapping(tmp_path: Path, data: bytes) -> None:
    assert convert_bytes(tmp_path, "data.csv", data)[0] == [CHAT]


def test_fields_keep_their_line_breaks_quotes_and_delimiters(tmp_path: Path) -> None:
    data = b'question,answer\r\n"a ""b"",\r\nc","d\ne"\r\nHi,Hello\r\n'

    assert convert_bytes(tmp_path, "data.csv", data)[0] == [{"messages": said('a "b",\r\nc', "d\ne")}, CHAT]


def test_columns_are_mapped_by_their_names_in_the_header(tmp_path: Path) -> None:
    data = b"No,Frage,Antwort\n1,Hi,Hello\n"

    rows, conversion = convert_bytes(tmp_path, "data.csv", data, columns={"user": "Frage", "assistant": "Antwort"})

    assert rows == [CHAT]
    assert conversion.to_dict() == {
        "source_format": "columns",
        "columns": ["Frage", "Antwort"],
        "rows_read": 1,
        "rows_written": 1,
        "rows_skipped": 0,
        "rows_left_out": 0,
        "left_out": {},
        "rejected_answers_left_out": 0,
        "encoding": "utf-8",
        "lines": {
            "read": 2,
            "header": 1,
            "blank": 0,
            "written": 1,
            "left_out": 0,
            "skipped": 0,
            "multiline_rows": 0,
            "first_multiline": None,
            "doubtful_rows": 0,
            "first_doubtful": None,
        },
        "dropped_keys": {"No": 1},
        "bad": [],
    }


def test_an_unknown_column_is_rejected_with_the_header_columns(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no column Fragen and Antwort; the columns are Frage, Answer"):
        convert_bytes(
            tmp_path,
            "data.csv",
            b"Frage,Answer\nHi,Hello\n",
            columns={"user": "Fragen", "assistant": "Antwort"},
            on_bad="skip",
        )


def test_a_header_of_unknown_names_is_refused_with_them(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"the first row has the keys Frage, Antwort.*--map user=COLUMN"):
        convert_bytes(tmp_path, "data.csv", b"Frage,Antwort\nHi,Hello\n")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "there is no header"),
        (b"question,answer,question\n", "the header has the column 'question' twice"),
        (b'"question\n', "the header cannot be read: the quotation mark that opens in line 1 is never closed"),
        (b"question,answer\n", "there are no rows"),
    ],
)
def test_a_file_without_a_header_or_rows_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        convert_bytes(tmp_path, "data.csv", data)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"Hi\n", "the row has 1 fields, but the header has 2"),
        (b"Hi,Hello,there\n", "the row has 3 fields, but the header has 2"),
        (b"Hi,caf\xe9\n", "byte 0xe9 is not UTF-8"),
        (b'"Hi"x,Hello\n', "text follows the closing quotation mark in column 4"),
        (b"Hi,\n", "no assistant turn has any text"),
    ],
)
def test_a_bad_row_is_rejected_or_skipped_with_its_first_line(tmp_path: Path, bad: bytes, why: str) -> None:
    data = b'question,answer\n"a\nb",c\n\n' + bad + b"Hi,Hello\n"

    with pytest.raises(InvalidInput, match=f"line 5: {why}"):
        convert_bytes(tmp_path, "data.csv", data)
    rows, conversion = convert_bytes(tmp_path, "data.csv", data, on_bad="skip")
    assert rows == [{"messages": said("a\nb", "c")}, CHAT]
    assert (conversion.rows_read, conversion.rows_skipped, conversion.bad[0].number) == (3, 1, 5)


def test_a_quote_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="line 3: the quotation mark that opens in line 3 is never closed"):
        convert_bytes(tmp_path, "data.csv", b'question,answer\nHi,Hello\nHi,"Hello\nHi,Hello\n')


def test_long_fields_are_read_without_changing_the_csv_limit(tmp_path: Path) -> None:
    limit = csv.field_size_limit()
    long = "x" * (limit + 1)

    rows, _ = convert_bytes(tmp_path, "data.csv", f"question,answer\nHi,{long}\n".encode())

    assert rows == [{"messages": said("Hi", long)}]
    assert csv.field_size_limit() == limit


def test_a_line_that_is_too_long_to_be_held_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="line 2: the line has more than 8388608 bytes"):
        convert_bytes(tmp_path, "data.csv", b"question,answer\n" + b"x" * 9_000_000)
