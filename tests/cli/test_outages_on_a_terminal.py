"""What a person sees while the service does not answer: in the live views, and in plain lines."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console
from screens import screen

from maas_client import Job, JobStatus, Outage, ServiceUnavailable
from maas_client.cli.live.job_panel import JobPanel
from maas_client.cli.live.jobs_board import JobsBoard
from maas_client.cli.live.outage_text import REPEAT_AFTER, OutageLines, ShownOutage
from mock_server.server import Server
from tests.cli.shell import MODEL, Shell
from tests.cli.test_watching_on_a_terminal import Create, create, live_server

__all__ = ["create", "live_server"]  # fixtures

ERROR = ServiceUnavailable("GET /jobs/ft-1", status=503, code="Busy", detail="no room")


def outage(seconds: float, *, retry_in: float = 12.0, over: bool = False) -> Outage:
    """An outage of this length."""
    return Outage(
        name="ft-1", seconds=seconds, error=None if over else ERROR, retry_in=retry_in, gives_up_in=3600 - seconds
    )


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_one_job_shows_the_outage_and_that_it_is_over(create: Create, live_server: Server, columns: int) -> None:
    (name,) = create(1)
    live_server.fault(operation="jobs.get", status=503, skip=1, count=1)
    with screen("jobs", "watch", name, columns=columns, lines=30) as shown:
        seen = shown.until(lambda text: "no answer since" in text and text.rstrip().endswith("╯"))
        shown.until(lambda text: "no answer since" not in text and "status" in text)
        assert shown.end() == 0
    assert re.search(r"! no answer since \d\d:\d\d:\d\d \(0:00:0\d\); retrying", seen)
    assert "Traceback" not in shown.text
    assert max(map(len, seen.splitlines())) <= columns
    assert len({len(row) for row in seen.rstrip().splitlines()}) == 1


def test_several_jobs_show_the_outage_once(create: Create, live_server: Server) -> None:
    names = create(2)
    live_server.fault(operation="jobs.get", status=503, skip=4, count=2)
    with screen("jobs", "watch", *names, columns=100, lines=30) as shown:
        seen = shown.shows("no answer since")
        assert shown.end() == 0
    assert seen.count("no answer since") == 1


def test_lines_report_the_beginning_and_the_end_of_an_outage(maas: Shell, server: Server, job: str) -> None:
    server.fault(operation="jobs.get", status=503, skip=1, count=4)
    result = maas("jobs", "watch", job)
    assert result.exit_code == 0
    silent = [line for line in result.stderr.splitlines() if "answer" in line]
    assert len(silent) == 2
    assert re.search(
        r"Z  ft-1  no answer since \S+ \(0:00:0\d\); retrying in \d+ s, giving up at \d\d:\d\d: ", silent[0]
    )
    assert "503" in silent[0]
    assert re.search(r"Z  ft-1  the service answers again, after 0:0\d:\d\d", silent[1])
    assert "answer" not in result.stdout


def test_a_long_outage_is_repeated_at_intervals(maas: Shell, server: Server, job: str) -> None:
    server.fault(operation="jobs.get", status=503, skip=1, count=30)
    result = maas("jobs", "watch", job)
    silent = [line for line in result.stderr.splitlines() if "no answer since" in line]
    assert 3 < len(silent) < 10


def test_a_run_reports_an_outage(maas: Shell, server: Server, train: str) -> None:
    Path("job.json").write_text(f'{{"model": "{MODEL}", "training_data": "{train}"}}', "utf-8")
    server.fault(operation="jobs.get", status=503, skip=2, count=2)
    result = maas("run", "-f", "job.json", "--no-deploy")
    assert result.exit_code == 0, result.output
    assert re.search(r"train   \w+; no answer for \d+ s, retrying in \d+ s: ", result.stderr)
    assert "the service answers again" in result.stderr


def test_a_sweep_reports_an_outage(maas: Shell, server: Server, train: str) -> None:
    swept = {"model": MODEL, "training_data": train, "name": "s", "hyperparameters": {"num_train_epochs": [1, 2]}}
    Path("sweep.json").write_text(json.dumps(swept), "utf-8")
    server.fault(operation="jobs.get", status=503, skip=4, count=4)
    result = maas("sweep", "-f", "sweep.json")
    assert result.exit_code == 0, result.output
    assert re.search(r"Z  s  no answer since ", result.stderr)
    assert "the service answers again" in result.stderr


@pytest.mark.parametrize(("columns", "lines"), [(60, 15), (80, 24), (120, 40)])
@pytest.mark.parametrize("count", [1, 3, 30])
def test_a_view_with_an_outage_fits_the_terminal(columns: int, lines: int, count: int) -> None:
    now = datetime.now(UTC)
    panels = [JobPanel(f"ft-{number}", Job(name="x", status=JobStatus.RUNNING)) for number in range(count)]
    for panel in panels:
        panel.outage = ShownOutage.of(outage(123), now)
    console = Console(width=columns, height=lines, force_terminal=True)
    with console.capture() as captured:
        console.print(panels[0] if count == 1 else JobsBoard(panels))
    rows = re.sub(r"\x1b\[[0-9;]*m", "", captured.get()).splitlines()
    assert len(rows) < lines
    assert max(map(len, rows)) <= columns
    assert sum("no answer since" in row for row in rows) == 1


def test_the_text_counts_down_and_says_when_the_wait_ends() -> None:
    now = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
    shown = ShownOutage.of(outage(60), now)
    assert "(0:01:00); retrying in 12 s, giving up at " in shown.text(now)
    assert "(0:01:10); retrying in 2 s" in shown.text(now + timedelta(seconds=10))
    assert "retrying now" in shown.text(now + timedelta(seconds=13))


def test_a_line_is_printed_at_first_and_after_an_interval() -> None:
    lines, now = OutageLines(), datetime.now(UTC)
    assert lines.line(outage(1), now)
    assert not lines.line(outage(REPEAT_AFTER), now)
    assert lines.line(outage(REPEAT_AFTER + 1), now)
    assert lines.line(outage(400, over=True), now) == "the service answers again, after 0:06:40"
    assert lines.line(outage(1), now)
