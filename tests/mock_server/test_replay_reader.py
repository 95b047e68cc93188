"""A cassette is read as it was written, and a damaged one is refused with the line that is damaged."""

import json
from pathlib import Path

import pytest

from mock_server.replay.reader import CassetteError, read_cassette
from tests.mock_server.cassettes import Json, cassette, line, written


def damaged(path: Path, *lines: str) -> str:
    """Return the error for a file of these lines."""
    file = path / "job.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    with pytest.raises(CassetteError) as caught:
        read_cassette(file)
    return str(caught.value)


def test_exchanges_are_read_in_the_order_of_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "cassette.jsonl"
    lines = [json.dumps({**line("GET", url), "n": number}) for number, url in ((3, ""), (7, "/jobs"), (7, "/data"))]
    file.write_text(f"{lines[0]}\n\n{lines[1]}\n{lines[2]}", "utf-8")
    assert [one.n for one in read_cassette(file).exchanges] == [3, 7, 7]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"n": -1}, "`n` must be the number"),
        ({"n": True}, "`n` must be the number"),
        ({"at": "soon"}, "`at` must be seconds"),
        ({"seconds": -1}, "`seconds` must be seconds"),
        ({"method": "get"}, "`method` must be an HTTP method"),
        ({"url": "ftp://host"}, "`url` must be an http"),
        ({"request": None}, "`request` must be an object"),
        ({"status": None}, "`failure` must be one of"),
        ({"status": 99}, "`status` must be an HTTP status"),
        ({"headers": {"etag": 1}}, "`headers` must be an object of strings"),
        ({"body": {}}, "`body` must be null, or an object with one of json"),
        ({"body": {"xml": 1}}, "`body.xml` has the wrong type"),
        ({"body": {"data": {}}}, "`body.data.bytes` must be a number"),
        ({"request": {"body": {"form": [1]}}}, "`request.body.form` must be an array of objects"),
    ],
    ids=str,
)
def test_a_damaged_member_is_refused_with_its_line(tmp_path: Path, change: Json, problem: str) -> None:
    lines = [json.dumps({**line("GET", ""), "n": 0}), json.dumps({**line("GET", ""), "n": 1, **change})]
    message = damaged(tmp_path, *lines)
    assert f"job.jsonl, line 2 is damaged: {problem}" in message
    assert message.endswith("Restore the file, or record it again")


def test_a_line_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    whole = json.dumps(line("GET", ""))
    assert "line 2 is damaged: its end is missing: the recording was stopped" in damaged(tmp_path, whole, whole[:40])
    assert "line 1 is damaged: it is not JSON" in damaged(tmp_path, whole[:40], whole)


def test_a_file_of_other_json_is_no_cassette(tmp_path: Path) -> None:
    assert "line 1 is damaged: it has no `cassette`" in damaged(tmp_path, '{"messages": []}')
    assert "line 1 is damaged: it is not a JSON object" in damaged(tmp_path, "[]")


def test_another_version_is_refused_with_its_line(tmp_path: Path) -> None:
    later = json.dumps({**line("GET", ""), "cassette": 2})
    message = damaged(tmp_path, json.dumps(line("GET", "")), later)
    assert "line 2: the cassette has version 2, and this reads version 1" in message


def test_an_empty_or_missing_file_is_refused(tmp_path: Path) -> None:
    assert "has no exchange" in damaged(tmp_path, "", "")
    with pytest.raises(CassetteError, match="cannot be read as a cassette"):
        read_cassette(tmp_path / "none.jsonl")


def test_an_exchange_without_an_answer_is_read(tmp_path: Path) -> None:
    lost = line("PUT", "/jobs/job-1", None, failure="timeout")
    assert cassette(tmp_path, lost).exchanges[0].status is None


def test_headers_are_read_in_any_case(tmp_path: Path) -> None:
    file = written(tmp_path / "c.jsonl", line("GET", "", headers={"ETag": "etag-1"}))
    assert dict(read_cassette(file).exchanges[0].headers) == {"etag": "etag-1"}
