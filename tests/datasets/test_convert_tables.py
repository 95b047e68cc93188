"""Tables as people have them: any delimiter, line end and encoding; no row is joined to another, and lines add up."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from converted import convert_bytes, said
from hypothesis import example, given, settings, strategies as st

from maas_client import InvalidInput
from maas_client.datasets.convert import convert_file
from maas_client.datasets.convert.csv_rows import read_csv
from maas_client.datasets.convert.records import Records
from maas_client.datasets.convert.table_lines import TableLines

HEADER = ("question", "answer")
CHAT = {"messages": said("Hi", "Hello")}
HI = ("Hi", "Hello")


def table(
    rows: list[tuple[str, str]], *, delimiter: str = ",", end: str = "\n", quoting: Any = csv.QUOTE_MINIMAL
) -> str:
    """Write rows below the header as the csv module does."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([HEADER, *rows])
    return written.getvalue()


def read(data: bytes, *, tabs: bool = False) -> list[tuple[str, ...] | str]:
    """Return the fields of each row, or why it has none."""
    with read_csv(io.BufferedReader(io.BytesIO(data)), name="data", tabs=tabs) as source:
        return [tuple(map(str, each.row.values())) if each.row else each.reason for each in source.rows]


texts = st.text(st.sampled_from([*'ab,;\t|" \n\r', "é", "\u2028", "日"]), max_size=6)
rows_of_text = st.lists(st.tuples(texts, texts).filter(lambda row: "".join(row).strip() != ""), min_size=1, max_size=6)


@given(rows=rows_of_text, end=st.sampled_from(["\n", "\r\n", "\r"]))
@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_what_the_csv_module_writes_is_read_back(delimiter: str, rows: list[tuple[str, str]], end: str) -> None:
    if delimiter == "\t":  # with tabs a field that has both a tab and a line break looks like two rows
        rows = [(one.replace("\t", " "), other.replace("\t", " ")) for one, other in rows]

    data = table(rows, delimiter=delimiter, end=end, quoting=csv.QUOTE_ALL)

    assert read(data.encode("utf-8"), tabs=delimiter == "\t") == rows


@given(rows=rows_of_text)
@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_fields_are_quoted_only_where_they_must(delimiter: str, rows: list[tuple[str, str]]) -> None:
    rows = [(one.replace("\r", ""), other.replace("\r", "").replace("\t", " ")) for one, other in rows]
    rows = [row for row in rows if "".join(row).strip() and (delimiter != "\t" or "\t" not in row[0])]

    assert read(table(rows, delimiter=delimiter).encode("utf-8"), tabs=delimiter == "\t") == rows


