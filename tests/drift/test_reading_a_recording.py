"""A recording is read line by line, and an error says which line is none."""

from __future__ import annotations

import json

import pytest

from maas_client import MaasError
from maas_client.drift.cassette import parse_recording
from maas_client.drift.exchange import BodyKind

LINE = {
    "cassette": 1,
    "n": 3,
    "at": 1.5,
    "operation": "foundry.files.get",
    "method": "GET",
    "url": "https://account-1.openai.azure.com/openai/v1/files/file-1",
    "request": {"headers": {"Accept": "application/json"}, "body": None, "credential": "api-key"},
    "status": 200,
    "headers": {"ETag": "id-1"},
    "body": {"json": {"id": "file-1"}},
}


def test_a_line_is_an_exchange() -> None:
    [one] = parse_recording(json.dumps(LINE) + "\n", "a.jsonl")
    assert (one.number, one.at, one.label, one.credential) == (3, 1.5, "foundry.files.get", "api-key")
    assert (one.headers, one.body_kind) == ({"etag": "id-1"}, BodyKind.JSON)
    assert one.request_headers == {"accept": "application/json"}


def test_an_empty_body_is_known_and_one_left_out_is_not() -> None:
    left_out = {name: value for name, value in LINE.items() if name != "body"}
    lines = "\n".join(map(json.dumps, [LINE | {"body": None}, left_out]))
    assert [one.body_kind for one in parse_recording(lines, "a")] == [BodyKind.EMPTY, BodyKind.NOT_KEPT]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"a\.jsonl, line 2 is not JSON"),
        ("[]", r"line 2 has no version of the format"),
        ('{"cassette": 2}', r"line 2 has version 2 of the format of recordings; 1 can be read"),
        ('{"cassette": 1}', r"line 2 lacks a method, a URL or a status"),
        ('{"cassette": 1, "method": "GET", "url": "u", "status": "200"}', r"line 2 lacks a method, a URL or a status"),
    ],
)
def test_an_error_names_the_line(line: str, message: str) -> None:
    with pytest.raises(MaasError, match=message):
        parse_recording(f"{json.dumps(LINE)}\n{line}\n", "a.jsonl")


def test_a_recording_has_at_least_one_exchange() -> None:
    with pytest.raises(MaasError, match="has no exchanges"):
        parse_recording("\n", "a.jsonl")
