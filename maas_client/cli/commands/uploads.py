"""`maas uploads`: what uploads that were interrupted have left behind."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..app.options import Command
from ..app.session import Session, pass_session
from ..output.printer import Columns, format_size

if TYPE_CHECKING:
    from ...transfers.uploads.journal import Entry


@click.command(
    cls=Command,
    help="""List the uploads that were interrupted; `maas upload FILE` takes one up again.

    With --clean they are forgotten. What they have sent is not committed, costs nothing, and is dropped by the service
    within a week.

    \b
    Example:
      maas uploads
      maas uploads --clean train.jsonl
    """,
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--clean", is_flag=True, help="Forget them, or only those of FILES.")
@pass_session
def uploads(session: Session, files: tuple[Path, ...], clean: bool) -> None:
    """List interrupted uploads, or forget them."""
    from ...transfers.uploads.journal import own_journal

    journal = own_journal()
    wanted = {str(file.absolute()) for file in files}
    found = [entry for entry in journal.entries() if not wanted or entry.file in wanted]
    if clean:
        for entry in found:
            journal.forget(Path(entry.file), entry.workspace)
        session.printer.note(f"{len(found)} upload{'s' * (len(found) != 1)} forgotten")
        return
    session.printer.rows(found, COLUMNS, _document)


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
    """Say whether the upload can be taken up."""
    from ...transfers.file_identity import FileIdentity

    try:
        changed = entry.identity.differs(FileIdentity.of(Path(entry.file).stat()))
    except OSError:
        return "the file is gone"
    return f"changed: {changed}" if changed else "can go on"


COLUMNS: Columns[Entry] = {
    "file": lambda entry: entry.file,
    "size": lambda entry: format_size(entry.identity.size),
    "state": _state,
    "began": _start_time,
    "workspace": lambda entry: entry.workspace.rpartition("/")[2],
}
