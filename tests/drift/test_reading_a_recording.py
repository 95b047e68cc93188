"""A recording is read line by line, and an error says which line is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maas_client import MaasError
from maas_client.drift.cassette import read_recording
from maas_client.drift.exchange import BodyKind, ComparedExchange

LINE = {
    "cassette": 1,
    "n": 3,
    "at": 1.5,
    "seconds": 0.1,
    "operation": "foundry.files.get",
    "method": "GET",
    "url": "https://account-1.openai.azure.com/openai/v1/files/file-1",
    "request": {"headers": {"accept": "application/json"}, "body": None, "credential": "api-key"},
    "status": 200,
    "headers": {"etag": "id-1"},
    "body": {"json": {"id": "file-1"}},
}


def read(folder: Path, *lines: str) -> tuple[ComparedExchange, ...]:
    """Read a recording of these lines."""
    path = folder / "a.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return read_recording(path)


def test_a_line_is_an_exchange(tmp_path: Path) -> None:
    [one] = read(tmp_path, json.dumps(LINE))
    assert (one.n, one.at, one.label, one.credential) == (3, 1.5, "foundry.files.get", "api-key")
    assert (one.headers, one.body_kind) == ({"etag": "id-1"}, BodyKind.JSON)
    assert one.request_headers == {"accept": "application/json"}


def test_an_empty_body_is_known(tmp_path: Path) -> None:
    assert [one.body_kind for one in read(tmp_path, json.dumps(LINE | {"body": None}))] == [BodyKind.EMPTY]


def test_an_operation_is_found_where_none_is_recorded(tmp_path: Path) -> None:
    assert [one.label for one in read(tmp_path, json.dumps(LINE | {"operation": None}))] == ["foundry.files.get"]


@pytest.mark.parametrize("line", ["{", "[]", '{"cassette": 2}', '{"cassette": 1}'])
def test_an_error_names_the_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(MaasError, match=r"a\.jsonl, line 2: "):
        read(tmp_path, json.dumps(LINE), line)


@pytest.mark.parametrize("content", [b"\x00\x01\xff", b"\x00\xff\n", b"hello", b"hello\n", b"\xff\xfe{\x00"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(MaasError, match=r"a\.jsonl, line 1: "):
        read_recording(path)


def test_a_number_without_bounds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MaasError, match=r"a\.jsonl, line 1: "):
        read(tmp_path, json.dumps(LINE).replace('"n": 3', '"n": 1e999'))


def test_an_editors_marks_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f"{json.dumps(LINE)}\n\n{json.dumps(LINE)}", "utf-8-sig")
    assert len(read_recording(path)) == 2
    path.write_text(f'{json.dumps(LINE)}\n{{"cassette": 1, "n', "utf-8")
    assert len(read_recording(path)) == 1


def test_a_recording_has_at_least_one_exchange(tmp_path: Path) -> None:
    with pytest.raises(MaasError, match="has no exchanges"):
        read(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "FOO BAR"},
        {"url": 5},
        {"url": "https://management.azure.com/a b"},
        {"url": "https://management.azure.com/\ud800"},
        {"at": -1},
        {"at": 1e300},
        {"status": "200"},
        {"status": True},
        {"operation": 5},
        {"failure": []},
        {"headers": []},
        {"body": {"events": 5}},
        {"body": {"xml": 5}},
        {"body": 5},
        {"request": {"headers": {}, "body": {"data": 5}}},
        {"request": {"headers": {}, "body": None, "credential": 5}},
    ],
    ids=str,
)
def test_what_no_recorder_writes_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(MaasError, match=r"exchange 3 has a [a-z]+ that no recorder writes"):
        read(tmp_path, json.dumps(LINE | wrong))


def test_a_header_that_cannot_be_sent_is_left_out(tmp_path: Path) -> None:
    [one] = read(tmp_path, json.dumps(LINE | {"headers": {"etag": "a\nb", "location": 5, "x": "y"}}))
    assert one.headers == {"x": "y"}
