"""`maas run` on a terminal: the checklist during the run, and its end."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from screens import screen

from mock_server.server import Server, serve
from tests.cli.shell import ANSWER, MODEL

STEPS = ["check", "upload", "create", "train", "deploy", "answer", "chat"]


@pytest.fixture
def live_server() -> Iterator[Server]:
    """A real-time server with jobs of a few seconds."""
    with serve(workspaces=["work"], job_seconds=5) as server:
        yield server


@pytest.fixture
def file(live_server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rows: Sequence[str]) -> str:
    """A job file in the working directory; the environment names the workspace."""
    named = {
        "MAAS_ENDPOINT": live_server.endpoint,
        "AZURE_SUBSCRIPTION_ID": "sub",
        "AZURE_RESOURCE_GROUP": "group",
        "AZUREML_WORKSPACE_NAME": "work",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.jsonl").write_text("".join(f"{row}\n" for row in rows), "utf-8")
    (tmp_path / "validation.jsonl").write_text("".join(f"{row}\n" for row in rows[:1]), "utf-8")
    lines = [f"model: {MODEL}", "training_data: train.jsonl", "validation_data: validation.jsonl"]
    lines += ["name: shop", "epochs: 8"]
    (tmp_path / "job.yaml").write_text("\n".join(lines), "utf-8")
    return "job.yaml"


def listed(seen: str) -> dict[str, str]:
    """The mark of each step in the checklist."""
    lines = [line.split() for line in seen.splitlines()]
    return {words[1]: words[0] for words in lines if len(words) > 1 and words[0] in "✓▸✗·"}


@pytest.mark.parametrize(("columns", "lines"), [(60, 15), (120, 40)])
def test_the_checklist_has_marks_durations_and_the_loss(file: str, columns: int, lines: int) -> None:
    with screen("run", "-f", file, columns=columns, lines=lines) as shown:
        # The screen may be read while it is drawn: only complete checklists count.
        seen = shown.until(lambda text: "Running, step" in text and "loss" in text and list(listed(text)) == STEPS)
        code = shown.end()
        ended = shown.text
    assert [listed(seen)[step] for step in STEPS] == ["✓", "✓", "✓", "▸", "·", "·", "·"]
    assert "12 of 12 rows kept" in seen
    assert re.search(r"▸ train    0:0\d:\d\d", seen)
    assert max(map(len, seen.splitlines())) <= columns
    assert len(seen.rstrip().splitlines()) == len(STEPS)
    assert code == 0
    assert ANSWER in ended
    assert "next: maas chat shop-" in ended


def test_the_checklist_stays_above_the_result(file: str) -> None:
    with screen("run", "-f", file, columns=110, lines=40) as shown:
        assert shown.end() == 0
        first = shown.text
    with screen("run", "-f", file, columns=110, lines=40) as shown:
        assert shown.end() == 0
        again = shown.text
    for seen in (first, again):
        assert listed(seen) == dict.fromkeys(STEPS, "✓")
        assert seen.index("✓ chat") < seen.index("tuned model") < seen.index("next: ")
    assert first.count("(already done)") == 0
    assert again.count("(already done)") == 5


def test_ctrl_c_leaves_the_checklist_and_the_resume_command(file: str, live_server: Server) -> None:
    with screen("run", "-f", file, columns=100, lines=30) as shown:
        shown.shows("▸ train")
        shown.type("\x03")
        code = shown.end()
        stopped = shown.text
    assert code == 130
    assert "▸ train" in stopped
    assert "interrupted; in step train: the service keeps working on what was created" in stopped
    assert "resume with: maas run --file job.yaml" in stopped
    assert "Traceback" not in stopped
    with screen("run", "-f", file, columns=100, lines=30) as shown:
        assert shown.end() == 0
    assert [entry["operation"] for entry in live_server.requests()].count("jobs.create") == 1


def test_a_run_resumes_after_kill_9(file: str, live_server: Server) -> None:
    live_server.fault(job="stall", seconds=3600)
    command = [sys.executable, "-m", "maas_client", "run", "-f", file, "--output", "json"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert any("Z  train  " in line for line in running.stderr)
        running.kill()
    assert running.returncode == -9
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as resumed:
        assert resumed.stderr is not None
        assert any("Z  train  " in line for line in resumed.stderr)
        live_server.advance(3700)
        printed, notes = resumed.communicate()
    assert resumed.returncode == 0, notes
    assert json.loads(printed)["made"] == ["check", "train", "deploy", "answer", "chat"]
    made = [entry["operation"] for entry in live_server.requests() if entry["operation"].endswith(".create")]
    assert sorted(made) == ["data.create", "data.create", "endpoints.create", "jobs.create"]


def test_a_failed_job_marks_its_step_and_shows_the_error(file: str, live_server: Server) -> None:
    live_server.fault(job="fail", reason="out of memory", count=1)
    with screen("run", "-f", file, columns=100, lines=30) as shown:
        code = shown.end()
    assert code == 5
    assert listed(shown.text)["train"] == "✗"
    assert "out of memory" in shown.text
    assert "create another job with: maas run --file job.yaml --again" in shown.text


def test_notes_are_shown_below_the_checklist(file: str, tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text(f'[models."{MODEL}"]\ntraining_per_million_tokens = 1000\ncurrency = "EUR"\n', "utf-8")
    with screen("run", "-f", file, "--prices", "prices.toml", "--no-wait", columns=100, lines=30) as shown:
        assert shown.end() == 0
    assert list(listed(shown.text)) == ["check", "upload", "create"]
    assert shown.text.count("✓ check") == 1
    assert shown.text.index("✓ create") < shown.text.index("training costs about ")


def test_a_warning_does_not_break_the_checklist(file: str) -> None:
    old = ["--set", "model=Phi-3-mini-4k-instruct", "--no-wait"]
    with screen("run", "-f", file, *old, columns=70, lines=24) as shown:
        assert shown.end() == 0
    marks = [line[0] for line in shown.lines if line[:1] in "✓▸✗·" and line]
    assert marks == ["✓"] * 3
    assert "warning: Phi-3-mini-4k-instruct was retired on" in shown.text
    assert shown.text.index("✓ create") < shown.text.index("warning: ") < shown.text.index("status")


def test_without_colours_the_checklist_is_drawn(file: str) -> None:
    with screen("run", "-f", file, "--no-wait", columns=100, lines=30, NO_COLOR="1") as shown:
        assert shown.end() == 0
    assert shown.text.count("✓") == 3
    assert shown.colours == {"default"}


def test_on_a_dumb_terminal_the_steps_are_lines(file: str) -> None:
    with screen("run", "-f", file, "--no-wait", columns=100, lines=30, TERM="dumb") as shown:
        assert shown.end() == 0
    assert listed(shown.text) == {}
    assert "Z  create  shop-" in shown.text
