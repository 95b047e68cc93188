"""The reference of fixtures, faults, operations and charges is complete."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from mock_server.faults.rule import Rule
from mock_server.journal.verdict import CHARGES

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the generated page."""
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    tables: Any = importlib.import_module("generated.mock_tables")  # Any: docs/ is no package
    text: str = tables.page()
    return text


def rows(page: str, section: str) -> set[str]:
    """Return the first cells of a section's tables."""
    return set(ROW.findall(page.partition(f"## {section}\n")[2].partition("\n## ")[0]))


def fixtures_of_pytest(folder: Path) -> set[str]:
    """Return the fixtures that pytest itself lists in a project."""
    command = [sys.executable, "-m", "pytest", "--fixtures", "-q", "-c", os.devnull, "--rootdir", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return set(re.findall(r"^(\w*maas\w*)", done.stdout, re.MULTILINE))


def test_every_fixture_is_in_the_reference(page: str, tmp_path: Path) -> None:
    assert rows(page, "Fixtures") == fixtures_of_pytest(tmp_path)


def test_the_guide_names_every_fixture(page: str) -> None:
    guide = (ROOT / "docs" / "site" / "offline-testing.md").read_text("utf-8")
    named = set(re.findall(r"`((?:async_)?maas\w*)`", guide))
    assert rows(page, "Fixtures") - named == {"maas_server_session"}


def test_every_field_of_a_fault_is_in_the_reference(page: str) -> None:
    assert rows(page, "Fields of a fault") == {field.name for field in fields(Rule)}


def test_every_operation_is_in_the_reference(page: str) -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "mock_server" / "surfaces").rglob("*.py")]
    named = {name for source in sources for name in re.findall(r'\(\s*"([a-z_]+(?:\.[a-z_]+)+)",', source)}
    hosts = {"ml.azure.com"}
    assert rows(page, "Operations") == {name for name in named - hosts if not name.startswith("mock.")}


def test_every_charge_is_in_the_reference(page: str) -> None:
    assert len(CHARGES) > 5
    assert rows(page, "Charges") == set(CHARGES)
