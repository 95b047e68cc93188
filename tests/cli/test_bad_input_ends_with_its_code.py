"""Each invalid input gives its exit code, an error on stderr, and nothing on stdout."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import Result

from mock_server.server import Server
from tests.cli.shell import MODEL, Shell

Write = Callable[[str, Sequence[str]], str]


def refused(result: Result, code: int, *words: str) -> None:
    """Assert that a result is an error with this code and these words."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    complaint = result.stderr.strip()
    assert complaint.splitlines()[-1].startswith(("error: ", "try: ", "resume with: ", "is the mock"))
    assert "error: " in complaint
    assert "Traceback" not in complaint
    assert all(word in complaint for word in words), complaint


def test_a_broken_jsonl_file_is_checked_and_refused(maas: Shell, write: Write) -> None:
    result = maas("check", write("broken.jsonl", ['{"messages": [', "nonsense"]))
    assert result.exit_code == 6
    assert "dropped  json-invalid  2 rows: lines 1-2\n" in result.stdout
    assert "error: the service would reject broken.jsonl" in result.stderr


def test_an_empty_file_is_refused(maas: Shell, write: Write) -> None:
    result = maas("check", write("empty.jsonl", []))
    assert result.exit_code == 6
    assert "file-empty" in result.stdout


def test_nine_usable_rows_are_refused(maas: Shell, write: Write, rows: list[str]) -> None:
    result = maas("check", write("nine.jsonl", rows[:9]))
    assert result.exit_code == 6
    assert "9 of 9 rows are kept" in result.stdout


@pytest.mark.parametrize("command", [["upload"], ["jobs", "create", "--model", MODEL, "--training-data"]])
def test_what_the_check_refuses_is_not_sent(
    maas: Shell, server: Server, write: Write, rows: list[str], command: list[str]
) -> None:
    refused(maas(*command, write("nine.jsonl", rows[:9])), 6, "9 of 9 rows", "maas check nine.jsonl")
    assert not [entry for entry in server.requests() if entry["method"] == "PUT"]


@pytest.mark.parametrize(
    "words",
    [
        ["check", "train.jsonl", "--model", "Phi-4-mini-instrukt"],
        ["models", "show", "Phi-4-mini-instrukt"],
        ["jobs", "create", "--model", "Phi-4-mini-instrukt", "--training-data", "train.jsonl"],
    ],
)
def test_an_unknown_model_is_a_usage_error(maas: Shell, train: str, words: list[str]) -> None:
    refused(maas(*words), 2, "Phi-4-mini-instrukt", "Phi-4-mini-instruct", "maas models")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--hyperparameter", "num_train_epoch=3"], "did you mean 'num_train_epochs'?"),
        (["--epochs", "0"], "num_train_epochs"),
        (["--epochs", "many"], "is not a valid integer"),
        (["--hyperparameter", "epochs"], "is not KEY=VALUE"),
        (["--epochs", "3", "--hyperparameter", "n_epochs=3"], "two vocabularies"),
        (["--epochs", "3", "--hyperparameter", "num_train_epochs=4"], "set twice"),
    ],
)
def test_an_invalid_hyperparameter_is_a_usage_error(
    maas: Shell, server: Server, train: str, words: list[str], complaint: str
) -> None:
    refused(maas("jobs", "create", "--model", MODEL, "--training-data", train, *words), 2, complaint)
    assert server.requests() == []


def test_a_missing_file_is_a_usage_error(maas: Shell) -> None:
    refused(maas("check", "nowhere.jsonl"), 2, "nowhere.jsonl")
    refused(maas("jobs", "create", "--model", MODEL, "--training-data", "nowhere.jsonl"), 2, "nowhere.jsonl")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that can be opened and not be read")
@pytest.mark.parametrize(
    ("command", "code"),
    [(["check"], 1), (["upload"], 2), (["jobs", "create", "--model", MODEL, "--training-data"], 1)],
)
def test_a_file_that_cannot_be_read_is_named(maas: Shell, command: list[str], code: int) -> None:
    refused(maas(*command, "/proc/self/mem"), code, "error: /proc/self/mem", "Input/output error")