@given(rows=rows_of_text.map(lambda rows: [*rows, HI]))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030", "shift_jis"])
@settings(max_examples=20)
def test_every_encoding_gives_the_same_rows(folder: Path, encoding: str, rows: list[tuple[str, str]]) -> None:
    rows = [
        (one.replace("é", "e").replace("\u2028", ""), other.replace("é", "e").replace("\u2028", ""))
        for one, other in rows
    ]
    plain, other = folder / "plain.csv", folder / "other.csv"
    plain.write_text(table(rows, end="\r\n"), "utf-8", newline="")
    other.write_bytes(table(rows, end="\r\n").encode(encoding))
    outs = [folder / "plain.jsonl", folder / "other.jsonl"]

    convert_file(plain, outs[0], overwrite=True, on_bad="skip")
    found = convert_file(other, outs[1], overwrite=True, on_bad="skip", encoding=encoding)

    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert found.encoding == ("utf-8" if encoding == "utf-8-sig" else encoding)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all examples of a test share."""
    return tmp_path_factory.mktemp("tables")


quoted_or_not = st.text(st.sampled_from('ab" '), max_size=5)


@example(rows=[("a", '"" ')])
@example(rows=[("a ", '"a" ')])
@given(rows=st.lists(st.tuples(quoted_or_not, quoted_or_not).filter(lambda row: "a" in "".join(row)), max_size=8))
def test_a_quotation_mark_in_a_tsv_joins_no_rows(rows: list[tuple[str, str]]) -> None:
    found = read(b"question\tanswer\n" + "".join(f"{one}\t{other}\n" for one, other in rows).encode(), tabs=True)

    assert len(found) == len(rows)
    for row, fields in zip(rows, found, strict=True):
        plain = next(csv.reader(["\t".join(row)], delimiter="\t", quoting=csv.QUOTE_NONE))
        quoted = tuple(  # spaces behind a quoted field are not part of it
            field.rstrip(" ")[1:-1].replace('""', '"') if field[:1] == '"' else field for field in plain
        )
        assert fields in (tuple(plain), quoted)


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (['"Hi\tHello', "a\tb"], [('"Hi', "Hello"), ("a", "b")]),
        (['Hi\t"Hello', "a\tb", 'c\td"'], [("Hi", '"Hello'), ("a", "b"), ("c", 'd"')]),
        (['"Hi" he said\tHello', "a\tb"], [('"Hi" he said', "Hello"), ("a", "b")]),
        (['5" pipe\t6" pipe'], [('5" pipe', '6" pipe')]),
        (['"a ""b"""\t"c"'], [('a "b"', "c")]),
        (['a\t"two', 'lines"', "c\td"], [("a", "two\nlines"), ("c", "d")]),
        (['"two', 'lines"\tb'], [("two\nlines", "b")]),
    ],
    ids=str,
)
def test_quotation_marks_in_a_tsv_are_text_unless_they_enclose(lines: list[str], rows: list[tuple[str, str]]) -> None:
    assert read("\n".join(["question\tanswer", *lines]).encode(), tabs=True) == rows


sound = st.text(st.sampled_from("ab ,"), min_size=1, max_size=4).map(lambda text: f"a{text}")
sound_rows = st.lists(st.tuples(sound, sound), max_size=4)


@given(before=sound_rows, after=sound_rows, quote_all=st.booleans())
@pytest.mark.parametrize("bad", ['x,"y', '"x,y', 'x,"y" z', '"x"y,z', "x", "x,y,z"])
def test_a_bad_line_of_a_csv_costs_no_other_line(
    bad: str, before: list[tuple[str, str]], after: list[tuple[str, str]], quote_all: bool
) -> None:
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    start, rest = table(before, quoting=quoting), table(after, quoting=quoting).partition("\n")[2]

    found = read(f"{start}{bad}\n{rest}".encode())

    assert [row for row in found if isinstance(row, tuple)] == [*before, *after]
    assert len(found) == len(before) + 1 + len(after)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (['Hi,"Hello', "a,b", "c,d"], "line 2: the quotation mark that opens in line 2 is never closed"),
        (
            ["a,b", 'Hi,"Hello', "a,b", '"c","d"'],
            "line 3: .* opens in line 3 is not closed: the next one, in line 5, column 1, does not",
        ),
        (['"a', 'b","c', "d,e"], "line 2: the quotation mark that opens in line 3 is never closed"),
        (
            ['Hi,"a', "b,c", 'd",e'],
            "line 2: the quotation mark that opens in line 2 is closed in line 4, and the lines",
        ),
    ],
)
def test_an_unbalanced_quote_is_named_with_its_line(tmp_path: Path, lines: list[str], why: str) -> None:
    data = "\n".join([",".join(HEADER), *lines]).encode()

    with pytest.raises(InvalidInput, match=why):
        convert_bytes(tmp_path, "data.csv", data)


