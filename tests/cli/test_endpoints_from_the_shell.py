"""`maas deploy`, `maas endpoints` and `maas chat`."""

from __future__ import annotations

import json

import pytest

from mock_server.server import Server
from tests.cli.shell import ANSWER, MODEL, Shell


def test_deploy_waits_until_a_chat_call_is_answered(maas: Shell, completed: str) -> None:
    result = maas("deploy", completed, "--name", "shop")
    assert result.exit_code == 0
    assert "endpoint shop: Succeeded, Online" in result.stderr
    assert "next: maas chat shop" in result.stderr
    assert "models/ft-1-model/versions/1" in result.stdout


def test_deploy_need_not_wait(maas: Shell, completed: str) -> None:
    endpoint = json.loads(maas.done("deploy", completed, "--name", "shop", "--no-wait", "--output", "json"))
    assert (endpoint["name"], endpoint["state"]) == ("shop", "Creating")


def test_deploy_takes_only_a_completed_job(maas: Shell, job: str) -> None:
    early = maas("deploy", job)
    assert early.exit_code == 1
    assert "only a completed job" in early.stderr
    assert "try: maas jobs watch ft-1" in early.stderr
    maas.done("jobs", "cancel", job)
    maas("jobs", "watch", job)
    late = maas("deploy", job)
    assert late.exit_code == 5
    assert "Canceled" in late.stderr


def test_ctrl_c_while_an_endpoint_starts_prints_how_to_resume(maas: Shell, completed: str) -> None:
    maas.interrupt_at = maas.time + 3.0
    result = maas("deploy", completed, "--name", "shop")
    assert result.exit_code == 130
    assert result.stderr.endswith("resume with: maas deploy ft-1 --name shop\n")
    maas.interrupt_at = float("inf")
    maas.done("deploy", completed, "--name", "shop")


def test_waiting_for_a_silent_endpoint_times_out(maas: Shell, server: Server) -> None:
    server.fault(operation="chat.complete", status=424, count=None)
    result = maas("endpoints", "create", "--model", MODEL, "--name", "base")
    assert result.exit_code == 124
    assert f"resume with: maas endpoints create --model {MODEL} --name base" in result.stderr


def test_endpoints_are_created_listed_shown_and_deleted(maas: Shell, server: Server) -> None:
    assert "Creating" in maas.done("endpoints", "create", "--model", MODEL, "--name", "base", "--no-wait")
    server.advance(600)
    assert maas.done("endpoints", "list").splitlines()[1].split()[:2] == ["base", "Online"]
    shown = json.loads(maas.done("endpoints", "show", "base", "--output", "json"))
    assert shown["model"] == MODEL
    assert shown["created_at"][:4].isdigit()
    deleted = maas("endpoints", "delete", "base", "--yes")
    assert (deleted.exit_code, deleted.stdout) == (0, "")
    assert json.loads(maas.done("endpoints", "list", "--output", "json")) == []


def test_delete_asks_and_without_a_terminal_needs_yes(maas: Shell, endpoint: str) -> None:
    result = maas("endpoints", "delete", endpoint, stdin="y\n")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    maas.done("endpoints", "show", endpoint)


def test_keys_are_data_and_one_can_be_replaced(maas: Shell, endpoint: str) -> None:
    before = json.loads(maas.done("endpoints", "keys", endpoint, "--output", "json"))
    after = json.loads(maas.done("endpoints", "keys", endpoint, "--regenerate", "secondary", "--output", "json"))
    assert after["primary"] == before["primary"]
    assert after["secondary"] != before["secondary"]
    assert f"primary    {after['primary']}" in maas.done("endpoints", "keys", endpoint)


def test_an_endpoint_without_keys_has_none_to_show(maas: Shell, server: Server, endpoint: str) -> None:
    server.fault(operation="endpoints.list_keys", status=200, body={}, count=None)
    result = maas("endpoints", "keys", endpoint)
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"endpoint {endpoint} has no keys" in result.stderr


def test_a_message_comes_from_stdin_when_none_is_given(maas: Shell, endpoint: str) -> None:
    assert maas("chat", endpoint, stdin="When do you open?\n").stdout == f"{ANSWER}\n"
    assert maas("chat", endpoint, stdin="").exit_code == 2


def test_an_answer_is_one_json_document_or_its_chunks_in_jsonl(maas: Shell, endpoint: str) -> None:
    whole = json.loads(maas.done("chat", endpoint, "When do you open?", "--output", "json"))
    assert (whole["text"], whole["finish_reason"]) == (ANSWER, "stop")
    assert whole["usage"]["completion_tokens"] > 0
    pieces = maas.done("chat", endpoint, "When do you open?", "--output", "jsonl").splitlines()
    assert "".join(json.loads(piece)["text"] for piece in pieces) == ANSWER


@pytest.mark.parametrize("how", [["--no-stream"], []])
def test_an_answer_cut_off_by_max_tokens_is_noted(maas: Shell, endpoint: str, how: list[str]) -> None:
    result = maas("chat", endpoint, "When do you open?", "--max-tokens", "2", "--temperature", "0", *how)
    assert result.exit_code == 0
    assert result.stdout == "We open \n"
    assert "ended early: length" in result.stderr


