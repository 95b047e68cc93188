"""Formatting of values, cells, progress lines and sparklines."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from maas_client import Job, JobStatus, MetricPoint, TransferProgress
from maas_client.cli.live.job_panel import JobPanel, sparkline
from maas_client.cli.output.durations import format_duration
from maas_client.cli.output.printer import (
    Output,
    Printer,
    ProgressLines,
    format_cell,
    format_size,
    show_upload_progress,
)
from maas_client.cli.output.rich_tables import styled
from maas_client.core.timestamps import parse_timestamp


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        ("", "-"),
        ("two\nlines", "two lines"),
        (("a", "b"), "a, b"),
        ({"k": 1}, "k=1"),
        (0.1 + 0.2, "0.3"),
        (0, "0"),
    ],
)
def test_a_cell_is_one_line_and_never_empty(value: object, shown: str) -> None:
    assert format_cell(value) == shown


@pytest.mark.parametrize(("count", "shown"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (8 << 20, "8.0 MiB")])
def test_sizes_are_shown_in_binary_units(count: int, shown: str) -> None:
    assert format_size(count) == shown


@pytest.mark.parametrize("output", ["json", "jsonl"])
def test_nan_and_infinity_are_null_in_json(output: Output, capsys: pytest.CaptureFixture[str]) -> None:
    points = [{"value": value} for value in (1.5, float("nan"), float("inf"), float("-inf"))]
    Printer(output).document({"loss": tuple(points)})
    read = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert [point["value"] for point in read["loss"]] == [1.5, None, None, None]


def test_a_record_without_values_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Printer().record({}, {"primary": "", "secondary": None})
    assert capsys.readouterr().out == ""


def test_without_a_terminal_progress_is_a_line_every_30_s() -> None:
    notes: list[str] = []
    times = iter(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds) for seconds in (0, 10, 31, 50, 62))
    progress = ProgressLines("train.jsonl", notes.append, lambda: next(times))
    for done in (1 << 20, 2 << 20, 3 << 20, 4 << 20):
        progress(done, 4 << 20)
    assert notes == [
        "train.jsonl: 2.0 MiB of 4.0 MiB (50 %), 66.1 KiB/s, 0:00:31 left",
        "train.jsonl: 4.0 MiB of 4.0 MiB (100 %), 66.1 KiB/s",
    ]


def test_reading_a_file_and_sending_it_have_rates_of_their_own() -> None:
    notes: list[str] = []
    times = iter(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds) for seconds in (0, 31, 62))
    progress = ProgressLines("train.jsonl", notes.append, lambda: next(times))
    show_upload_progress(progress, TransferProgress(0, 4 << 20, read=4 << 20))
    show_upload_progress(progress, TransferProgress(1 << 20, 4 << 20, resumed=1 << 20))
    assert notes == [
        "reading train.jsonl: 4.0 MiB of 4.0 MiB (100 %), 132.1 KiB/s",
        "train.jsonl: 2.0 MiB of 4.0 MiB (50 %), 66.1 KiB/s, 0:00:31 left",
    ]


def test_a_curve_falls_from_the_highest_bar_to_the_lowest() -> None:
    assert sparkline([4.0, 3.0, 2.0, 1.0], width=4) == "█▆▃▁"
    assert sparkline([float(n) for n in range(1000)], width=10)[:: len("12345678")] == "▁▇"
    assert sparkline([1.0, float("nan"), float("inf"), 1.0]) == "▁▁"
    assert sparkline([]) == ""


def test_a_duration_is_never_negative() -> None:
    assert format_duration(timedelta(hours=1, seconds=61)) == "1:01:01"
    assert format_duration(timedelta(seconds=-5)) == "0:00:00"


def test_an_invalid_timestamp_is_none() -> None:
    assert parse_timestamp("yesterday") is None
    assert parse_timestamp("2026-01-01T00:00:00") == parse_timestamp("2026-01-01T00:00:00Z")


def test_text_of_the_service_is_never_markup() -> None:
    assert styled("[bold]Completed[/bold]").plain == "[bold]Completed[/bold]"


def test_the_panel_shows_status_durations_steps_and_curve() -> None:
    job = Job(
        name="ft-1",
        model="Phi-4",
        status=JobStatus.RUNNING,
        created_at="2026-01-01T00:00:00Z",
        hyperparameters={"num_train_epochs": "3"},
    )
    panel = JobPanel("[ft-1]", job)
    panel.set_run_times("2026-01-01T00:10:00Z", "2026-01-01T00:30:00Z")
    panel.metrics = {
        "loss": [MetricPoint(10, 2.0), MetricPoint(20, 1.0)],
        "epoch": [MetricPoint(20, 1.5)],
        "eval_loss": [MetricPoint(20, 1.25)],
    }
    out = io.StringIO()
    Console(file=out, width=80).print(panel)
    for shown in ("[ft-1]", "Running", "0:10:00", "0:20:00", "20, epoch 1.50 of 3", "█▁  1", "1.25"):
        assert shown in out.getvalue()
