"""`maas copy`: server-side copy of a file from a URL, registered as a data asset."""

from __future__ import annotations

from functools import partial

import click

from ...core.secret_text import SecretUrl
from ..app.exit_codes import resume_hint_on_interrupt
from ..app.options import Command
from ..app.session import Session, pass_session
from ..output.printer import format_size, show_upload_progress


@click.command(
    cls=Command,
    help="""Copy a file from URL server-side into the workspace's datastore, and register it as a data asset.

    URL is an https address that the storage service can read: public, or with a SAS token. No data passes through this
    machine, so the file is not checked. After an interruption, run the same command again to copy the rest.

    A Foundry account imports the file, of up to 512 MB, as a whole.

    \b
    Example:
      maas copy "https://account.blob.core.windows.net/data/train.jsonl?sv=…&sig=…" --name support-chats
    """,
)
@click.argument("url", metavar="URL", type=SecretUrl)
@click.option("--name", metavar="NAME", help="Data asset name; derived from the file name by default.")
@click.option("--filename", metavar="FILE", help="File name in the datastore; taken from the URL by default.")
@click.option("--parallel", type=click.IntRange(1, 64), default=4, metavar="N", help="Number of parallel ranges (4).")
@pass_session
def copy(session: Session, url: SecretUrl, name: str | None, filename: str | None, parallel: int) -> None:
    """Copy a file from a URL."""
    resume_command = session.command("copy", "URL", *(["--name", name] if name else []))
    with (
        session.client() as maas,
        resume_hint_on_interrupt(resume_command, "no data asset was registered"),
        session.printer.progress(filename or "copy") as advance,
    ):
        dataset = maas.datasets.copy(
            url, name=name, filename=filename, parallel=parallel, on_progress=partial(show_upload_progress, advance)
        )
    shown = {"asset": f"{dataset.name}:{dataset.version}", "id": dataset.id, "uri": dataset.uri}
    if dataset.bytes_resumed:
        shown["resumed"] = f"{format_size(dataset.bytes_resumed)} already copied by an interrupted run"
    session.printer.record(dataset.model_dump(mode="json"), shown)
