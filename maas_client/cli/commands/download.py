"""`maas download`: download a data asset, or the outputs and logs of a job."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ...core.errors import InvalidInput, NotFound
from ..app.exit_codes import file_names_in_errors, resume_hint_on_interrupt
from ..app.options import Command
from ..app.renamed_options import RenamedOption
from ..app.session import Session, pass_session
from ..output.printer import format_size

if TYPE_CHECKING:
    from ...client import MaasClient
    from ...transfers.downloads.result import Downloaded
    from ..output.printer import Printer

_JOB_ID = re.compile(r"/subscriptions/.+/jobs/[^/]+/?", re.IGNORECASE)
_JOB_URL = re.compile(r"https?://[^?#]*/(?:runs|jobs)/", re.IGNORECASE)


@click.command(
    cls=Command,
    help="""Download a data asset to the file or folder OUT, or the outputs and logs of a job to the folder OUT.

    ASSET is NAME:VERSION, NAME@latest, NAME alone if no job has it, an id, or the azureml:// URI of a datastore path.
    A job's tuned model is written to OUT/named-outputs, its logs to OUT/artifacts. A file appears under its name once
    it is complete and verified; after an interruption, run the same command again to download the rest.

    \b
    Example:
      maas download ft-support model/
      maas download support-chats:1 train.jsonl
    """,
)
@click.argument("what", metavar="ASSET|JOB")
@click.argument("out", metavar="OUT")
@click.option(
    "--named-output",
    "outputs",
    cls=RenamedOption,
    former=["--output-name"],
    multiple=True,
    metavar="NAME",
    help="Download only this output of the job; repeatable.",
)
@click.option("--logs-only", is_flag=True, help="Download only the logs of a job.")
@click.option("--no-logs", is_flag=True, help="Download only the outputs of a job.")
@click.option("--overwrite", is_flag=True, help="Overwrite existing files that differ.")
@click.option("--parallel", type=click.IntRange(1, 64), default=4, metavar="N", help="Number of parallel ranges (4).")
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
    job_options = [*(f"--named-output={name}" for name in outputs), *_flags(logs_only=logs_only, no_logs=no_logs)]
    job = _job_name(session, what)
    if job_options and job is None:
        raise click.UsageError(f"{what!r} is a data asset; {job_options[0].partition('=')[0]} requires a job")
    if logs_only and (outputs or no_logs):
        raise click.UsageError("--logs-only cannot be combined with --named-output or --no-logs")
    printer = session.printer
    options = [*job_options, *_flags(overwrite=overwrite), *([f"--parallel={parallel}"] if parallel != 4 else [])]
    with (
        session.client() as maas,
        resume_hint_on_interrupt(session.command("download", what, out, *options), "downloaded parts are kept"),
        printer.progress(what.rstrip("/").rpartition("/")[2]) as advance,
        file_names_in_errors(out),
    ):
        asset, downloaded = what, None
        if job is not None:
            try:
                downloaded = maas.jobs.download(
                    job,
                    out,
                    outputs=() if logs_only else outputs or None,
                    logs=not no_logs,
                    overwrite=overwrite,
                    parallel=parallel,
                    on_progress=lambda progress: advance(progress.done, progress.total),
                )
            except NotFound as missing:
                asset = _latest_asset(maas, job, missing, job_options)
                printer.note(f"there is no job {job!r}; downloading data asset {asset}")
        if downloaded is None:
            downloaded = maas.datasets.download(
                asset,
                out,
                overwrite=overwrite,
                parallel=parallel,
                on_progress=lambda progress: advance(progress.done, progress.total),
            )
    _show(printer, downloaded)


def _flags(**flags: bool) -> list[str]:
    """Return the flags that are set, as arguments."""
    return [f"--{name.replace('_', '-')}" for name, is_set in flags.items() if is_set]


def _job_name(session: Session, what: str) -> str | None:
    """Return the job name, from an ARM id or a Studio URL as well, or None if `what` is a data asset."""
    if _JOB_ID.fullmatch(what) or _JOB_URL.match(what):
        return session.job_name(what)
    return None if any(mark in what for mark in ":/@") else what


def _latest_asset(maas: MaasClient, name: str, missing: NotFound, job_options: Sequence[str]) -> str:
    """Return the latest version of the data asset that has the name of a missing job; else raise that error."""
    if job_options:
        raise missing
    try:
        dataset = maas.datasets.get(name)
    except (NotFound, InvalidInput):
        raise missing from None
    return f"{dataset.name}:{dataset.version}"


def _show(printer: Printer, downloaded: Downloaded) -> None:
    """Print the files to stdout and the downloaded size to stderr."""
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
    printer.table(["file", "size", "verified by"], rows)
    fetched = format_size(downloaded.fetched) if downloaded.fetched else "nothing: all files already exist"
    printer.note(f"downloaded {fetched}")
