"""`maas copy`: what lies at a URL becomes a data asset, without passing through this machine."""

from __future__ import annotations

from functools import partial

import click

from ...core.secret_text import SecretAddress
from ..app.exit_codes import resume_hint_on_interrupt
from ..app.options import Command
from ..app.session import Session, pass_session
from ..output.printer import format_size, show_upload_progress


@click.command(
    cls=Command,
    help="""Let the service copy a file from URL into the workspace's datastore, and register it as a data asset.

    URL is an https address that the service can read as it is: public, or with a SAS. No data passes through this
    machine, so nothing is checked. After an interruption the same command copies what is missing.

    \b
    Example:
      maas copy "https://account.blob.core.windows.net/data/train.jsonl?sv=…&sig=…" --name support-chats
    """,
)
@click.argument("url", metavar="URL", type=SecretAddress)
@click.option("--name", metavar="NAME", help="The data asset's name, by default made of the file's.")
@click.option("--filename", metavar="FILE", help="The file's name in the datastore, by default that of the URL.")
@click.option("--parallel", type=click.IntRange(1, 64), default=4, metavar="N", help="Ranges under way at once (4).")
@pass_session
def copy(session: Session, url: SecretAddress, name: str | None, filename: str | None, parallel: int) -> None:
    """Copy a file from a URL."""
    resume_command = session.command("copy", "URL", *(["--name", name] if name else []))
    with (
        session.client() as maas,
        resume_hint_on_interrupt(resume_command, "nothing was registered"),
        session.printer.progress(filename or "copy") as advance,
    ):
        dataset = maas.datasets.copy(
            url, name=name, filename=filename, parallel=parallel, on_progress=partial(show_upload_progress, advance)
        )
    shown = {"asset": f"{dataset.name}:{dataset.version}", "id": dataset.id, "uri": dataset.uri}
    if dataset.bytes_resumed:
        shown["resumed"] = f"{format_size(dataset.bytes_resumed)} were there from a copy that was interrupted"
    session.printer.record(dataset.model_dump(mode="json"), shown)
