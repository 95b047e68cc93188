"""Repairing bytes: what comes out, and what is said about it."""

from __future__ import annotations

from pathlib import Path

from maas_client.catalog.model_facts import ModelFacts
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.report import CheckReport
from maas_client.datasets.json_recovery.pieces import LONGEST
from maas_client.datasets.repair.changes import Repair
from maas_client.datasets.repair.file_repair import fix_file
from maas_client.datasets.rows.schemas import Task


def repaired(
    folder: Path,
    data: bytes,
    *,
    model: ModelFacts | None = None,
    task: Task | None = None,
    keep: int = 20,
    longest: int = LONGEST,
) -> tuple[bytes, Repair]:
    """Return the repaired bytes, and the account of it; the source is as it was."""
    source, target = folder / "source.jsonl", folder / "target.jsonl"
    source.write_bytes(data)
    repair = fix_file(source, target, model=model, task=task, overwrite=True, keep=keep, longest=longest)
    assert source.read_bytes() == data
    return target.read_bytes(), repair


def checked(data: bytes, *, model: ModelFacts | None = None, task: Task | None = None) -> CheckReport:
    """Return the check's report on bytes."""
    checker = CheckOptions(model=model, task=task).checker()
    checker.feed(data)
    return checker.finish()
