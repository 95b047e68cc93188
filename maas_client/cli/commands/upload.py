"""`maas upload`: upload a file and register it as a data asset."""

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

    Content that already exists is not sent again; pass the printed id to `maas jobs create --training-data`. After an
    interruption of any kind, run the same command again to send the rest.

    \b
    Example:
      maas upload train.jsonl --name support-chats
    """,
)
@click.argument("file", type=EXISTING_FILE)
@click.option("--name", metavar="NAME", help="Data asset name; derived from the file name by default.")
@click.option("--no-check", is_flag=True, help="Skip the dataset check.")
@click.option("--model", metavar="NAME", help="Base model to check for.")
@click.option(
    "--method",
    type=click.Choice(["supervised", "dpo", "reinforcement"]),
    help="Method of fine-tuning to check for, of Foundry; detected from the rows by default.",
)
@click.option("--parallel", type=click.IntRange(1, 64), default=4, metavar="N", help="Number of parallel blocks (4).")
@click.option(
    "--no-checksums", is_flag=True, help="Do not send MD5 checksums of the blocks; for https and disks faster than MD5."
)
@click.option("--role", type=click.Choice(["training", "validation"]), default="training", help="Purpose of the file.")
@pass_session
def upload(
    session: Session,
    file: Path,
    name: str | None,
    no_check: bool,
    model: str | None,
    method: Literal["supervised", "dpo", "reinforcement"] | None,
    parallel: int,
    no_checksums: bool,
    role: Literal["training", "validation"],
) -> None:
    """Upload a dataset."""
    printer = session.printer
    resume_command = session.command("upload", str(file), *(["--name", name] if name else []))
    with (
        session.client() as maas,
        resume_hint_on_interrupt(resume_command, "no data asset was registered"),
        printer.progress(file.name) as advance,
        file_names_in_errors(file),
    ):
        dataset = maas.datasets.upload(
            file,
            name=name,
            check=not no_check,
            model=model,
            method=method,
            role=role,
            parallel=parallel,
            checksums=not no_checksums,
            on_progress=partial(show_upload_progress, advance),
        )
    sent = format_size(dataset.bytes_sent) if dataset.bytes_sent else "nothing: this content already exists"
    if dataset.bytes_resumed:
        sent += f"; {format_size(dataset.bytes_resumed)} already sent by an interrupted upload"
    document = dataset.model_dump(mode="json")
    shown = {"asset": f"{dataset.name}:{dataset.version}", "id": dataset.id, "uri": dataset.uri, "sent": sent}
    printer.record(document, shown)
