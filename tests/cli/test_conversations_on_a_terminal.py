"""`maas chat` on a terminal: line editing, commands, and a conversation that survives errors and Ctrl-C."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from screens import Screen, screen

from mock_server.server import Server
from tests.cli.shell import ANSWER, Shell

Start = Callable[[], AbstractContextManager[Screen]]


@pytest.fixture
def start(endpoint: str) -> Start:
    """Start a conversation with the endpoint."""

    @contextmanager
    def started() -> Generator[Screen]:
        with screen("chat", endpoint) as shown:
            shown.shows("/help lists commands, Ctrl-D ends\n>")
            yield shown

    return started


def asked(server: Server) -> list[list[dict[str, Any]]]:
    """The messages of each chat request but the one that probed the endpoint."""
    requests = [entry for entry in server.requests() if entry["operation"] == "chat.complete"]
    return [entry["request_body"]["messages"] for entry in requests[1:]]


def roles(messages: list[dict[str, Any]]) -> str:
    """The first letters of the roles, in order."""
    return "".join(message["role"][0] for message in messages)


def last_line(shown: Screen) -> str:
    """What stands on the line of the cursor."""
    return [line for line in shown.lines if line][-1]


def test_lines_are_edited_and_come_back_with_the_arrow_up(start: Start, server: Server) -> None:
    with start() as shown:
        shown.type("When do you ope?\x1b[Dnx\x7f\r")  # one to the left, two letters, and a backspace
        shown.shows(f"{ANSWER}\n>")
        shown.type("\x1b[A\r")
        shown.until(lambda text: text.count(ANSWER) == 2)
        shown.type("\x04")
        assert shown.end() == 0
    assert [messages[-1]["content"] for messages in asked(server)] == ["When do you open?"] * 2
    assert [roles(messages) for messages in asked(server)] == ["u", "uau"]


def test_the_system_message_is_set_and_the_talk_forgotten(start: Start, server: Server) -> None:
    with start() as shown:
        for typed, seen in (
            ("/system Be brief.", "the system message is set"),
            ("When do you open?", f"{ANSWER}\n>"),
            ("/clear", "the conversation is forgotten"),
            ("Anything else?", "\n> Anything else?\n"),
            ("/system", "there is no system message any more"),
            ("/nonsense", "no command /nonsense"),
            ("/help", "/save FILE"),
        ):
            shown.type(f"{typed}\r")
            shown.shows(seen)
            shown.until(lambda text: text.rstrip().endswith("\n>"))
        shown.type("/quit\r")
        assert shown.end() == 0
    assert [roles(messages) for messages in asked(server)] == ["su", "su"]


def test_a_conversation_is_saved_as_a_row_of_training_data(start: Start, maas: Shell, tmp_path: Path) -> None:
    with start() as shown:
        shown.type("/save chat.jsonl\r")
        shown.shows("nothing to save yet")
        shown.type("/system Be brief.\rWhen do you open?\r")
        shown.shows(f"{ANSWER}\n>")
        shown.type("/save chat.jsonl\r")
        shown.shows("2 messages saved to chat.jsonl")
        shown.type("/save chat.jsonl\r")
        shown.shows("error: chat.jsonl: File exists")
        shown.type("\x04")
        assert shown.end() == 0
    row = json.loads((tmp_path / "chat.jsonl").read_text("utf-8"))
    assert roles(row["messages"]) == "sua"
    assert json.loads(maas("check", "chat.jsonl", "--output", "json").stdout)["kept"] == 1


def test_a_failed_answer_ends_neither_talk_nor_context(start: Start, server: Server) -> None:
    with start() as shown:
        shown.type("When do you open?\r")
        shown.shows(f"{ANSWER}\n>")
        server.fault(operation="chat.complete", status=400, body={"error": {"message": "the filter was triggered"}})
        shown.type("Something else\r")
        shown.shows("error: cannot chat with")
        shown.shows("the filter was triggered")
        shown.type("When do you open?\r")
        shown.until(lambda text: text.count(ANSWER) == 2)
        shown.type("\x04")
        assert shown.end() == 0
    assert [roles(messages) for messages in asked(server)] == ["u", "uau", "uau"]


def test_ctrl_c_cancels_an_answer_and_clears_a_line(start: Start, server: Server) -> None:
    with start() as shown:
        shown.type("When do you open?\r")
        shown.shows(f"{ANSWER}\n>")
        server.fault(operation="chat.complete", delay=60)
        shown.type("Something slow\r")
        shown.until(lambda text: text.rstrip().endswith("> Something slow"))
        shown.type("\x03")
        shown.shows("canceled\n>")
        shown.type("half a line\x03")
        shown.until(lambda text: text.rstrip().endswith("\n>"))
        shown.type("When do you open?\r")
        shown.until(lambda text: text.count(ANSWER) == 2)
        shown.type("\x04")
        assert shown.end() == 0
    assert [messages[-1]["content"] for messages in asked(server)][-1] == "When do you open?"
    assert roles(asked(server)[-1]) == "uau"


def test_a_message_of_several_lines_is_one_message(start: Start, server: Server) -> None:
    with start() as shown:
        shown.type('"""first\rsecond"""\r')
        shown.until(lambda text: text.rstrip().endswith("\n>") and "... second" in text)
        shown.type("//help me\r")
        shown.until(lambda text: text.rstrip().endswith("\n>") and "//help me" in text)
        shown.type("\x04")
        assert shown.end() == 0
    assert [messages[-1]["content"] for messages in asked(server)] == ["first\nsecond", "/help me"]


@pytest.mark.usefixtures("endpoint")
def test_without_such_an_endpoint_no_conversation_starts() -> None:
    with screen("chat", "shopp") as shown:
        assert shown.end() == 3
        assert "error: no endpoint 'shopp' in workspace 'work'; did you mean 'shop'?" in shown.text
        assert "chatting" not in shown.text
