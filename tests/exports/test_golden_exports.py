"""The export of the example job for each target is the one that is stored: `MAAS_GOLDEN=renew` stores it anew."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from maas_client import JobFile, export_job
from maas_client.exports.targets import TARGETS
from tests.exports.jobs import EXAMPLE, MODELS

GOLDEN = Path(__file__).parent / "golden"
RENEWED = os.environ.get("MAAS_GOLDEN") == "renew"


def contents(folder: Path) -> dict[str, str]:
    """Return the text of every file in a folder by its path; scripts are stored as text, which no checker reads."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix().replace(".py.txt", ".py"): path.read_text("utf-8") for path in files}


def store(folder: Path, stored: Path) -> None:
    """Store the files of a folder anew."""
    shutil.rmtree(stored, ignore_errors=True)
    shutil.copytree(folder, stored)
    for path in stored.rglob("*.py"):
        path.rename(path.with_name(f"{path.name}.txt"))


@pytest.mark.parametrize("target", TARGETS)
def test_the_example_is_exported_as_stored(target: str, tmp_path: Path) -> None:
    file = JobFile.read(EXAMPLE, overrides=[("model", MODELS[target])] if target in MODELS else [])
    export_job(file, target, to=tmp_path / target)
    if RENEWED:
        store(tmp_path / target, GOLDEN / target)
    assert contents(tmp_path / target) == contents(GOLDEN / target), "if it is meant, renew with MAAS_GOLDEN=renew"