def test_lines_that_each_look_like_a_row_are_not_joined() -> None:
    data = b'id,question,answer\n1,Hi,"Hello\n2,a,b\n3,c,d"\n'

    why = (
        "the quotation mark that opens in line 2 is closed in line 4, and the lines between look like rows of their own"
    )
    assert read(data) == [why, ("2", "a", "b"), ("3", "c", 'd"')]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("excel.csv", b"sep=;\r\nquestion;answer\r\nHi;Hello\r\n"),
        ("excel.csv", b"\xef\xbb\xbfSEP=|\nquestion|answer\nHi|Hello\n"),
        ("excel.csv", "sep=\t\nquestion\tanswer\nHi\tHello\n".encode("utf-16")),
        ("mac.csv", b"question,answer\rHi,Hello\r"),
        ("mac.csv", b"\xef\xbb\xbfquestion;answer\rHi;Hello"),
        ("pipe.csv", b"question|answer\nHi|Hello\n"),
        ("tabs.csv", b"question\tanswer\nHi\tHello\n"),
        ("commas.tsv", b"question,answer\nHi,Hello\n"),
        ("both.csv", b'question;"answer, short"\nHi;Hello\n'),
        ("empty.csv", b"question,answer,,\nHi,Hello,,\n,,,\n\n"),
        ("aired.csv", b'"question", "answer"\n"Hi" , "Hello" \n'),
        ("aired.csv", b'question; answer\n "Hi"; "Hello"\n'),
        ("spaced.csv", b"\n question , answer\nHi,Hello\n"),
    ],
)
def test_tables_of_every_kind_of_program_are_read(tmp_path: Path, name: str, data: bytes) -> None:
    columns = {"user": "question", "assistant": "answer, short"} if name == "both.csv" else None

    rows, conversion = convert_bytes(tmp_path, name, data, columns=columns)

    assert rows == [CHAT]
    assert conversion.lines is not None
    assert conversion.lines.written == 1


def test_spaces_are_text_unless_a_quoted_field_follows() -> None:
    rows = read(b'question,answer\n "a" b, "c"d\n  a , b\n "a ""b"", c" , "d"\n')

    assert rows == [(' "a" b', ' "c"d'), ("  a ", " b"), ('a "b", c', "d")]


def test_the_delimiter_is_the_one_that_rows_agree_with() -> None:
    assert read(b"question;answer\nHi, you;Hello\nHow, then;So\n") == [("Hi, you", "Hello"), ("How, then", "So")]
    assert read(b"question, then;answer\nHi;Hello\nHow, then;So\n") == [("Hi", "Hello"), ("How, then", "So")]


GERMAN = [("Haben Sie Öl für die Kette?", "Ja, für 9 €."), ("Grüße", "Schöne Grüße")]


@pytest.mark.parametrize("encoding", ["windows-1252", "CP1252", "iso-8859-15"])
def test_a_named_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    data = table(GERMAN, delimiter=";").encode(encoding)

    rows, conversion = convert_bytes(tmp_path, "data.csv", data, encoding=encoding)

    assert rows == [{"messages": said(*row)} for row in GERMAN]
    assert conversion.encoding == encoding.lower()


def test_json_lines_of_a_named_encoding_are_read(tmp_path: Path) -> None:
    data = "\n".join(json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) for row in GERMAN)

    rows, _ = convert_bytes(tmp_path, "data.jsonl", data.encode("cp1252"), encoding="cp1252")

    assert rows == [{"messages": said(*row)} for row in GERMAN]