def test_an_interrupted_stream_keeps_what_arrived_and_fails(maas: Shell, server: Server, endpoint: str) -> None:
    server.fault(operation="chat.complete", truncate=700, count=None)
    result = maas("chat", endpoint, "When do you open?")
    assert result.exit_code == 1
    assert result.stdout.startswith("We ")
    assert result.stdout.endswith("\n")
    assert "error: the answer ended early" in result.stderr


def test_a_system_message_is_sent_first(maas: Shell, server: Server, endpoint: str) -> None:
    maas.done("chat", endpoint, "Hello", "--system", "Be brief.")
    sent = next(entry for entry in reversed(server.requests()) if entry["operation"] == "chat.complete")
    assert "Be brief." in json.dumps(sent["request_body"])


def test_a_system_message_may_be_merged_into_the_first_question(maas: Shell, server: Server, endpoint: str) -> None:
    maas.done("chat", endpoint, "When do you open?", "--system", "Be brief.", "--merge-system", "--no-stream")

    [asked] = [entry["request_body"] for entry in server.requests() if entry["operation"] == "chat.complete"][-1:]
    assert asked["messages"] == [{"role": "user", "content": "Be brief.\n\nWhen do you open?"}]


def test_several_endpoints_are_deleted_at_once_or_none(maas: Shell, server: Server, endpoint: str) -> None:
    maas.done("endpoints", "create", "--model", MODEL, "--name", "base", "--no-wait")
    refused = maas("endpoints", "delete", endpoint, "nobody", "--yes")
    assert refused.exit_code == 3
    assert not [entry for entry in server.requests() if entry["operation"] == "endpoints.delete"]
    result = maas("endpoints", "delete", endpoint, "nobody", "base", "--yes", "--missing-ok", "--output", "json")
    assert [each["name"] for each in json.loads(result.stdout)] == ["shop", "base"]
    assert "no endpoint nobody: nothing to delete" in result.stderr
    assert json.loads(maas.done("endpoints", "list", "--output", "json")) == []


def test_ctrl_c_during_deletions_names_those_that_are_left(maas: Shell, endpoint: str) -> None:
    maas.done("endpoints", "create", "--model", MODEL, "--name", "base", "--no-wait")
    maas.interrupt_at = maas.time + 0.5
    result = maas("endpoints", "delete", endpoint, "base", "--yes")
    assert result.exit_code == 130
    assert result.stderr.endswith("resume with: maas endpoints delete shop base --yes --missing-ok\n")


@pytest.mark.parametrize("name", ["ft-1", "ft-1-model:1"])
def test_an_endpoint_may_be_named_by_its_job_or_model(maas: Shell, endpoint: str, validation: str, name: str) -> None:
    answered = maas("chat", name, "When do you open?")
    assert (answered.stdout, answered.exit_code) == (f"{ANSWER}\n", 0)
    assert f"{name} is served by endpoint {endpoint}" in answered.stderr
    assert "shop" in maas.done("eval", name, "--validation-data", validation, "--rows", "1")
    assert json.loads(maas.done("endpoints", "show", name, "--output", "json"))["name"] == endpoint


def test_a_job_without_an_endpoint_says_how_to_deploy_it(maas: Shell, server: Server, job: str) -> None:
    early = maas("chat", job, "Hello")
    assert early.exit_code == 75
    assert "error: 'ft-1' is a job, not an endpoint, and it is " in early.stderr
    assert "try: maas jobs watch ft-1, then maas deploy ft-1" in early.stderr
    server.advance(601)
    late = maas("chat", job, "Hello")
    assert late.exit_code == 3
    assert "error: the model of job 'ft-1' (ft-1-model:1) has no endpoint\n" in late.stderr
    assert "try: maas endpoints create --model ft-1-model:1\n" in late.stderr


def test_an_endpoint_is_created_for_the_model_of_a_job(maas: Shell, completed: str) -> None:
    result = maas("endpoints", "create", "--model", completed, "--name", "shop", "--no-wait", "--output", "json")
    assert json.loads(result.stdout)["model"] == "ft-1-model"
    assert "ft-1 is a job: serving its model ft-1-model:1" in result.stderr


def test_chat_and_eval_look_at_the_endpoint_first(maas: Shell, server: Server, validation: str) -> None:
    maas.done("endpoints", "create", "--model", MODEL, "--name", "base", "--no-wait")
    for words in (["chat", "base", "Hello"], ["eval", "base", "--validation-data", validation]):
        result = maas(*words)
        assert result.exit_code == 75
        assert "error: endpoint 'base' is not ready: Creating, Creating" in result.stderr
        assert "maas endpoints show base" in result.stderr
    server.advance(600)
    missing = maas("eval", "base", "nobody", "--validation-data", validation)
    assert missing.exit_code == 3
    assert not [entry for entry in server.requests() if entry["operation"] == "chat.complete"]


def test_a_lost_endpoint_is_not_asked(maas: Shell, server: Server) -> None:
    server.fault(operation="endpoints.create", endpoint="fail", reason="no capacity")
    maas.done("endpoints", "create", "--model", MODEL, "--name", "base", "--no-wait")
    server.advance(600)
    result = maas("chat", "base", "Hello")
    assert result.exit_code == 1
    assert "error: endpoint 'base' is not ready: Failed, " in result.stderr
    assert "try: maas endpoints delete base, and create it again" in result.stderr
