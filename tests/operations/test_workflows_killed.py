"""Whole jobs under `kill -9`: at whichever request it strikes, the same run again ends with one of everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.server import Server, serve

SCRIPT = Path(__file__).with_name("killed_runs.py")
ROOT = Path(__file__).parents[2]
STEP = "1" if os.environ.get("MAAS_THOROUGH") else "3"  # read before the tests take MAAS_* away


@pytest.fixture
def stepping_server() -> Iterator[Server]:
    """A server whose time passes when a caller polls."""
    with serve(clock="virtual", step_on_poll=120.0, job_seconds=600) as server:
        yield server


@pytest.fixture
def file(rows: Path) -> Path:
    """A job of a training and a validation file."""
    rows.with_name("validation.jsonl").write_bytes(rows.read_bytes() + b"\n")
    job = {
        "model": "Phi-4-mini-instruct",
        "training_data": "train.jsonl",
        "validation_data": "validation.jsonl",
        "epochs": 5,
    }
    file = rows.with_name("job.json")
    file.write_text(json.dumps(job), "utf-8")
    return file


def made(requests: list[Any], operation: str) -> list[str]:
    """What was made, in order; what was made twice is there twice."""
    return [entry["url"].partition("?")[0] for entry in requests if entry["operation"] == operation]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, which makes a process in a millisecond")
def test_killed_anywhere_it_ends_with_one_job_and_one_endpoint(
    stepping_server: Server, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    command = [sys.executable, str(SCRIPT), stepping_server.endpoint, str(file), str(out), STEP]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    results = [json.loads(each.read_text("utf-8")) for each in sorted(out.iterdir())]
    assert len(results) == int(done.stdout) >= 20
    requests = stepping_server.requests()
    for result in results:
        mine = [entry for entry in requests if entry["workspace"] == result["workspace"]]
        assert len(made(mine, "jobs.create")) == 1, result["workspace"]
        assert len(made(mine, "endpoints.create")) == 1, result["workspace"]
        assert len(made(mine, "data.create")) == 2, result["workspace"]
        assert result["reply"]["text"] == "answer 0"
        assert result["job"]["status"] == "Completed"
    assert len({result["job"]["name"] for result in results}) == len(results)
