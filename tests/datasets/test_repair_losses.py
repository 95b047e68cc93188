"""A repair never costs what the service would have kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from repaired import checked, repaired

SPREAD = b'{\n  "text": "a",\n  "ground_truth": "b"\n}\n'
ROWS = [json.dumps({"prompt": f"p{number}", "completion": "c"}).encode() + b"\n" for number in range(30)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all examples of a test."""
    return tmp_path_factory.mktemp("losses")


def test_a_row_of_another_kind_is_not_put_first(folder: Path) -> None:
    source = SPREAD + b"".join(ROWS)

    out, repair = repaired(folder, source)

    assert out == source
    assert checked(out).kept == 30
    assert "30 rows" in repair.withheld
    assert repair.counts == {}
    assert repair.withheld in repair.summary


def test_duplicates_stay_if_the_file_would_be_too_short(folder: Path) -> None:
    source = ROWS[0] * 12

    out, repair = repaired(folder, source)

    assert out == source
    assert checked(out).ok
    assert "accept" in repair.withheld


def test_duplicates_are_removed_if_enough_rows_are_left(folder: Path) -> None:
    out, repair = repaired(folder, b"".join(ROWS) + ROWS[0])

    assert out == b"".join(ROWS)
    assert not repair.withheld
