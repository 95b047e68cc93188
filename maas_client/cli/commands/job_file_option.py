"""The option `-f FILE`, and the job file that it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..app.exit_codes import naming
from ..app.session import Session

if TYPE_CHECKING:
    from ...job_files.job_file import JobFile


def read_job_file(session: Session, file: Path | None, overrides: tuple[tuple[str, str], ...]) -> JobFile:
    """Read a job file, say what of it is ignored, and return what it says; nothing without one."""
    from ...job_files.job_file import JobFile

    if file is None:
        return JobFile()
    with naming(file):
        said = JobFile.read(file, overrides=overrides)
    if said.ignored:
        session.printer.note(f"ignored, for it cannot be sent: {', '.join(said.ignored)}")
    return said
