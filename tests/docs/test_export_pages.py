"""The pages on exports: every platform, every hyperparameter and every method is on them."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from maas_client import Hyperparameters
from maas_client.exports.targets import TARGETS, find_target
from maas_client.job_files.keys import ADAPTERS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the generated page."""
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    generated: Any = importlib.import_module("generated.export_tables")  # Any: docs/ is no package
    written: str = generated.page()
    return written


def test_the_tables_have_every_platform_and_hyperparameter(tables: str) -> None:
    rows = [line.strip("| ").split(" | ") for line in tables.splitlines() if line.startswith("| ")]
    assert rows[0] == ["hyperparameter", *TARGETS]
    names = [*Hyperparameters.model_fields, *(f"adapter: {adapter}" for adapter in ADAPTERS)]
    assert [row[0].strip("`") for row in rows[1 : len(names) + 1]] == names
    assert {len(row) for row in rows[: len(names) + 1]} == {len(TARGETS) + 1}
    for target in TARGETS:
        assert f"## {find_target(target).title}\n" in tables
        assert f"--for {target} " in tables


def test_the_guide_names_every_platform_and_what_it_trains_on() -> None:
    guide = (ROOT / "docs" / "site" / "exports.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in guide.splitlines() if re.match("[|] `[a-z]", line)]
    words = {row[0].strip("`"): row[-1] for row in rows if len(row) == 4}
    assert {name: said == "all" for name, said in words.items()} == {
        name: find_target(name).all_tokens for name in TARGETS
    }
