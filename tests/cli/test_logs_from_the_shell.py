"""Following logs and status changes as plain lines: each exactly once, despite lost connections."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.shell import MODEL, Shell
from tests.cli.test_bad_input_ends_with_its_code import refused


@pytest.fixture
def two(maas: Shell, train: str, validation: str) -> list[str]:
    """Two new jobs with names of different length."""
    names = ["ft-a", "ft-longer"]
    for name in names:
        words = ["--validation-data", validation, "--epochs", "5", "--name", name]
        maas.done("jobs", "create", "--model", MODEL, "--training-data", train, *words)
    return names


@pytest.fixture
def bad_network(maas: Shell) -> Iterator[None]:
    """Half of the log and run history requests fail, in every way."""
    maas.server.fault(operation="history.log", drop="body", count=None, probability=0.3)
    maas.server.fault(operation="history.log", status=503, count=None, probability=0.3)
    maas.server.fault(operation="history.details", status=500, count=None, probability=0.3)
    maas.server.fault(operation="jobs.get", drop="before", count=None, probability=0.2)
    yield
    maas.server.faults_clear()


def test_a_log_is_followed_to_the_end_of_the_job(maas: Shell, job: str) -> None:
    followed = maas.done("jobs", "logs", job, "--follow")
    assert followed == maas.done("jobs", "logs", job)
    assert len(followed.splitlines()) > 10


@pytest.mark.usefixtures("bad_network")
def test_lost_connections_lose_and_repeat_no_line(maas: Shell, job: str) -> None:
    followed = maas.done("jobs", "logs", job, "-f")
    maas.server.faults_clear()
    assert followed == maas.done("jobs", "logs", job)


@pytest.mark.parametrize("follow", [[], ["--follow"]])
def test_the_last_lines_since_a_time(maas: Shell, completed: str, follow: list[str]) -> None:
    every = maas.done("jobs", "logs", completed).splitlines()
    since = every[4].split()[0]
    late = [line for line in every if line.split()[0] >= since]
    assert maas.done("jobs", "logs", completed, "--since", since, *follow).splitlines() == late
    assert maas.done("jobs", "logs", completed, "--since", since, "--tail", "2", *follow).splitlines() == late[-2:]
    assert maas.done("jobs", "logs", completed, "--tail", "0", *follow) == ""


def test_since_takes_a_duration(maas: Shell, completed: str) -> None:
    first = maas.done("jobs", "logs", completed).split()[0]
    ago = datetime.now(UTC) - datetime.fromisoformat(first)
    assert maas.done("jobs", "logs", completed, "--since", f"{max(ago / timedelta(hours=1), 0) + 1:.2f}h") != ""


def test_an_invalid_since_is_a_usage_error(maas: Shell, completed: str) -> None:
    refused(maas("jobs", "logs", completed, "--since", "soon"), 2, "'soon' is not a duration such as", "30m")


def test_ctrl_c_prints_how_to_follow_again(maas: Shell, job: str) -> None:
    maas.interrupt_at = 60
    result = maas("jobs", "logs", job, "--follow", "--log-file", "user_logs/std_log.txt")
    assert result.exit_code == 130
    assert "the job keeps running" in result.stderr
    assert result.stderr.endswith("resume with: maas jobs logs ft-1 --log-file user_logs/std_log.txt --follow\n")


def test_a_wrong_file_is_not_followed_in_silence(maas: Shell, completed: str) -> None:
    refused(maas("jobs", "logs", completed, "-f", "--log-file", "nope"), 3, "there are: user_logs/std_log.txt")


@pytest.mark.usefixtures("bad_network")
def test_log_lines_of_watched_jobs_are_prefixed_and_printed_once(maas: Shell, two: list[str]) -> None:
    output = maas.done("jobs", "watch", *two, "--follow").splitlines()
    maas.server.faults_clear()
    for name in two:
        written = [line.partition(" | ")[2] for line in output if line.startswith(f"{name} ")]
        assert written == maas.done("jobs", "logs", name).splitlines()
        states = [line.split("  ")[2] for line in output if f"Z  {name}  " in line]
        assert states[-1] == "Completed"
        assert len(set(states)) == len(states)
    assert {line.index(" | ") for line in output if " | " in line} == {len("ft-longer")}


def test_the_final_status_follows_the_last_log_line(maas: Shell, job: str) -> None:
    assert maas.done("jobs", "watch", job, "-f", "--tail", "1").splitlines()[-1].endswith("ft-1  Completed")


def test_in_jsonl_states_lines_and_alarms_are_events_of_a_job(maas: Shell, job: str) -> None:
    named = {"value": [{"metricKey": {"name": "loss"}}]}
    maas.server.fault(operation="metrics.list", status=200, count=None, body=named)
    points = '{"value": [{"step": 2, "data": {"loss": 1e999}}]}'
    maas.server.fault(operation="metrics.full", status=200, count=None, body=points)
    events = [json.loads(line) for line in maas.done("jobs", "watch", job, "-f", "--output", "jsonl").splitlines()]
    assert {event["name"] for event in events} == {job}
    assert [event["status"] for event in events if "status" in event][-1] == "Completed"
    assert [event["alarm"]["kind"] for event in events if "alarm" in event] == ["not-a-number"]
    lines = [event["line"] for event in events if "line" in event]
    assert lines == maas.done("jobs", "logs", job).splitlines()


def test_follow_cannot_write_one_json_document(maas: Shell, job: str) -> None:
    refused(maas("jobs", "watch", job, "--follow", "--output", "json"), 2, "--output jsonl")


def test_an_unknown_job_name_fails_before_the_watch_starts(maas: Shell, two: list[str]) -> None:
    refused(maas("jobs", "watch", *two, "ft-typo"), 3, "ft-typo")
    assert maas.time < 60


def test_a_watch_of_several_jobs_times_out_with_its_code(maas: Shell, two: list[str]) -> None:
    result = maas("jobs", "watch", *two, "--timeout", "30")
    assert result.exit_code == 124
    assert result.stderr.endswith("resume with: maas jobs watch ft-a ft-longer --timeout 30.0\n")


def test_ctrl_c_in_a_watch_prints_a_resume_command_with_options(maas: Shell, two: list[str]) -> None:
    maas.interrupt_at = 60
    result = maas("jobs", "watch", *two, "-f", "--stop-on-alarm")
    assert result.exit_code == 130
    assert result.stderr.endswith("resume with: maas jobs watch ft-a ft-longer --follow --stop-on-alarm\n")


def test_a_failed_cancel_is_retried(maas: Shell, job: str) -> None:
    named = {"value": [{"metricKey": {"name": "loss"}}]}
    maas.server.fault(operation="metrics.list", status=200, count=None, body=named)
    points = '{"value": [{"step": 2, "data": {"loss": 1e999}}]}'
    maas.server.fault(operation="metrics.full", status=200, count=None, body=points)
    maas.server.fault(operation="jobs.cancel", status=409)
    result = maas("jobs", "watch", job, "--stop-on-alarm")
    assert result.exit_code == 5
    assert "ft-1: cancel failed, will retry" in result.stderr
    assert "ft-1: canceled (--stop-on-alarm)" in result.stderr
    assert result.stderr.count("warning: ft-1: not-a-number") == 1


def test_metrics_warn_of_what_their_curves_show(maas: Shell, completed: str) -> None:
    assert "warning" not in maas("jobs", "metrics", completed).stderr
    named = {"value": [{"metricKey": {"name": "loss"}}]}
    maas.server.fault(operation="metrics.list", status=200, count=None, body=named)
    points = '{"value": [{"step": 2, "data": {"loss": 1e999}}]}'
    maas.server.fault(operation="metrics.full", status=200, count=None, body=points)
    result = maas("jobs", "metrics", completed, "--output", "csv")
    assert result.exit_code == 0
    assert result.stderr == "warning: not-a-number: loss is inf at step 2; try a smaller learning rate\n"
