"""`maas drift` compares recordings, and a recording with the mock server."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.cli.shell import Shell
from tests.drift.recordings import FILE

Write = Callable[[str, Sequence[str]], str]

ASKED: dict[str, Any] = {
    "cassette": 1,
    "n": 0,
    "at": 0.0,
    "seconds": 0.1,
    "operation": "foundry.files.list",
    "method": "GET",
    "url": "https://account-1.openai.azure.com/openai/v1/files",
    "request": {"headers": {}, "body": None, "credential": "bearer"},
    "status": 200,
    "headers": {"apim-request-id": "id-1", "content-type": "application/json"},
    "body": {"json": {"object": "list", "data": [FILE], "has_more": False}},
}


@pytest.fixture
def recordings(write: Write) -> dict[str, str]:
    """Recordings by what is special about them."""
    with_news, with_text = dict(FILE, color="red"), dict(FILE, bytes="1")
    bodies = {"usual": FILE, "news": with_news, "text": with_text}
    return {
        name: write(
            f"{name}.jsonl", [json.dumps(ASKED | {"body": {"json": {**ASKED["body"]["json"], "data": [body]}}})]
        )
        for name, body in bodies.items()
    }


def test_equal_recordings_have_no_differences(maas: Shell, recordings: dict[str, str]) -> None:
    assert maas.done("drift", recordings["usual"], recordings["usual"]) == "no differences: 1 and 1 requests\n"


def test_an_addition_is_shown_and_does_not_fail(maas: Shell, recordings: dict[str, str]) -> None:
    shown = maas.done("drift", recordings["usual"], recordings["news"])
    assert "additions:\n" in shown
    assert "foundry.files.list  field on one side  200 /data/*/color" in shown


def test_a_contradiction_fails(maas: Shell, recordings: dict[str, str]) -> None:
    result = maas("drift", recordings["usual"], recordings["text"])
    assert result.exit_code == 7
    assert "foundry.files.list  other type  200 /data/*/bytes  integer      string" in result.stdout
    assert "error: 1 contradictions between the sides, 1 with the contract" in result.stderr


def test_the_report_in_json_has_both_sides(maas: Shell, recordings: dict[str, str]) -> None:
    result = maas("drift", recordings["usual"], recordings["text"], "--output", "json")
    report = json.loads(result.stdout)
    assert [one["where"] for one in report["contradictions"]] == ["200 /data/*/bytes"]
    assert [one["where"] for one in report["right"]["contract"]] == ["/data/*/bytes"]
    assert report["left"]["contract"] == report["additions"] == report["not_comparable"] == []


def test_the_report_in_markdown_can_be_filed(maas: Shell, recordings: dict[str, str]) -> None:
    result = maas("drift", recordings["usual"], recordings["text"], "--output", "markdown")
    assert "## Contradictions\n\n| operation | difference | where | A | B | requests |\n" in result.stdout
    assert "| foundry.files.list | other type | 200 /data/\\*/bytes | integer | string |  |" in result.stdout
    assert "## Additions\n\nNone.\n" in result.stdout


def test_the_mock_is_asked_what_the_recording_asked(maas: Shell, recordings: dict[str, str]) -> None:
    result = maas("drift", recordings["usual"], "mock", "--output", "json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["contradictions"], report["right"]["requests"]) == (0, [], 1)


def test_a_second_recording_has_to_exist(maas: Shell, recordings: dict[str, str]) -> None:
    result = maas("drift", recordings["usual"], "missing.jsonl")
    assert result.exit_code == 2
    assert "give a second recording, or mock for the mock server" in result.stderr
