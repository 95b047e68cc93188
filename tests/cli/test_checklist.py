"""The checklist of `maas run`: upload progress, alarms and truncation."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from maas_client import Job, JobStatus, MetricPoint, StepUpdate, TransferProgress
from maas_client.cli.live.run_checklist import LATEST_NOTES, Checklist
from maas_client.workflow.steps import STEPS

RUNNING = Job(name="ft-1", status=JobStatus.RUNNING)


def drawn(shown: Checklist, width: int = 100) -> list[str]:
    """Return the drawn lines."""
    out = StringIO()
    Console(file=out, width=width, color_system=None).print(shown)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def points(*values: float) -> tuple[MetricPoint, ...]:
    """Return points of a metric, ten steps apart."""
    return tuple(MetricPoint(step=10 * number, value=value) for number, value in enumerate(values, 1))


def uploading(progress: TransferProgress) -> str:
    """The line of an upload with this progress."""
    shown = Checklist(STEPS)
    shown.on_step(StepUpdate(step="upload", state="began"))
    shown.on_step(StepUpdate(step="upload", state="goes on", text="train.jsonl"))
    shown.on_progress(progress)
    return drawn(shown)[1]


def test_an_upload_has_a_bar_and_says_whether_it_reads_or_sends() -> None:
    reading = uploading(TransferProgress(0, 100 << 20, read=25 << 20))
    sending = uploading(TransferProgress(50 << 20, 100 << 20, resumed=25 << 20))
    assert reading.startswith("▸ upload   0:00:0")
    assert reading.endswith("reading 25.0 MiB of 100.0 MiB (25 %)")
    assert sending.endswith("sent 75.0 MiB of 100.0 MiB (75 %)")
    assert 0 < reading.count("━") <= 24
    assert "train.jsonl" in reading


def test_training_shows_step_and_loss_and_an_alarm_on_divergence() -> None:
    shown = Checklist(STEPS)
    shown.on_step(StepUpdate(step="train", state="began"))
    shown.on_step(StepUpdate(step="train", state="goes on", text="Running", job=RUNNING))
    assert shown.is_training
    shown.metrics = {"loss": points(3.0, 1.0), "eval_loss": points(2.5)}
    line = drawn(shown)[3]
    assert line.endswith("Running, step 20, loss █▁ 1, eval loss 2.5")
    shown.metrics = {"loss": points(3.0, float("nan"))}
    assert any(line.startswith("! ") for line in drawn(shown))


def test_a_done_step_keeps_its_text_and_is_marked_already_done() -> None:
    shown = Checklist(STEPS[:4])
    shown.on_step(StepUpdate(step="create", state="began"))
    shown.on_step(StepUpdate(step="create", state="done", text="ft-1:\nRunning", already=True, job=RUNNING))
    assert drawn(shown)[2] == "✓ create   0:00:00 ft-1: Running (already done)"
    assert not shown.is_training


def test_the_step_under_way_is_the_one_that_fails() -> None:
    shown = Checklist(STEPS)
    for state in ("began", "done"):
        shown.on_step(StepUpdate(step="check", state=state))
    shown.on_step(StepUpdate(step="upload", state="began"))
    shown.mark_failed()
    assert [line[0] for line in drawn(shown)] == ["✓", "✗", "·", "·", "·", "·", "·"]


@pytest.mark.parametrize("width", [40, 60, 200])
def test_every_step_is_one_line_whatever_its_text(width: int) -> None:
    shown = Checklist(STEPS)
    shown.on_step(StepUpdate(step="chat", state="done", text="long words " * 50 + "[bold]\n"))
    lines = drawn(shown, width)
    assert len(lines) == len(STEPS)
    assert max(map(len, lines)) <= width


def test_the_latest_notes_are_shown_and_all_at_the_end() -> None:
    shown = Checklist(STEPS)
    for number in range(5):
        shown.add_note(f"warning {number}")
    assert drawn(shown)[len(STEPS) :] == [f"warning {number}" for number in range(5 - LATEST_NOTES, 5)]
    shown.finished = True
    assert drawn(shown)[len(STEPS) :] == [f"warning {number}" for number in range(5)]
