"""`maas eval`: compare endpoints."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.shell import ANSWER, Shell, chat_row

QUESTION = "When do you open?"


def test_endpoints_are_compared_and_the_worst_rows_shown(maas: Shell, endpoint: str, tmp_path: Path) -> None:
    rows = [chat_row(QUESTION, ANSWER), chat_row(QUESTION, "Something else entirely."), '{"messages": []}']
    (tmp_path / "validation.jsonl").write_text("\n".join(rows) + "\n", "utf-8")

    result = maas("eval", endpoint, "--validation-data", "validation.jsonl")
    document = json.loads(
        maas.done("eval", endpoint, "--validation-data", "validation.jsonl", "--rows", "1", "--output", "json")
    )

    assert result.exit_code == 0
    summary, worst = result.stdout.splitlines()[1], result.stdout.splitlines()[3]
    assert summary.split()[:5] == ["shop", "2", "0", "50.0%", "50.0%"]
    assert worst.split()[0] == "2"
    assert "1 line has no final assistant message" in result.stderr
    assert [row["line"] for row in document["rows"]] == [1]
    assert document["endpoints"][0]["exact"] == 1


def test_an_unknown_endpoint_is_reported(maas: Shell, tmp_path: Path) -> None:
    (tmp_path / "validation.jsonl").write_text(chat_row("When?", "Now.") + "\n", "utf-8")
    result = maas("eval", "nobody", "--validation-data", "validation.jsonl")
    assert result.exit_code != 0
    assert "nobody" in result.stderr
