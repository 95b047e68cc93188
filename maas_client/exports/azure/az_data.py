"""Data of a job as Azure's own CLI names it: a file beside the job's, a data asset, or an id."""

from __future__ import annotations

from pathlib import Path

from ...core.names import is_valid_name
from ...jobs.data_reference import asset_in, latest_asset_in
from ..errors import NotExportable
from ..export_job import ExportJob
from ..target import ExportedFile
from ..training_rows import TrainingRows

IN_THE_FOLDER = "Run the commands in this folder: paths are read from the folder in which they run."


def az_reference(data: str) -> str:
    """Return how `az ml` writes a reference to data in Azure: assets of the workspace begin with `azureml:`."""
    if data.startswith("azureml:"):
        return data
    return f"azureml:{data}" if asset_in(data) or latest_asset_in(data) or data.startswith("/subscriptions/") else data


def az_files(job: ExportJob, *, as_columns: bool = False) -> tuple[dict[str, str], tuple[ExportedFile, ...]]:
    """Return the references of training and validation data by the job's keys, and the files that they need.

    A path begins with `./`: `az ml` reads it from the folder in which it runs. `as_columns` writes rows as prompt and
    completion, for a component that has inputs for the names of the columns.
    """
    references: dict[str, str] = {}
    files: list[ExportedFile] = []
    sources: tuple[tuple[str, str, Path | None, str | None], ...] = (
        ("training_data", "train", job.training_file, job.file.training_data),
        ("validation_data", "validation", job.validation_file, job.file.validation_data),
    )
    for key, stem, path, written in sources:
        if path is not None:
            if as_columns:
                rows = TrainingRows(source=path, model=job.model, task=job.task)
                files.append(ExportedFile(path=f"data/{stem}.jsonl", rows=rows))
            else:
                files.append(ExportedFile(path=f"data/{stem}{path.suffix or '.jsonl'}", copy_of=path))
            references[key] = f"./{files[-1].path}"
        elif written:
            references[key] = az_reference(written)
    return references, tuple(files)


def az_model(job: ExportJob) -> str:
    """Return the id of the base model, with its version: `az ml` resolves none."""
    written = job.file.model or ""
    if written.startswith(("azureml://", "/subscriptions/")) and "/versions/" in written:
        return written
    return job.model.registry_id(job.model.version)


def check_az_names(job: ExportJob) -> None:
    """Raise NotExportable for a name of the job, or of its model, that Azure would not take."""
    for key, name in (("name", job.name), ("output_name", job.output_name)):
        if not is_valid_name(name):
            raise NotExportable(
                job.target,
                f"Azure takes names of at most 255 letters, digits, '-', '_' and '.', which {name!r} is not: "
                f"choose one with --set {key}=NAME",
            )
