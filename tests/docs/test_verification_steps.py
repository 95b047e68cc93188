"""The page on the steps of a verification has each of them, with what it costs and sends."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from maas_client.verification.steps import STEPS

ROOT = Path(__file__).parents[2]


def test_the_page_has_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    steps: Any = importlib.import_module("generated.verification_steps")  # Any: docs/ is no package
    page: str = steps.page()
    for step in STEPS:
        row = next(line for line in page.splitlines() if line.startswith(f"| {step.name} |"))
        assert step.says in row
        assert step.price in row
        assert all(f"`{name}`" in row for name in step.operations)
