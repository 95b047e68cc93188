"""`maas record`: run a command, and write what its clients send and receive to a file that can be shared."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from ..app.exit_codes import Failed
from ..app.options import EXISTING_FILE, NEW_FILE, Command
from ..app.session import Session, pass_session
from ..output.printer import Columns

if TYPE_CHECKING:
    from ...recording.exchange import Exchange

_STDERR = 2
_NOT_FOUND, _NOT_RUNNABLE = 127, 126
_KILLED = 128


@click.command(
    cls=Command,
    help="""Run a command, and write what it sends to Azure and receives to FILE, which can be shared.

    The command is `maas …`, or any program that makes a client of this library. Names, secrets, texts and hosts become
    placeholders such as job-1, the same one for the same original, and of data only the size and shape are kept. Look
    at the file before you share it; --show lists what is in it. The exit code is the command's.

    \b
    Example:
      maas record --to job.jsonl -- maas jobs create --model Phi-4-mini-instruct --training-data train.jsonl --wait
      maas record --to script.jsonl -- python fine_tune.py
      maas record --show job.jsonl
    """,
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND…]")
@click.option("--to", type=NEW_FILE, metavar="FILE", help="File to write the recording to.")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@click.option("--show", type=EXISTING_FILE, metavar="FILE", help="List what is in a recording, and run nothing.")
@pass_session
def record(session: Session, command: tuple[str, ...], to: Path | None, overwrite: bool, show: Path | None) -> int:
    """Record a command, or show a recording."""
    from ...recording.cassette import CassetteFile, read_cassette

    if show is not None:
        if to is not None or command:
            raise click.UsageError("--show runs nothing: it takes neither --to nor a command")
        session.printer.rows(read_cassette(show), COLUMNS, lambda exchange: exchange.to_document())
        return 0
    if to is None or not command:
        raise click.UsageError("which command, and to which file? As in: maas record --to FILE -- maas jobs list")
    CassetteFile(to).create(overwrite=overwrite)
    code = _run_recorded(command, to, prints_json=session.printer.is_json)
    count = len(read_cassette(to))
    if session.printer.is_json:
        session.printer.document({"file": str(to), "exchanges": count, "exit_code": code})
    else:
        what = f"{count} exchange{'s' * (count != 1)} in {to}"
        session.printer.note(
            f"recorded {what}" if count else f"recorded nothing: {command[0]} made no client that sent"
        )
    return code


def _run_recorded(command: Sequence[str], file: Path, *, prints_json: bool) -> int:
    """Run a command whose clients append to a file, and return its exit code.

    Its processes share a table of placeholders, which has no names and is deleted with the key at the end.
    """
    from ...recording.recording import VARIABLE
    from ...recording.shared_table import TABLE, SharedTable

    with TemporaryDirectory(prefix="maas-record-", ignore_cleanup_errors=True) as folder:
        table = SharedTable.variable(Path(folder) / "placeholders", secrets.token_hex(16))
        environment = {**os.environ, VARIABLE: str(file.absolute()), TABLE: table}
        return _run(_words(command), environment, stdout=_STDERR if prints_json else None)


def _run(words: Sequence[str], environment: Mapping[str, str], *, stdout: int | None) -> int:
    """Run a program to its end, also after Ctrl-C, which it gets as well."""
    try:
        process = subprocess.Popen(words, env=environment, stdout=stdout)  # noqa: S603 -- the user's own command
    except OSError as error:
        code = _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_RUNNABLE
        raise Failed(f"{words[0]} cannot be run: {error.strerror or error}", code=code) from None
    while True:
        try:
            code = process.wait()
            return code if code >= 0 else _KILLED - code
        except KeyboardInterrupt:
            continue


def _words(command: Sequence[str]) -> list[str]:
    """Return the words of a command; `maas` is this program, also where it is not in the path."""
    program, *rest = command
    return [sys.executable, "-m", "maas_client", *rest] if program == "maas" else [program, *rest]


COLUMNS: Columns[Exchange] = {
    "n": lambda exchange: exchange.n,
    "at": lambda exchange: f"{exchange.at:.1f} s",
    "operation": lambda exchange: exchange.operation,
    "method": lambda exchange: exchange.method,
    "status": lambda exchange: exchange.failure or exchange.status,
    "url": lambda exchange: exchange.url,
}
