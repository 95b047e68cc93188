"""Reading the job file of the option `-f FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..app.exit_codes import file_names_in_errors
from ..app.session import Session

if TYPE_CHECKING:
    from ...job_files.job_file import JobFile


def read_job_file(session: Session, file: Path | None, overrides: tuple[tuple[str, str], ...]) -> JobFile:
    """Read a job file and print which keys are ignored; without a file, return an empty job file."""
    from ...job_files.job_file import JobFile

    if file is None:
        return JobFile()
    with file_names_in_errors(file):
        job_file = JobFile.read(file, overrides=overrides)
    if job_file.ignored:
        session.printer.note(f"ignored keys of the job file: {', '.join(job_file.ignored)}")
    return job_file


def local_files(job: JobFile) -> list[str]:
    """Return which of a job's datasets are local files."""
    return [data for data in (job.training_data, job.validation_data) if data and Path(data).is_file()]