def test_a_missing_workspace_setting_is_a_usage_error(maas: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZUREML_WORKSPACE_NAME")
    refused(maas("jobs", "list"), 2, "AZUREML_WORKSPACE_NAME", "-w WORKSPACE")


def test_a_workspace_that_does_not_exist_is_not_found(maas: Shell) -> None:
    refused(maas("jobs", "list", "--workspace", "elsewhere"), 3, "elsewhere", "try: maas doctor")


def test_a_retired_model_is_a_usage_error_unless_allowed(maas: Shell, server: Server, train: str) -> None:
    server.fault(operation="registry.*", status=404, count=None)
    create = ["jobs", "create", "--model", "Phi-3-mini-4k-instruct", "--training-data", train]
    refused(maas(*create), 2, "retired on 2025-08-30", "Phi-4-mini-instruct", "--allow-retired")
    assert maas(*create, "--allow-retired").exit_code == 0


def test_a_missing_credential_is_code_4_and_sends_nothing(maas: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []

    def connect(_socket: socket.socket, address: object) -> None:
        called.append(address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    refused(
        maas("jobs", "list", "--arm-url", "https://management.azure.com"), 4, "not signed in to Azure. Run `az login`."
    )
    assert called == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_rejected_token_is_failed_authentication(maas: Shell, server: Server, status: int) -> None:
    server.fault(operation="jobs.list", status=status, count=None)
    refused(maas("jobs", "list"), 4, str(status), "try: maas doctor")


@pytest.mark.parametrize("words", [["show"], ["watch"], ["cancel"], ["logs"], ["metrics"]])
def test_a_job_that_does_not_exist_is_not_found(maas: Shell, words: list[str]) -> None:
    refused(maas("jobs", *words, "nobody"), 3, "no job 'nobody' in workspace", "try: maas jobs list")


@pytest.mark.parametrize("words", [["endpoints", "show"], ["endpoints", "keys"], ["endpoints", "delete"], ["chat"]])
def test_an_endpoint_that_does_not_exist_is_not_found(maas: Shell, words: list[str]) -> None:
    refused(maas(*words, "nobody", stdin="hello"), 3, "no endpoint 'nobody' in workspace", "try: maas endpoints list")


def test_a_taken_endpoint_name_is_a_failure(maas: Shell, endpoint: str) -> None:
    refused(maas("endpoints", "create", "--model", MODEL, "--name", endpoint), 1, endpoint, "choose a new name")


def test_a_taken_job_name_is_a_failure(maas: Shell, job: str, train: str) -> None:
    again = maas("jobs", "create", "--model", MODEL, "--training-data", train, "--name", job, "--epochs", "7")
    refused(again, 1, "a job of this name has other settings", "num_train_epochs")


def test_an_unreachable_server_exits_with_75(maas: Shell) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
        refused(maas("jobs", "list", "--arm-url", nobody), 75, "could not connect", "try: maas mock")


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_exits_with_75(maas: Shell, server: Server, status: int) -> None:
    server.fault(operation="jobs.list", status=status, count=None)
    refused(maas("jobs", "list"), 75, str(status))


@pytest.mark.parametrize(
    ("words", "meant"), [(["jobz"], "jobs"), (["jobs", "lst"], "list"), (["models", "shw"], "show")]
)
def test_a_misspelt_command_names_the_nearest_one(maas: Shell, words: list[str], meant: str) -> None:
    refused(maas(*words), 2, f"did you mean '{meant}'?")


def test_an_unknown_option_is_a_usage_error(maas: Shell) -> None:
    refused(maas("jobs", "list", "--limits", "3"), 2, "--limit", "try: maas jobs list --help")


def test_a_group_without_a_command_shows_its_help_on_stderr(maas: Shell) -> None:
    result = maas("jobs")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "watch" in result.stderr


def test_an_eof_error_is_not_treated_as_ctrl_c(maas: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def islice(*_: object) -> None:
        raise EOFError("the stream ended")

    monkeypatch.setattr("maas_client.cli.commands.jobs_list.islice", islice)
    result = maas("jobs", "list")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (1, "error: EOFError: the stream ended")


def test_a_bug_is_a_line_and_with_debug_a_traceback(maas: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maas_client.cli.commands.jobs_list.islice", None)
    assert "This is a bug" in maas("jobs", "list").stderr
    assert "Traceback" in maas("jobs", "list", "--debug").stderr
