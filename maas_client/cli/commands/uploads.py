"""`maas uploads`: list or discard interrupted uploads."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..app.list_options import list_options
from ..app.options import Command
from ..app.session import Session, pass_session
from ..output.printer import Columns, format_size

if TYPE_CHECKING:
    from ...transfers.uploads.journal import Entry


@click.command(
    cls=Command,
    help="""List interrupted uploads; `maas upload FILE` resumes one.

    --clean discards them. The blocks they have sent are uncommitted, cost nothing, and are deleted by the service
    within a week, the parts sent to Foundry within two hours, and an upload to it can be resumed until then.

    \b
    Example:
      maas uploads
      maas uploads --clean train.jsonl
    """,
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--clean", is_flag=True, help="Discard them, or only those of FILES.")
@list_options
@pass_session
def uploads(session: Session, files: tuple[Path, ...], clean: bool) -> None:
    """List or discard interrupted uploads."""
    from ...transfers.uploads.journal import own_journal

    journal = own_journal()
    wanted = {str(file.absolute()) for file in files}
    found = [entry for entry in journal.entries() if not wanted or entry.file in wanted]
    if clean:
        for entry in found:
            journal.forget(Path(entry.file), entry.workspace)
        session.printer.note(f"{len(found)} upload{'s' * (len(found) != 1)} discarded")
        return
    session.printer.listing(found, COLUMNS, _document, more={"blob": attrgetter("blob")})


def _document(entry: Entry) -> dict[str, object]:
    return {
        "file": entry.file,
        "size": entry.identity.size,
        "state": _state(entry),
        "began": _start_time(entry),
        "workspace": entry.workspace,
        "blob": entry.blob,
    }


def _start_time(entry: Entry) -> str:
    return datetime.fromtimestamp(entry.began, UTC).isoformat(timespec="seconds")


def _state(entry: Entry) -> str:
    """Return whether the upload can be resumed."""
    from ...transfers.file_identity import FileIdentity

    try:
        changed = entry.identity.differs(FileIdentity.of(Path(entry.file).stat()))
    except OSError:
        return "file not found"
    if changed:
        return f"changed: {changed}"
    is_expired = entry.expires is not None and entry.expires < datetime.now(UTC).timestamp()
    return "expired: starts over" if is_expired else "resumable"


COLUMNS: Columns[Entry] = {
    "file": lambda entry: entry.file,
    "size": lambda entry: format_size(entry.identity.size),
    "state": _state,
    "began": _start_time,
    "workspace": lambda entry: entry.workspace.rpartition("/")[2],
}
