"""The options `-f FILE` and `--set KEY=VALUE`, and the job file that they describe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..app.exit_codes import file_names_in_errors
from ..app.options import EXISTING_FILE, F, key_value
from ..app.session import Session

if TYPE_CHECKING:
    from ...job_files.job_file import JobFile


def job_file_options(*, required: bool) -> Callable[[F], F]:
    """Return a decorator that adds `-f FILE`, required or not, and `--set KEY=VALUE` to a command."""
    file_help = "Job file, YAML or JSON; `maas jobs schema` prints its keys."
    file = click.option("--file", "-f", type=EXISTING_FILE, required=required, metavar="FILE", help=file_help)
    set_help = "Override a key of the job file; repeatable."
    overrides = click.option("--set", "overrides", type=key_value, metavar="KEY=VALUE", multiple=True, help=set_help)
    return lambda command: file(overrides(command))


def read_job_file(session: Session, file: Path | None, overrides: tuple[tuple[str, str], ...]) -> JobFile:
    """Read a job file and print which keys are ignored; without a file, return an empty job file."""
    from ...job_files.job_file import JobFile

    if file is None:
        return JobFile()
    with file_names_in_errors(file):
        job_file = JobFile.read(file, overrides=overrides)
    whose = f"{file.name}, a configuration of {job_file.tool.title}" if job_file.tool else "the job file"
    _note_keys(session, f"ignored keys of {whose}", job_file.ignored)
    return job_file


def for_service(session: Session, job: JobFile) -> JobFile:
    """Return a job as its service takes it, and print what the service does otherwise than the job's file says."""
    fitted = job.for_service()
    _note_keys(session, "keys that the service does not follow", fitted.ignored[len(job.ignored) :])
    return fitted


def _note_keys(session: Session, title: str, keys: tuple[str, ...]) -> None:
    """Print keys with their lines: in one line, or those with a reason in a line for each reason."""
    if not keys:
        return
    by_reason: dict[str, list[str]] = {}
    for each in keys:
        key, closing, reason = each.partition("): ")
        by_reason.setdefault(reason, []).append(f"{key})" if closing else key)
    plain = by_reason.pop("", [])
    session.printer.note(f"{title}: {', '.join(plain)}" if plain else f"{title}:")
    for reason, named in by_reason.items():
        session.printer.note(f"  {', '.join(named)}: {reason}")


def local_files(job: JobFile) -> list[str]:
    """Return which of a job's datasets are local files."""
    return [data for data in (job.training_data, job.validation_data, job.test_data) if data and Path(data).is_file()]
