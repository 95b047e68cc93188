"""`maas jobs watch` on a terminal: one job, several and many, and how it ends."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from screens import screen

from maas_client import MaasClient
from mock_server.server import Server, serve
from tests.cli.shell import MODEL, Shell

Create = Callable[..., list[str]]
ENDS = {"Completed", "Failed"}


@pytest.fixture
def live_server() -> Iterator[Server]:
    """A real-time server with jobs of a few seconds."""
    with serve(workspaces=["work"], job_seconds=8) as server:
        yield server


@pytest.fixture
def create(live_server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rows: Sequence[str]) -> Create:
    """Create this many jobs and return their names; the environment selects the workspace."""
    named = {
        "MAAS_ENDPOINT": live_server.endpoint,
        "AZURE_SUBSCRIPTION_ID": "sub",
        "AZURE_RESOURCE_GROUP": "group",
        "AZUREML_WORKSPACE_NAME": "work",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    file, other = tmp_path / "train.jsonl", tmp_path / "validation.jsonl"
    file.write_text("".join(f"{row}\n" for row in rows), "utf-8")
    other.write_text(f"{rows[0]}\n", "utf-8")

    def make(count: int, *, epochs: int = 8) -> list[str]:
        names = [f"ft-{number}" for number in range(count)]
        with MaasClient.from_env() as maas:
            data, validation = maas.datasets.upload(file), maas.datasets.upload(other, role="validation")
            for number, name in enumerate(names):
                maas.jobs.create(
                    model=MODEL,
                    training_data=data,
                    validation_data=validation,
                    hyperparameters={"num_train_epochs": epochs, "learning_rate": 1e-5 * (1 + 9 * number)},
                    name=name,
                )
        return names

    return make


def test_one_job_has_durations_a_curve_and_the_end_of_its_log(create: Create) -> None:
    (name,) = create(1)
    with screen("jobs", "watch", name, columns=100, lines=40) as shown:
        shown.shows("Running")
        seen = shown.until(lambda text: "o eval loss" in text and "step" in text and ": epoch =" in text)
        code = shown.end()
    for title in ("model", "status", "queued", "running", "loss", "eval loss"):
        assert f"│ {title} " in seen
    assert "of 8" in seen
    assert "┤" in seen
    assert seen.splitlines()[0].startswith("╭─ ft-0 ─")
    assert max(map(len, seen.splitlines())) <= 100
    assert code == 0
    assert "Completed" in shown.text
    assert "next: maas deploy ft-0" in shown.text


def test_one_job_fits_a_small_terminal(create: Create, live_server: Server) -> None:
    live_server.fault(operation="jobs.create", job="pause", seconds=8)
    (name,) = create(1)
    with screen("jobs", "watch", name, columns=60, lines=15) as shown:
        seen = shown.until(lambda text: "loss" in text and "step" in text and text.rstrip().endswith("╯"))
        assert shown.end() == 0
    rows = seen.rstrip().splitlines()
    assert len(rows) < 15
    assert rows[0].startswith("╭─ ft-0 ─")
    assert len({len(row) for row in rows}) == 1


def test_a_failed_job_shows_the_error_below_its_view(create: Create, live_server: Server) -> None:
    live_server.fault(operation="jobs.create", job="fail", reason="The rows are of no use.")
    (name,) = create(1)
    with screen("jobs", "watch", name) as shown:
        assert shown.end() == 5
    assert any(row.startswith("│ status") and "Failed" in row for row in shown.lines)
    assert "The rows are of no use." in shown.text.rpartition("╯")[2]


def curves(seen: str) -> list[str]:
    """The jobs whose lines end with a curve."""
    lines = [line.split() for line in seen.splitlines() if line.startswith("ft-")]
    return [words[0] for words in lines if set(words[-1]) <= set("▁▂▃▄▅▆▇█")]


def test_three_jobs_are_a_line_each_with_a_small_curve(create: Create, live_server: Server) -> None:
    live_server.fault(operation="jobs.create", job="fail", reason="no rows", skip=1)
    names = create(3)
    with screen("jobs", "watch", *names, columns=120, lines=30) as shown:
        # The screen may be read while it is drawn: only complete lines count.
        seen = shown.until(lambda text: text.count(" of 8 ") == 2 and len(curves(text)) == 2)
        assert shown.end() == 5
    assert sorted(curves(seen)) == ["ft-0", "ft-2"]
    ended = {row.split()[0]: row.split() for row in shown.lines if row.startswith("ft-")}
    assert [next(word for word in ended[name] if word in ENDS) for name in names] == [
        "Completed",
        "Failed",
        "Completed",
    ]
    assert "1 of 3 jobs did not complete: ft-1 Failed" in shown.text


def test_follow_prints_lines_on_a_terminal_as_well(create: Create) -> None:
    names = create(2)
    with screen("jobs", "watch", *names, "-f", "--tail", "0", columns=120, lines=200) as shown:
        assert shown.end() == 0
    assert "ft-0 | " in shown.text
    assert "│" not in shown.text


@pytest.mark.parametrize(("columns", "lines"), [(60, 15), (120, 30)])
def test_many_jobs_fit_the_terminal(create: Create, columns: int, lines: int) -> None:
    names = create(20)
    with screen("jobs", "watch", *names, columns=columns, lines=lines) as shown:
        seen = shown.until(lambda text: "Running" in text and ("… and" in text or "ft-19" in text))
        shown.end()
    rows = seen.splitlines()
    assert len(rows) <= lines
    assert any(row.split()[:2] == ["job", "status"] for row in rows)
    assert ("… and" in seen) == (lines < 26)
    assert "all 20 jobs completed" in shown.text


def test_a_view_adapts_when_the_terminal_is_resized(create: Create) -> None:
    names = create(2)
    with screen("jobs", "watch", *names, columns=120, lines=30) as shown:
        shown.shows("eval loss")
        shown.resize(60, 15)
        shown.until(lambda text: "running" in text and "eval loss" not in text)


def test_no_color_keeps_the_view_and_takes_its_colours(create: Create) -> None:
    names = create(2)
    with screen("jobs", "watch", *names, columns=100, NO_COLOR="1") as shown:
        shown.shows("eval loss")
        assert shown.end() == 0
    assert "Completed" in shown.text
    assert shown.colours == {"default"}


def test_a_dumb_terminal_gets_a_line_per_change(create: Create) -> None:
    names = create(2)
    with screen("jobs", "watch", *names, TERM="dumb") as shown:
        assert shown.end() == 0
    changes = [line.split()[1:] for line in shown.lines if line.startswith("20")]
    assert sorted(line for line in changes if line[1] == "Completed") == [["ft-0", "Completed"], ["ft-1", "Completed"]]
    assert len({tuple(line) for line in changes}) == len(changes)


def test_ctrl_c_keeps_the_jobs_and_prints_how_to_resume(create: Create) -> None:
    names = create(2)
    with screen("jobs", "watch", *names) as shown:
        shown.shows("status")
        shown.type("\x03")
        assert shown.end() == 128 + signal.SIGINT
    assert "the jobs keep running" in shown.text
    assert "resume with: maas jobs watch ft-0 ft-1" in shown.text


def test_compared_jobs_are_overlaid(create: Create) -> None:
    names = create(2)
    with MaasClient.from_env() as maas:
        list(maas.jobs.watch(names))
    with screen("jobs", "compare", *names, columns=90, lines=30) as shown:
        assert shown.end() == 0
    assert "A ft-0 (loss)   B ft-1 (loss)" in shown.text
    drawing = [line for line in shown.lines if "┤" in line]
    assert len(drawing) > 8
    assert {"A", "B"} <= set("".join(drawing))
    assert "best eval loss" in shown.text


def test_compare_breaks_no_value_on_a_narrow_terminal(create: Create) -> None:
    names, rates = create(3), {"0.00001", "0.0001", "0.00019"}
    with MaasClient.from_env() as maas:
        list(maas.jobs.watch(names))
    with screen("jobs", "compare", *names, columns=68, lines=60) as shown:
        assert shown.end() == 0
    facts = {row.split()[0]: row.split()[1:] for row in shown.lines if row.strip()}
    assert set(facts["learning_rate"]) == rates
    assert facts["status"] == ["Completed"] * 3
    with screen("jobs", "compare", *names, columns=40, lines=60) as shown:
        assert shown.end() == 0
    apart = [row.split() for row in shown.lines]
    assert sorted(fact[2] for fact in apart if fact[:1] == ["job"]) == names
    assert {fact[1] for fact in apart if fact[:1] == ["learning_rate"]} == rates


@pytest.fixture
def several(maas: Shell, train: str) -> list[str]:
    """Three jobs that differ in their learning rate; the second one fails."""
    maas.server.fault(operation="jobs.create", job="fail", reason="no rows", skip=1)
    names = ["ft-a", "ft-b", "ft-c"]
    for name, rate in zip(names, ("1e-5", "2e-5", "3e-5"), strict=True):
        words = ["--hyperparameter", f"learning_rate={rate}", "--epochs", "3"]
        maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", name, *words)
    return names


def test_several_jobs_are_lines_and_a_failed_one_is_code_5(maas: Shell, several: list[str]) -> None:
    result = maas("jobs", "watch", *several)
    assert result.exit_code == 5
    changes = [tuple(line.split()[1:]) for line in result.stdout.splitlines()]
    assert {("ft-a", "Completed"), ("ft-b", "Failed"), ("ft-c", "Completed")} <= set(changes)
    assert len(set(changes)) == len(changes)
    assert "1 of 3 jobs did not complete: ft-b Failed" in result.stderr
    assert "why: maas jobs show ft-b" in result.stderr


def test_without_names_all_active_jobs_are_watched(maas: Shell, several: list[str]) -> None:
    assert maas("jobs", "watch").exit_code == 5
    nothing = maas("jobs", "watch")
    assert nothing.exit_code == 3
    assert "no active jobs" in nothing.stderr


@pytest.fixture
def diverging(maas: Shell, train: str) -> str:
    """A job whose loss becomes NaN."""
    server, named = maas.server, {"value": [{"metricKey": {"name": "loss"}}]}
    points = '{"value": [{"step": 1, "data": {"loss": 2.0}}, {"step": 2, "data": {"loss": 1e999}}]}'
    server.fault(operation="metrics.list", status=200, count=None, body=named)
    server.fault(operation="metrics.full", status=200, count=None, body=points)
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-nan")
    return "ft-nan"


def test_a_nan_loss_is_reported_once(maas: Shell, diverging: str) -> None:
    result = maas("jobs", "watch", diverging)
    assert result.exit_code == 0
    assert result.stderr.count("warning: ft-nan: not-a-number: loss is inf at step 2") == 1


def test_stop_on_alarm_cancels_a_job_whose_loss_is_nan(maas: Shell, diverging: str) -> None:
    result = maas("jobs", "watch", diverging, "--stop-on-alarm")
    assert result.exit_code == 5
    assert "ft-nan: canceled (--stop-on-alarm)" in result.stderr
    assert result.stdout.splitlines()[-1].endswith("ft-nan  Canceled")
