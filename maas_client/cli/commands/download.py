"""`maas download`: what a job has made, or a data asset, becomes files here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from ..app.exit_codes import file_names_in_errors, resume_hint_on_interrupt
from ..app.options import Command
from ..app.session import Session, pass_session
from ..output.printer import format_size

if TYPE_CHECKING:
    from ...transfers.downloads.result import Downloaded
    from ..output.printer import Printer

_JOB_ID = re.compile(r"/subscriptions/.+/jobs/([^/]+)/?", re.IGNORECASE)


@click.command(
    cls=Command,
    help="""Download a data asset to the file or folder OUT, or what a job has made to the folder OUT.

    ASSET is NAME:VERSION, the id of a data asset, or an azureml:// URI of what lies in a datastore. A job's tuned model
    goes to OUT/named-outputs, its logs to OUT/artifacts. Files have their names when they are whole and checked; after
    an interruption the same command fetches what is missing.

    \b
    Example:
      maas download ft-support model/
      maas download support-chats:1 train.jsonl
    """,
)
@click.argument("what", metavar="ASSET|JOB")
@click.argument("out", metavar="OUT")
@click.option("--output-name", "outputs", multiple=True, metavar="NAME", help="This output of the job; again for more.")
@click.option("--logs-only", is_flag=True, help="Of a job, what it wrote and no output.")
@click.option("--no-logs", is_flag=True, help="Of a job, its outputs and nothing that it wrote.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there with other content.")
@click.option("--parallel", type=click.IntRange(1, 64), default=4, metavar="N", help="Ranges under way at once (4).")
@pass_session
def download(
    session: Session,
    what: str,
    out: str,
    outputs: tuple[str, ...],
    logs_only: bool,
    no_logs: bool,
    overwrite: bool,
    parallel: int,
) -> None:
    """Download files."""
    job_options = [*(f"--output-name={name}" for name in outputs), *_flags(logs_only=logs_only, no_logs=no_logs)]
    job = _job_name(what)
    if job_options and job is None:
        raise click.UsageError(f"{what!r} is data; {job_options[0].partition('=')[0]} is for jobs")
    if logs_only and (outputs or no_logs):
        raise click.UsageError("--logs-only asks for no output; leave out --output-name and --no-logs")
    printer = session.printer
    options = [*job_options, *_flags(overwrite=overwrite), *([f"--parallel={parallel}"] if parallel != 4 else [])]
    with (
        session.client() as maas,
        resume_hint_on_interrupt(session.command("download", what, out, *options), "what came is kept"),
        printer.progress(what.rstrip("/").rpartition("/")[2]) as advance,
        file_names_in_errors(out),
    ):
        if job is None:
            downloaded = maas.datasets.download(
                what,
                out,
                overwrite=overwrite,
                parallel=parallel,
                on_progress=lambda progress: advance(progress.done, progress.total),
            )
        else:
            downloaded = maas.jobs.download(
                job,
                out,
                outputs=() if logs_only else outputs or None,
                logs=not no_logs,
                overwrite=overwrite,
                parallel=parallel,
                on_progress=lambda progress: advance(progress.done, progress.total),
            )
    _show(printer, downloaded)


def _flags(**flags: bool) -> list[str]:
    """Write the flags that are set."""
    return [f"--{name.replace('_', '-')}" for name, is_set in flags.items() if is_set]


def _job_name(what: str) -> str | None:
    """Return the job that is named, None when it is data."""
    if found := _JOB_ID.fullmatch(what):
        return found[1]
    return None if ":" in what or "/" in what else what


def _show(printer: Printer, downloaded: Downloaded) -> None:
    """Write what was brought to stdout, and what it came to to stderr."""
    documents = [
        {
            "name": file.name,
            "path": str(file.path),
            "size": file.size,
            "fetched": file.fetched,
            "proof": file.proof,
        }
        for file in downloaded.files
    ]
    if printer.is_json:
        printer.document({"path": str(downloaded.path), "files": documents})
        return
    rows = [[str(file.path), format_size(file.size), file.proof] for file in downloaded.files]
    printer.table(["file", "size", "held to"], rows)
    fetched = format_size(downloaded.fetched) if downloaded.fetched else "nothing; all of it was there already"
    printer.note(f"fetched {fetched}")
