"""An interactive conversation: its commands, and a loop that neither an error nor Ctrl-C ends."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import click

from ...core.errors import MaasError
from ...core.text import printable

Messages = list[dict[str, str]]

PROMPT, CONTINUED, BLOCK = "> ", "... ", '"""'

HELP = '''/system TEXT  set the system message; without TEXT, remove it
/clear        forget the conversation; the system message is kept
/save FILE    write the conversation to a new JSONL file, as a row of training data
/help         show this list
/quit         end, as does Ctrl-D
Ctrl-C cancels an answer, or clears the line. A message of several lines begins and ends with """.
A message that begins with a slash is written with two. Earlier lines are kept in memory only.'''

_COMMAND = re.compile(r"/([a-z]+)(?:\s+(.*))?", re.DOTALL)


class Canceled(Exception):
    """The answer was canceled; `text` is the part that was received."""

    def __init__(self, text: str) -> None:
        super().__init__("the answer was canceled")
        self.text = text


Ask = Callable[[Messages, str | None], str]
"""Sends a conversation and a system message, shows the answer as it arrives, and returns it."""


@dataclass(slots=True)
class Conversation:
    """The messages so far. A question whose answer fails is not kept, so that questions and answers alternate."""

    ask: Ask
    note: Callable[[str], object]
    system: str | None = None
    turns: Messages = field(default_factory=list[dict[str, str]])

    def handle(self, text: str) -> bool:
        """Carry out a command or send a message; return whether the conversation continues."""
        command = _COMMAND.fullmatch(text)
        if command is None:
            self._send(text[1:] if text.startswith("//") else text)
            return True
        word, argument = command[1], (command[2] or "").strip()
        match word:
            case "quit" | "exit":
                return False
            case "help":
                self.note(HELP)
            case "clear":
                self.turns.clear()
                self.note("the conversation is forgotten")
            case "system":
                self.system = argument or None
                self.note("the system message is set" if argument else "there is no system message any more")
            case "save":
                self._save(argument)
            case _:
                self.note(f"no command /{word}; /help lists the commands, and //{word} sends a message")
        return True

    def _send(self, text: str) -> None:
        question = {"role": "user", "content": text}
        try:
            answer = self.ask([*self.turns, question], self.system)
        except Canceled as canceled:
            self.note("canceled")
            answer = canceled.text
        if answer:
            self.turns += [question, {"role": "assistant", "content": answer}]

    def _save(self, name: str) -> None:
        """Write the conversation to a file that does not exist."""
        if not name:
            self.note("name the file: /save FILE")
            return
        if not self.turns:
            self.note("there is nothing to save yet")
            return
        system = [{"role": "system", "content": self.system}] if self.system else []
        row = json.dumps({"messages": [*system, *self.turns]}, ensure_ascii=False)
        with Path(name).expanduser().open("x", encoding="utf-8") as file:
            file.write(f"{row}\n")
        self.note(f"{len(self.turns)} messages saved to {name}")


def converse(conversation: Conversation) -> None:
    """Read messages and commands from the terminal until Ctrl-D or /quit."""
    with suppress(ImportError):  # Windows has no readline: its console edits lines by itself
        import_module("readline")  # with it, input() edits lines, and keeps them for the arrow keys
    for text in _messages():
        try:
            if not conversation.handle(text):
                return
        except MaasError as error:
            from ..app.error_messages import hint_for, message_of  # here: only failures need it

            _complain(message_of(error), hint_for(error))
        except OSError as error:
            _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _complain(message: str, hint: str = "") -> None:
    click.echo(printable(f"error: {message}"), err=True)
    if hint:
        click.echo(printable(hint), err=True)


def _messages() -> Iterator[str]:
    """Yield what is typed, without empty lines; Ctrl-C discards the line, or the lines of an unfinished block."""
    while True:
        try:
            text = _read(PROMPT).strip()
            if text.startswith(BLOCK):
                text = _read_block(text.removeprefix(BLOCK))
        except KeyboardInterrupt:
            click.echo(err=True)
            continue
        except EOFError:
            click.echo(err=True)
            return
        if text:
            yield text


def _read_block(first: str) -> str:
    """Read the lines of a message up to the one that ends it."""
    lines = [first]
    while not lines[-1].rstrip().endswith(BLOCK):
        lines.append(_read(CONTINUED))
    lines[-1] = lines[-1].rstrip().removesuffix(BLOCK)
    return "\n".join(lines).strip()


def _read(prompt: str) -> str:
    """Read a line; the prompt is never part of the data on stdout."""
    if sys.stdout.isatty():
        return input(prompt)
    click.echo(prompt, nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line