@pytest.mark.parametrize(
    ("name", "data", "encoding", "why"),
    [
        ("a.csv", "question,answer\nHi,Grüße\n".encode("cp1252"), None, "byte 0xfc is not UTF-8; .*windows-1252"),
        ("a.csv", "question,für\nHi,Hello\n".encode("cp1252"), None, "the header has a byte 0xfc is not UTF-8; if"),
        ("a.jsonl", '{"question": "ü"}'.encode("cp1252"), None, r"not UTF-8 \(.*\); .*--encoding windows-1252"),
        ("a.csv", b"question,answer\nHi,\x81\n", "cp1252", "byte 0x81, the file's byte 20, is not cp1252"),
        ("a.csv", b"question,answer\nHi,Hello\n", "klingon", "there is no encoding 'klingon'; some are"),
        ("a.csv", b"question,answer\nHi,Hello\n", "base64", "there is no encoding 'base64'"),
        ("a.csv", b"\xef\xbb\xbfquestion,answer\nHi,Hello\n", "cp1252", "Unicode byte-order mark"),
        ("a.csv", b"\xff\xfeq\0", "cp1252", "Unicode byte-order mark"),
        ("a.csv", b"\xff\xfeq\0u", None, "is not utf-16"),
        ("a.csv", b"PK\x03\x04[Content_Types].xml", None, "the file is an Excel workbook"),
        ("a.jsonl", b"\x1f\x8b\x08", None, "the file is gzip. The service does not unpack|Unpack the file"),
    ],
)
def test_other_encodings_and_files_are_refused_with_the_remedy(
    tmp_path: Path, name: str, data: bytes, encoding: str | None, why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        convert_bytes(tmp_path, name, data, encoding=encoding)


pieces = st.sampled_from(
    ["question,answer", "Hi,Hello", 'a,"b', '"', '""', ",", "c", "\n", "\n", "\r\n", "\r", '"x","y"', "\t", ";"]
)


@given(data=st.lists(pieces, max_size=20).map("".join), suffix=st.sampled_from(["csv", "tsv"]))
@settings(max_examples=300)
def test_the_lines_of_any_table_add_up(folder: Path, data: str, suffix: str) -> None:
    source = folder / f"any.{suffix}"
    source.write_text(f"question,answer,label\n{data}\nHi,Hello,\n", "utf-8", newline="")

    try:
        found = convert_file(source, folder / "any.jsonl", overwrite=True, on_bad="skip")
    except InvalidInput:
        return  # one column or two of the same name

    lines = found.lines
    assert lines is not None
    assert lines.read == lines.header + lines.blank + lines.written + lines.left_out + lines.skipped
    assert lines.read == len(io.StringIO(source.read_text("utf-8"), newline=None).readlines())
    assert found.rows_written <= lines.written


def test_rows_of_several_lines_are_counted_and_the_first_named(tmp_path: Path) -> None:
    data = b'question,answer\na,b\nHi,"two\nlines"\nx,"three\n\nlines"\n\nonly one\n'

    _, conversion = convert_bytes(tmp_path, "data.csv", data, on_bad="skip")

    assert conversion.to_dict()["lines"] == {
        "read": 9,
        "header": 1,
        "blank": 1,
        "written": 6,
        "left_out": 0,
        "skipped": 1,
        "multiline_rows": 2,
        "first_multiline": 3,
        "doubtful_rows": 0,
        "first_doubtful": None,
    }


def test_rows_that_stray_quotes_may_have_joined_are_reported(tmp_path: Path) -> None:
    data = b'question,answer\na,b\nHi,"Hello\nc,d\ne,f"\ng,"two\nlines, or so"\n'

    _, conversion = convert_bytes(tmp_path, "data.csv", data)

    assert conversion.lines is not None
    assert (conversion.lines.multiline_rows, conversion.lines.doubtful_rows, conversion.lines.first_doubtful) == (
        2,
        1,
        3,
    )


@pytest.mark.parametrize("line", ['x","y', 'a,"b', '"', 'x,"', '""",', '","', '"a,b'])
def test_reading_again_is_limited_whatever_quotes_are_open(line: str) -> None:
    count = 3_000
    records = Records(TableLines(io.StringIO(f"{line}\n" * count)), delimiter=",")
    records.columns = 2

    found = list(records)

    assert sum(record.lines for record in found) == count
    assert vars_of(records, "_reread") <= 8 * vars_of(records, "_size") + (16 << 20)


def vars_of(records: Records, name: str) -> int:
    value: int = vars(records)[name]
    return value


def test_a_table_of_open_quotes_only_is_refused_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maas_client.datasets.convert.records.LONGEST", 1000)
    records = Records(TableLines(io.StringIO('x","y\n' * 5_000)), delimiter=",")
    records.columns = 10_000

    with pytest.raises(InvalidInput, match=r"line [0-9]+: too many quotation marks"):
        list(records)
