"""`maas jobs`: create, watch, list and show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from maas_client.cli.app.duration_option import DURATION
from maas_client.cli.app.session import Session
from maas_client.cli.output.durations import format_age
from mock_server.server import Server
from tests.cli.shell import ANSWER, MODEL, Shell

Write = Callable[[str, Sequence[str]], str]


def test_the_whole_job_runs_from_check_to_a_streamed_answer(maas: Shell, train: str) -> None:
    assert "12 of 12 rows kept" in maas.done("check", train, "--model", MODEL)
    asset = json.loads(maas.done("upload", train, "--output", "json"))
    data = ["--training-data", asset["id"], "--epochs", "2"]
    maas.done("jobs", "create", "--model", MODEL, *data, "--name", "ft-2")
    assert maas.done("jobs", "watch", "ft-2").endswith("ft-2  Completed\n")
    assert "Online" in maas.done("deploy", "ft-2", "--name", "shop")
    assert maas.done("chat", "shop", "When do you open?") == f"{ANSWER}\n"


def test_create_sends_every_choice(maas: Shell, train: str, validation: str) -> None:
    maas.server.set_quota({"gpu": 24})
    maas.done("computes", "create", "gpus", "--size", "Standard_NC24ads_A100_v4")
    words = ["--model", MODEL, "--training-data", train, "--validation-data", validation, "--learning-rate", "1e-5"]
    words += ["--batch-size", "2", "--hyperparameter", "max_seq_length=512", "--tag", "team=shop", "--name", "ft-3"]
    words += ["--compute", "gpus", "--instance-type", "Standard_NC24ads_A100_v4", "--job-tier", "Spot"]
    words += ["--output-name", "shop-model", "--experiment", "shop", "--display-name", "Shop 3"]
    job = json.loads(maas.done("jobs", "create", *words, "--output", "json"))
    assert job["hyperparameters"] == {
        "learning_rate": "0.00001",
        "per_device_train_batch_size": "2",
        "max_seq_length": "512",
    }
    assert (job["tags"], job["experiment"], job["display_name"]) == ({"team": "shop"}, "shop", "Shop 3")
    assert job["output_model"].startswith("shop-model")
    assert job["compute"].rpartition("/")[2] == "gpus"


def test_create_can_wait_for_the_end(maas: Shell, train: str) -> None:
    result = maas(
        "jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-4", "--wait", "--output", "json"
    )
    assert result.exit_code == 0
    assert json.loads(result.stdout)["status"] == "Completed"
    assert "ft-4  Running" in result.stderr


def test_watch_writes_a_plain_line_per_status(maas: Shell, job: str) -> None:
    result = maas("jobs", "watch", job)
    statuses = [line.split("  ")[2] for line in result.stdout.splitlines()]
    assert statuses[0] == "NotStarted"
    assert "Running" in statuses
    assert statuses[-1] == "Completed"
    assert len(set(statuses)) == len(statuses)
    assert "next: maas deploy ft-1" in result.stderr


def test_watch_prints_the_ended_job_in_json_and_events_in_jsonl(maas: Shell, job: str) -> None:
    lines = [json.loads(line) for line in maas.done("jobs", "watch", job, "--output", "jsonl").splitlines()]
    assert [line["status"] for line in lines][-1] == "Completed"
    assert len(lines) > 3
    assert json.loads(maas.done("jobs", "watch", job, "--output", "json"))["output_model"] == "ft-1-model:1"


def test_watching_a_failed_job_exits_with_5_and_the_reason(maas: Shell, write: Write) -> None:
    asset = json.loads(maas.done("upload", write("bad.jsonl", ["{}"]), "--no-check", "--output", "json"))
    maas.done("jobs", "create", "--model", MODEL, "--training-data", asset["id"], "--name", "ft-bad")
    result = maas("jobs", "watch", "ft-bad", "--output", "json")
    assert result.exit_code == 5
    assert json.loads(result.stdout)["status"] == "Failed"
    assert "error: job 'ft-bad' failed: " in result.stderr
    shown = json.loads(maas.done("jobs", "show", "ft-bad", "--output", "json"))
    assert shown["error"] in result.stderr
    assert shown["error"]


def test_a_failed_job_is_shown_even_if_its_error_is_unreadable(maas: Shell, server: Server) -> None:
    failed = {"name": "ft-5", "properties": {"jobType": "FineTuning", "status": "Failed"}}
    server.fault(operation="jobs.get", status=200, body=failed, count=None)
    server.fault(operation="history.discovery", status=403, count=None)
    result = maas("jobs", "show", "ft-5", "--output", "json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["status"] == "Failed"
    assert "cannot read why the job failed: " in result.stderr
    assert "403" in result.stderr


def test_watching_a_canceled_job_exits_with_5(maas: Shell, job: str) -> None:
    assert "CancelRequested" in maas.done("jobs", "cancel", job)
    result = maas("jobs", "watch", job)
    assert result.exit_code == 5
    assert "was canceled" in result.stderr


def test_a_stalled_job_exits_with_75(maas: Shell, server: Server) -> None:
    stalled = {"name": "ft-5", "properties": {"jobType": "FineTuning", "status": "NotResponding"}}
    server.fault(operation="jobs.get", status=200, body=stalled, count=None)
    result = maas("jobs", "watch", "ft-5")
    assert result.exit_code == 75
    assert "NotResponding" in result.stderr


@pytest.mark.parametrize("limit", [["--timeout", "60"], ["--max-queue", "30"]])
def test_a_wait_that_times_out_prints_how_to_resume(maas: Shell, job: str, limit: list[str]) -> None:
    result = maas("jobs", "watch", job, *limit)
    assert result.exit_code == 124
    assert "maas jobs watch ft-1" in result.stderr


def test_ctrl_c_prints_how_to_resume(maas: Shell, job: str) -> None:
    maas.interrupt_at = 100.0
    result = maas("jobs", "watch", job, "--resource-group", "group")
    assert result.exit_code == 130
    assert "interrupted; the job keeps running" in result.stderr
    assert result.stderr.endswith("resume with: maas jobs watch ft-1 --resource-group group\n")


def test_a_command_to_resume_shows_no_signature() -> None:
    given = Session().command("jobs", "create", "--training-data", "https://a.test/x.jsonl?sv=1&sig=CANARY")
    assert given == "maas jobs create --training-data 'https://a.test/x.jsonl?sv=1&sig=***'"


def test_ctrl_c_during_create_names_the_job_that_may_exist(maas: Shell, server: Server, train: str) -> None:
    server.fault(operation="jobs.create", status=503, count=1)
    maas.interrupt_at = 0.0
    create = ["jobs", "create", "--model", MODEL, "--training-data", train]
    result = maas(*create)
    assert result.exit_code == 130
    name = result.stderr.rpartition("resume with: maas jobs watch ")[2].strip()
    assert name.startswith("ft-phi-4-mini-instruct-")
    assert f"interrupted; job {name} may have been created, check with `maas jobs show {name}`" in result.stderr
    maas.interrupt_at = float("inf")
    assert [json.loads(maas.done(*create, "--name", name, "--output", "json"))["name"] for _ in range(2)] == [name] * 2
    assert len(maas.done("jobs", "list", "--output", "jsonl").splitlines()) == 1


def test_the_list_is_a_table_with_a_line_per_job(maas: Shell, job: str) -> None:
    titles, line = maas.done("jobs", "list").splitlines()
    assert titles.split() == ["NAME", "STATUS", "MODEL", "AGE", "CREATED", "OUTPUT_MODEL"]
    assert line.split()[:3] == ["ft-1", "NotStarted", MODEL]


def test_the_list_can_be_cut_and_filtered(maas: Shell, job: str, train: str) -> None:
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-9", "--tag", "team=a")
    assert len(maas.done("jobs", "list", "--limit", "1", "--output", "jsonl").splitlines()) == 1
    assert len(json.loads(maas.done("jobs", "list", "--output", "json"))) == 2
    tagged = json.loads(maas.done("jobs", "list", "--tag", "team", "--output", "json"))
    assert [each["name"] for each in tagged] == ["ft-9"]
    assert json.loads(maas.done("jobs", "list", "--archived", "--output", "json")) == []


def test_show_has_the_names_that_scripts_rely_on(maas: Shell, completed: str) -> None:
    job = json.loads(maas.done("jobs", "show", completed, "--output", "json"))
    known = {name: job[name] for name in ("name", "status", "model", "output_model")}
    assert known == {"name": "ft-1", "status": "Completed", "model": MODEL, "output_model": "ft-1-model:1"}
    assert "output_model    ft-1-model:1" in maas.done("jobs", "show", completed).splitlines()


def test_metrics_are_a_row_per_step_and_points_in_json(maas: Shell, completed: str) -> None:
    titles, first, *_ = maas.done("jobs", "metrics", completed).splitlines()
    assert titles.split()[:3] == ["STEP", "EPOCH", "LOSS"]
    assert first.split()[0] == "10"
    points = json.loads(maas.done("jobs", "metrics", completed, "--output", "json"))
    assert points["loss"][0].keys() == {"step", "value", "at"}
    lines = maas.done("jobs", "metrics", completed, "--output", "jsonl").splitlines()
    assert json.loads(lines[0]).keys() == {"metric", "step", "value", "at"}


def test_a_job_without_metrics_is_noted_on_stderr(maas: Shell, job: str) -> None:
    result = maas("jobs", "metrics", job)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "any metrics yet" in result.stderr


def test_an_unknown_log_file_lists_the_available_files(maas: Shell, completed: str) -> None:
    plain = maas.done("jobs", "logs", completed).splitlines()
    assert [json.loads(line)["line"] for line in maas.done("jobs", "logs", completed, "--output", "jsonl").splitlines()]
    assert json.loads(maas.done("jobs", "logs", completed, "--output", "json")) == plain
    result = maas("jobs", "logs", completed, "--log-file", "else.txt")
    assert result.exit_code == 3
    assert "std_log.txt" in result.stderr


def test_a_retired_model_is_warned_about_unless_quiet(maas: Shell, train: str) -> None:
    create = ["jobs", "create", "--model", "Phi-3-mini-4k-instruct", "--training-data", train, "--name"]
    assert "warning: Phi-3-mini-4k-instruct was retired" in maas(*create, "ft-6").stderr
    assert maas(*create, "ft-7", "--quiet").stderr == ""


def test_debug_logs_requests_without_secrets(maas: Shell, train: str) -> None:
    result = maas("upload", train, "--debug")
    assert result.exit_code == 0
    assert "httpx HTTP Request: PUT" in result.stderr
    assert "sig=***" in result.stderr


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--status", "completed"], ["ft-old"]),
        (["--status", "active"], ["ft-new"]),
        (["--status", "Completed", "--status", "notstarted"], ["ft-new", "ft-old"]),
        (["--name", "OLD"], ["ft-old"]),
        (["--name", "ft-*"], ["ft-new", "ft-old"]),
        (["--name", "ft"], ["ft-new", "ft-old"]),
        (["--name", "n?w"], []),
        (["--name", "shop"], ["ft-new"]),
        (["--since", "100000d"], ["ft-new", "ft-old"]),
        (["--since", "2999-01-01"], []),
        (["--status", "active", "--limit", "1"], ["ft-new"]),
        (["--status", "completed", "--limit", "1"], ["ft-old"]),
    ],
)
def test_the_list_is_filtered(maas: Shell, server: Server, train: str, words: list[str], names: list[str]) -> None:
    create = ["jobs", "create", "--model", MODEL, "--training-data", train, "--name"]
    maas.done(*create, "ft-old")
    server.advance(601)
    maas.done(*create, "ft-new", "--display-name", "Shop answers")
    assert maas.done("jobs", "list", "--quiet", *words).split() == names


def test_an_unknown_status_names_the_statuses(maas: Shell) -> None:
    result = maas("jobs", "list", "--status", "done")
    assert result.exit_code == 2
    assert "--status: no status 'done'. Statuses are NotStarted, " in result.stderr
    assert "no status 'runing'. Did you mean 'Running'? " in maas("jobs", "list", "--status", "runing").stderr
    assert "active" in result.stderr


def test_the_list_says_how_long_a_job_has_trained(maas: Shell, server: Server, completed: str, train: str) -> None:
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-waiting")
    waiting, ended = maas.done("jobs", "list", "--fields", "name,duration").splitlines()[1:]
    assert waiting.split() == ["ft-waiting", "-"]
    assert re.fullmatch(r"ft-1 +0:0\d:\d\d", ended)
    server.fault(operation="history.details", status=403, count=None)
    assert maas.done("jobs", "list", "--fields", "name,duration").splitlines()[2].split() == ["ft-1", "-"]


def test_durations_are_not_requested_unless_shown(maas: Shell, server: Server, completed: str) -> None:
    for words in ([], ["--quiet"], ["--output", "json"], ["--fields", "name"]):
        maas.done("jobs", "list", *words)
        assert not [entry for entry in server.requests() if entry["operation"] == "history.details"], words


def test_show_says_when_a_job_ran_and_on_how_many_tokens(maas: Shell, completed: str) -> None:
    shown = json.loads(maas.done("jobs", "show", completed, "--output", "json"))
    assert shown["started"] < shown["ended"]
    assert 0 < shown["duration_seconds"] < 601
    assert shown["trained_tokens"] > 0
    lines = dict(line.split(maxsplit=1) for line in maas.done("jobs", "show", completed).splitlines())
    assert (lines["started"], lines["ended"]) == (shown["started"], shown["ended"])
    assert lines["duration"].startswith("0:0")
    assert lines["trained_tokens"] == f"{shown['trained_tokens']:,}"


@pytest.mark.parametrize(
    ("given", "seconds"), [("90s", 90), ("1d12h", 129600), ("1h30m", 5400), ("45", 45), ("0.5h", 1800)]
)
def test_a_time_is_a_duration_or_plain_seconds(given: str, seconds: float) -> None:
    assert DURATION.convert(given, None, None) == seconds


@pytest.mark.parametrize("given", ["", "soon", "-5", "2 h", "h", "1h2d", "nan", "1e3", "５s"])
def test_what_is_no_duration_is_a_usage_error(maas: Shell, given: str) -> None:
    result = maas("jobs", "watch", "ft-1", "--timeout", given)
    assert result.exit_code == 2
    assert "is not a duration such as 90s, 30m, 2h or 1d12h, or a number of seconds" in result.stderr


@pytest.mark.parametrize(
    ("seconds", "shown"), [(-5, "0s"), (0, "0s"), (59, "59s"), (330, "5m30s"), (7200, "2h"), (129_700, "1d12h")]
)
def test_an_age_has_its_two_largest_units(seconds: int, shown: str) -> None:
    assert format_age(timedelta(seconds=seconds)) == shown
