"""A dataset of many files is checked on a dask cluster, with the report of one machine."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import reduce
from importlib import util
from operator import add
from pathlib import Path
from typing import Any

import pytest

from maas_client import CheckOptions, CheckReport

pytest.importorskip("distributed")
EXAMPLE = Path(__file__).parents[2] / "examples" / "check_on_dask.py"
PATIENCE = 120


def example() -> Any:
    """Return the example as a module. Any: its functions are looked up by name."""
    spec = util.spec_from_file_location("check_on_dask", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def row(number: int) -> str:
    answer = "" if number % 17 == 0 else f"It is {number}."
    turns = [{"role": "user", "content": f"Question {number}?"}, {"role": "assistant", "content": answer}]
    return json.dumps({"messages": turns, "id": number if number % 50 else str(number)}) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files of rows, some of them bad, one of them empty."""
    for name, numbers in {"a": range(1, 80), "b": range(0), "c": range(80, 200)}.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(map(row, numbers)), "utf-8")
    return tmp_path


def expected(folder: Path, name: str) -> CheckReport:
    checker = CheckOptions().checker(name=name)
    for path in sorted(folder.glob("*.jsonl")):
        checker.feed(path.read_bytes())
    return checker.finish()


@pytest.mark.parametrize("size", [1, 50, 100, 1000, 1 << 20])
def test_ranges_of_any_size_give_the_same_report(folder: Path, size: int) -> None:
    module = example()

    parts = module.ranges(f"{folder}/*.jsonl", size)
    report = reduce(add, (module.check_range(part, CheckOptions()) for part in parts))

    assert report == expected(folder, "a.jsonl")
    assert report.counts["chat-answer-empty"] == 11


def test_a_cluster_on_this_machine_merges_to_the_same_report(folder: Path) -> None:
    command = [sys.executable, str(EXAMPLE), f"{folder}/*.jsonl"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)

    report = expected(folder, "a.jsonl")
    assert done.stdout.splitlines()[-1] == report.summary
    assert len(done.stdout.splitlines()) == len(report.groups) + 1
    assert done.returncode == 6
