"""Writing what a plan proposes as a job file."""

from __future__ import annotations

import os
from pathlib import Path

from ...datasets.atomic_file import new_file
from ...job_files.writer import job_file_text
from ...planning.plan import Plan
from ..app.session import Session


def write_job_file(session: Session, plan: Plan, target: Path, *, overwrite: bool) -> None:
    """Write the settings of the way to take; its data is named as seen from the file's folder."""
    keys = dict(plan.job)
    if plan.data is not None:
        keys["training_data"] = _seen_from(target.parent, plan.data)
    with new_file(target, overwrite=overwrite) as file:
        file.write(job_file_text(keys).encode())
    session.printer.note(f"wrote {target}")


def _seen_from(folder: Path, data: str) -> str:
    """Return a path relative to a folder, absolute where there is none (another drive of Windows)."""
    try:
        return Path(os.path.relpath(data, folder)).as_posix()
    except ValueError:
        return Path(data).absolute().as_posix()
