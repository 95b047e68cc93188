"""`maas upload`: a file becomes a data asset."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

import click

from ..app.exit_codes import file_names_in_errors, resume_hint_on_interrupt
from ..app.options import EXISTING_FILE, Command
from ..app.session import Session, pass_session
from ..output.printer import format_size, show_upload_progress


@click.command(
    cls=Command,
    help="""Upload FILE to the workspace's datastore and register it as a data asset.

    The same content is sent once; its id is what `maas jobs create --training-data` takes. After an interruption the
    same command sends what is missing, whatever became of the first process.

    \b
    Example:
      maas upload train.jsonl --name support-chats
    """,
)
@click.argument("file", type=EXISTING_FILE)
@click.option("--name", metavar="NAME", help="The data asset's name, by default made of the file's.")
@click.option("--no-check", is_flag=True, help="Upload even what the service would refuse.")
@click.option("--model", metavar="NAME", help="The base model to check for.")
@click.option("--parallel", type=click.IntRange(1, 64), default=4, metavar="N", help="Blocks under way at once (4).")
@click.option(
    "--no-checksums", is_flag=True, help="Send no MD5 of each block; over https, for files faster than MD5 can be made."
)
@click.option("--role", type=click.Choice(["training", "validation"]), default="training", help="What the file is for.")
@pass_session
def upload(
    session: Session,
    file: Path,
    name: str | None,
    no_check: bool,
    model: str | None,
    parallel: int,
    no_checksums: bool,
    role: Literal["training", "validation"],
) -> None:
    """Upload a data set."""
    printer = session.printer
    resume_command = session.command("upload", str(file), *(["--name", name] if name else []))
    with (
        session.client() as maas,
        resume_hint_on_interrupt(resume_command, "nothing was registered"),
        printer.progress(file.name) as advance,
        file_names_in_errors(file),
    ):
        dataset = maas.datasets.upload(
            file,
            name=name,
            check=not no_check,
            model=model,
            role=role,
            parallel=parallel,
            checksums=not no_checksums,
            on_progress=partial(show_upload_progress, advance),
        )
    sent = format_size(dataset.bytes_sent) if dataset.bytes_sent else "nothing; this content was there already"
    if dataset.bytes_resumed:
        sent += f"; {format_size(dataset.bytes_resumed)} were there from an upload that was interrupted"
    document = dataset.model_dump(mode="json")
    shown = {"asset": f"{dataset.name}:{dataset.version}", "id": dataset.id, "uri": dataset.uri, "sent": sent}
    printer.record(document, shown)
