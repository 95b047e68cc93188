"""`maas chat`: a streamed answer, or an interactive conversation."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ...core.errors import StreamInterrupted
from ..app.endpoint_names import find_ready_endpoint
from ..app.options import Command
from ..app.session import Session, pass_session
from ..output.printer import Printer

if TYPE_CHECKING:
    from ... import Endpoint
    from ...client import MaasClient

Messages = list[dict[str, str]]


@click.command(
    cls=Command,
    help="""Send MESSAGE to ENDPOINT and stream the answer. ENDPOINT may also be the job or the tuned model
    (NAME:VERSION) that an endpoint serves. Without MESSAGE, the message is read from stdin; on a terminal an
    interactive conversation starts, in which /help lists the commands and Ctrl-D ends.

    \b
    Example:
      maas chat support "When are you open?" --system "Be brief."
    """,
)
@click.argument("name", metavar="ENDPOINT")
@click.argument("message", required=False)
@click.option("--system", metavar="TEXT", help="System message.")
@click.option(
    "--merge-system/--no-merge-system",
    default=None,
    help="Merge the system message into the first user message, for base models without a system role.",
)
@click.option("--max-tokens", type=click.IntRange(min=1), metavar="N", help="Maximum number of tokens in the answer.")
@click.option(
    "--temperature",
    type=click.FloatRange(min=0),
    metavar="T",
    help="Sampling temperature from 0 to 1; 0 always picks the most likely token.",
)
@click.option("--no-stream", is_flag=True, help="Print the answer once it is complete.")
@pass_session
def chat(
    session: Session,
    name: str,
    message: str | None,
    system: str | None,
    merge_system: bool | None,
    max_tokens: int | None,
    temperature: float | None,
    no_stream: bool,
) -> None:
    """Chat with an endpoint."""
    options: dict[str, Any] = {
        "system": system,
        "merge_system": merge_system,
        "max_tokens": max_tokens,
        "temperature": temperature,
    }
    interactive = message is None and sys.stdin.isatty()
    text = message if message is not None else "" if interactive else sys.stdin.read().strip()
    if not text and not interactive:
        raise click.UsageError("the message is empty", click.get_current_context())
    with session.client() as maas:
        endpoint = find_ready_endpoint(session, maas, name)
        if interactive:
            _converse(session.printer, maas, endpoint, options)
            return
        turns = [{"role": "user", "content": text}]
        if no_stream or session.printer.output == "json":
            _complete(session.printer, maas, endpoint, turns, options)
        else:
            _stream(session.printer, maas, endpoint, turns, options, [])


def _complete(printer: Printer, maas: MaasClient, endpoint: Endpoint, turns: Messages, options: dict[str, Any]) -> None:
    answer = maas.chat.complete(endpoint, turns, **options)
    if printer.is_json:
        printer.document(answer.model_dump(mode="json"))
    else:
        printer.line(answer.text)
    _note_finish_reason(printer, answer.finish_reason)


def _stream(
    printer: Printer,
    maas: MaasClient,
    endpoint: Endpoint,
    turns: Messages,
    options: dict[str, Any],
    parts: list[str],
) -> str:
    """Print the chunks of an answer as they arrive and return the full text; an interrupted answer stays printed.

    `parts` receives the chunks.
    """
    reason = ""
    try:
        for chunk in maas.chat.stream(endpoint, turns, **options):
            parts.append(chunk.text)
            reason = chunk.finish_reason or reason
            if printer.is_json:
                printer.document(chunk.model_dump(mode="json"))
            else:
                click.echo(chunk.text, nl=False)
    except (StreamInterrupted, KeyboardInterrupt):
        _end_line(printer)
        raise
    _end_line(printer)
    _note_finish_reason(printer, reason)
    return "".join(parts)


def _end_line(printer: Printer) -> None:
    if not printer.is_json:
        click.echo()


def _note_finish_reason(printer: Printer, reason: str) -> None:
    if reason not in {"stop", ""}:
        printer.note(f"the answer ended early: {reason}")


def _converse(printer: Printer, maas: MaasClient, endpoint: Endpoint, options: dict[str, Any]) -> None:
    """Hold a conversation on the terminal, sending all of it with every message."""
    from .chat_session import Canceled, Conversation, converse

    def ask(turns: Messages, system: str | None) -> str:
        parts: list[str] = []
        try:
            return _stream(printer, maas, endpoint, turns, {**options, "system": system}, parts)
        except KeyboardInterrupt:
            raise Canceled("".join(parts)) from None

    printer.note(f"chatting with {endpoint.name}, which serves {endpoint.model}; /help lists commands, Ctrl-D ends")
    converse(Conversation(ask, printer.note, system=options["system"]))
