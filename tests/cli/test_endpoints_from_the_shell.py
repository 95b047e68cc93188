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
    assert json.loads(maas.done("endpoints", "show", "base", "--output", "json"))["model"] == MODEL
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
