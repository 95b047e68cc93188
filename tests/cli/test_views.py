"""The layout of the live views in the available space, without a terminal."""

from __future__ import annotations

import io
import math
import re

import pytest
from hypothesis import given, strategies as st
from rich.console import Console

from maas_client import Job, JobStatus, MetricPoint
from maas_client.cli.live.job_panel import MAX_CURVE_LINES, JobPanel, divide_lines
from maas_client.cli.live.jobs_board import JobsBoard
from maas_client.cli.live.memo import Memo
from maas_client.rendering.curve_text import LEAST_HEIGHT

GOOD = {"loss": [MetricPoint(10, 2.0), MetricPoint(20, 1.0)]}
BROKEN = {"loss": [MetricPoint(10, 2.0), MetricPoint(20, math.nan)]}
MEMORISING = {
    "loss": [MetricPoint(step, 3.0 - step / 10) for step in range(12)],
    "eval_loss": [MetricPoint(step, 1 + step / 5) for step in range(4, 10)],
}


def drawn(shown: JobPanel | JobsBoard, columns: int, lines: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=columns, height=lines).print(shown)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def panel(name: str, metrics: dict[str, list[MetricPoint]], status: JobStatus = JobStatus.RUNNING) -> JobPanel:
    return JobPanel(name, Job(name=name, status=status, created_at="2026-01-01T00:00:00Z"), metrics=metrics)


@given(st.integers(-5, 60), st.integers(0, 30), st.booleans())
def test_curve_and_log_never_exceed_the_available_lines(room: int, log: int, is_curve: bool) -> None:
    curve, lines = divide_lines(room, log, is_curve=is_curve)
    assert sum(each + 1 for each in (curve, lines) if each) <= max(room, 0)
    assert 0 <= lines <= log
    assert curve == 0 or (is_curve and LEAST_HEIGHT <= curve <= MAX_CURVE_LINES)


def test_if_only_one_fits_it_is_the_curve_or_else_the_log() -> None:
    assert divide_lines(6, 5, is_curve=True) == (5, 0)
    assert divide_lines(6, 5, is_curve=False) == (0, 5)
    assert divide_lines(4, 5, is_curve=True) == (0, 3)


@pytest.mark.parametrize(("columns", "lines"), [(60, 15), (100, 24), (200, 60)])
def test_a_job_with_a_long_log_and_a_warning_fits_the_terminal(columns: int, lines: int) -> None:
    shown = panel("ft-1", BROKEN)
    shown.set_run_times("2026-01-01T00:01:00Z", "")
    shown.log = tuple(f"line {number} {'x' * 200}" for number in range(50))
    rows = drawn(shown, columns, lines)
    assert len(rows) < lines
    assert max(map(len, rows)) <= columns
    assert any("line 49" in row for row in rows)
    assert any("! not-a-number" in row for row in rows)


def test_rewards_are_shown_where_no_loss_is_measured() -> None:
    rewards = {
        "reward": [MetricPoint(1, 0.25), MetricPoint(2, 0.5)],
        "full_eval_reward": [MetricPoint(2, 0.375)],
    }
    rows = "\n".join(drawn(panel("ft-1", rewards), 100, 24))
    assert re.search(r"step +2\b", rows)
    assert re.search(r"reward +▁█  0\.5\b", rows)
    assert re.search(r"eval reward +0\.375\b", rows)
    assert "loss" not in rows
    both = "\n".join(drawn(panel("ft-1", {**rewards, **GOOD}), 100, 24))
    assert re.search(r"loss +█▁  1\b", both)
    assert re.search(r"reward +0\.5\b", both)


def test_the_stage_of_a_job_is_shown_until_it_has_ended() -> None:
    shown = panel("ft-1", MEMORISING)
    shown.set_run_times("2026-01-01T00:01:00Z", "", "safety evaluation")
    rows = "\n".join(drawn(shown, 100, 24))
    assert re.search(r"stage +safety evaluation", rows)
    shown.job = Job(name="ft-1", status=JobStatus.COMPLETED)
    assert "stage" not in "\n".join(drawn(shown, 100, 24))
    shown = panel("ft-1", MEMORISING)
    shown.set_run_times("2026-01-01T00:01:00Z", "")
    assert "stage" not in "\n".join(drawn(shown, 100, 24))


@pytest.mark.parametrize(("columns", "lines"), [(60, 15), (120, 30)])
def test_warnings_never_push_the_jobs_out_of_the_view(columns: int, lines: int) -> None:
    rows = drawn(JobsBoard([panel(f"ft-{number}", BROKEN) for number in range(20)]), columns, lines)
    assert len(rows) < lines
    listed = [row for row in rows if "Running" in row]
    assert len(listed) >= lines // 2 - 1
    assert all(" ! " in row for row in listed)
    assert f"… and {20 - len(listed)} more" in rows


def test_fatal_alarms_are_shown_before_overfitting() -> None:
    rows = drawn(JobsBoard([panel("ft-a", MEMORISING), panel("ft-b", BROKEN), panel("ft-c", GOOD)]), 120, 30)
    assert [row.split(":")[0] for row in rows if row.startswith("!")] == ["! ft-b", "! ft-a"]
    assert not any(row.startswith("ft-c !") for row in rows)


def test_ended_jobs_come_last() -> None:
    rows = drawn(JobsBoard([panel("ft-a", GOOD, JobStatus.COMPLETED), panel("ft-b", GOOD)]), 120, 30)
    assert [row.split()[0] for row in rows if row.startswith("ft-")] == ["ft-b", "ft-a"]


def test_no_remaining_time_is_shown_after_the_last_step() -> None:
    shown = panel(
        "ft-1", {"epoch": [MetricPoint(1, 0.5, "2026-01-01T00:00:00Z"), MetricPoint(2, 1, "2026-01-01T00:01:00Z")]}
    )
    shown.job = shown.job.model_copy(update={"hyperparameters": {"num_train_epochs": "1"}})
    assert not any("left" in row for row in drawn(shown, 100, 30))


def test_a_memo_is_recomputed_only_when_its_key_changes() -> None:
    kept, made = Memo[int](), list[int]()

    def make() -> int:
        made.append(len(made))
        return made[-1]

    points = [1.0, 2.0]
    assert [kept.get(make, points, 3), kept.get(make, points, 3), kept.get(make, points, 4)] == [0, 0, 1]
