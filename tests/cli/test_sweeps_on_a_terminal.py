"""`maas sweep` and `maas demo` on a terminal: the live view, and what is left below it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from screens import screen

from mock_server.server import Server
from tests.cli.shell import MODEL
from tests.cli.test_watching_on_a_terminal import Create, create, live_server

__all__ = ["create", "live_server"]  # fixtures


@pytest.fixture
def file(create: Create, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: Sequence[str]) -> str:
    """A sweep of three jobs, in the folder of the command; the environment selects the workspace."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.jsonl").write_text("".join(f"{row}\n" for row in rows), "utf-8")
    rates = {"num_train_epochs": 8, "learning_rate": [1e-3, 1e-4, 1e-5]}
    swept = {"model": MODEL, "training_data": "train.jsonl", "name": "shop", "hyperparameters": rates}
    (tmp_path / "sweep.json").write_text(json.dumps(swept), "utf-8")
    return "sweep.json"


@pytest.mark.parametrize("columns", [60, 120])
def test_a_sweep_is_a_board_with_a_line_per_job(file: str, columns: int) -> None:
    with screen("sweep", "-f", file, "--parallel", "2", columns=columns, lines=24) as shown:
        seen = shown.until(lambda text: text.count("Running") == 2 and text.count("not created") == 1)
        code = shown.end()
    assert code == 0
    jobs = [line for line in seen.splitlines() if line.startswith("shop-")]
    assert len(jobs) == 3
    assert "not created" in jobs[-1]
    assert max(map(len, seen.splitlines())) <= columns
    assert "next: maas deploy shop-" in shown.text
    assert "Traceback" not in shown.text


def test_ctrl_c_leaves_the_board_and_the_resume_command(file: str, live_server: Server) -> None:
    with screen("sweep", "-f", file, columns=100, lines=24) as shown:
        shown.shows("Running")
        shown.type("\x03")
        assert shown.end() == 130
    assert "interrupted; the jobs keep running" in shown.text
    assert "resume with: maas sweep --file sweep.json --resume" in shown.text


def test_the_demo_watches_its_job_live() -> None:
    with screen("demo", columns=80, lines=40) as shown:
        seen = shown.until(lambda text: "╭─ ft-demo ─" in text and "Running" in text and text.rstrip().endswith("╯"))
        code = shown.end()
    assert code == 0
    assert "$ maas jobs watch ft-demo" in seen
    assert "Done: " in shown.text
    assert max(map(len, seen.splitlines())) <= 80
