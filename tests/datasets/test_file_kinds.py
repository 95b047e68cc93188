"""Files of another kind, and rows of other tools: each is named, with what can be done."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import sqlite3
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from maas_client import CheckReport
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.rules import RULES

ROWS = b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n' * 12


def archive(name: str) -> bytes:
    """A zip archive with one file of this name; without the time of a clock, whose bytes may be a line end."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr(zipfile.ZipInfo(name), ROWS)
    return packed.getvalue()


def check(data: bytes) -> CheckReport:
    """Check a file."""
    checker = CheckOptions().checker(name="train.jsonl")
    checker.feed(data)
    return checker.finish()


KINDS: dict[str, tuple[bytes, str, str]] = {
    "gzip": (gzip.compress(ROWS), "file-is-compressed", "the file is gzip"),
    "bzip2": (bz2.compress(ROWS), "file-is-compressed", "the file is bzip2"),
    "xz": (lzma.compress(ROWS), "file-is-compressed", "the file is xz"),
    "zip": (archive("train.jsonl"), "file-is-compressed", "the file is a zip archive"),
    "workbook": (archive("[Content_Types].xml"), "file-is-table", "the file is an Excel workbook"),
    "parquet": (b"PAR1" + bytes(20), "file-is-table", "the file is a Parquet file"),
    "arrow": (b"ARROW1\0\0" + bytes(20), "file-is-table", "the file is an Arrow file"),
    "page": (b"\n  <HTML><body>Sign in</body></HTML>", "file-is-web-page", "the file is a web page, not JSON lines"),
    "error": (b"<?xml version='1.0'?><Error/>", "file-is-web-page", "the file is a web page, not JSON lines"),
    "pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        "file-is-pointer",
        "the file is a Git LFS pointer, not the file itself",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_another_kind_is_named_once(kind: str) -> None:
    data, rule, message = KINDS[kind]
    report = check(data)
    named = [finding for finding in report.findings if finding.rule == rule]
    assert [(finding.line, finding.message) for finding in named] == [(None, message)]
    assert report.findings.index(named[0]) == 0 or RULES[rule].severity == "refused"
    assert not report.ok


def test_a_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    connection = sqlite3.connect(file)
    connection.execute("create table rows (text)")
    connection.commit()
    connection.close()
    assert "file-is-table" in check(file.read_bytes()).counts


@pytest.mark.parametrize("first", [b'{"text": "version https://git-lfs"}', b'"<html>"', b'{"PK": "PAR1"}', b"<br>"])
def test_rows_that_mention_other_kinds_are_rows(first: bytes) -> None:
    assert not [rule for rule in check(first + b"\n" + ROWS + b"<html>").counts if rule.startswith("file-is")]
    later = CheckOptions().checker(continues=True)
    later.feed(b"<html>\n")
    assert "file-is-web-page" not in later.finish().counts


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"instruction": "a", "output": "b"}, "`maas convert` converts them"),
        ({"conversations": []}, "`maas convert` converts them"),
        ({"contents": []}, "these are Gemini's rows, without messages: `maas convert` converts them"),
        ({"query": [], "response": []}, "as of agents and evaluations, without messages: `maas convert`"),
        ({"user": "a", "assistant": "b"}, "`maas convert` converts them"),
        ({"question": "a", "answer": "b"}, "`maas convert` converts them"),
        ({"input": {}, "preferred_output": [], "non_preferred_output": []}, "does not train on preferences"),
        ({"prompt": "a", "chosen": "b", "rejected": "c"}, "makes chat rows of the preferred answers"),
        ({"conversations": [], "label": True}, "KTO rows in ShareGPT's columns"),
        ({"instruction": "a", "output": "b", "kto_tag": True}, "leaves out the answers that are marked as bad"),
        ({"schemaVersion": "x", "system": [], "turns": []}, "Bedrock's columns"),
        (
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "function_call": {"name": "f"}}]},
            "the call is in function_call, the form of 2023",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": "a"},
                    {"role": "assistant", "content": "", "function_call": {"name": "f"}},
                ]
            },
            "`maas convert` writes function_call as tool calls",
        ),
        ({"messages": [{"role": "user", "content": "a"}], "reference_answer": "b"}, "is for a grader"),
        ({"messages": [{"role": "system", "content": "a"}] * 2, "ground_truth": "b"}, "reinforcement fine-tuning"),
        ({"messages": [{"role": "user", "content": "a"}] * 2, "expected_output": "b"}, "reinforcement fine-tuning"),
    ],
)
def test_rows_of_other_tools_are_named_with_the_remedy(row: dict[str, Any], words: str) -> None:
    [finding] = [finding for finding in check(ROWS + json.dumps(row).encode()).findings if finding.line == 13]
    assert words in finding.message
