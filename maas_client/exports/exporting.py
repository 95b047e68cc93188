"""Exporting a job file for a platform: what `maas export` does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from ..core.plain_values import PlainValue, plain
from ..gpu_estimates.memory import MemoryEstimate
from ..gpu_estimates.training_way import Method, Sharing
from ..job_files.job_file import JobFile
from .export_job import ExportJob, ExportOptions, export_job_of
from .readme import readme_of
from .target import Exported, ExportedFile, Target
from .targets import find_target
from .translation import Translation, with_the_rest
from .unread_options import refuse_unread
from .writing import refuse_to_replace, write_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(PlainValue):
    """A job as the files of a platform.

    `folder` is where they are, None if they were not written. `translations` say what became of each key of the job,
    `warnings` what is different there, and `commands` run it in the folder. `expected` is the estimate of GPU memory.
    """

    target: str
    title: str
    folder: Path | None
    files: tuple[ExportedFile, ...]
    translations: tuple[Translation, ...]
    warnings: tuple[str, ...]
    commands: tuple[str, ...]
    expected: MemoryEstimate | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; files by their path."""
        return {
            "target": self.target,
            "title": self.title,
            "folder": None if self.folder is None else str(self.folder),
            "files": [file.path for file in self.files],
            "translations": plain(self.translations),
            "warnings": list(self.warnings),
            "commands": list(self.commands),
            "expected": None if self.expected is None else self.expected.to_dict(),
        }


def export_job(
    file: JobFile | str | PathLike[str],
    target: str,
    *,
    to: str | PathLike[str],
    method: Method | None = None,
    gpus: int = 1,
    sharing: Sharing | None = None,
    offload: bool = False,
    like_hosted: bool = False,
    model_path: str | None = None,
    own_nodes: bool = False,
    image: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
) -> Export:
    """Write a job file as the files that another platform runs. No request is sent.

    Args:
        file: the job file, or its path.
        target: the platform, such as `trl` or `kaito`.
        to: the folder to write to, which is created.
        method: `full`, `lora`, `qlora`, `dora` or `qdora`, instead of the job's own.
        gpus: how many GPUs of one machine train.
        sharing: what they share: nothing (`ddp`), or as ZeRO and FSDP do (`zero1`, `zero2`, `zero3`, `fsdp`); by
            default the platform's choice for the method.
        offload: keep what is shared in the memory of the machine.
        like_hosted: fill in what the hosted service trains with, instead of values that suit most jobs.
        model_path: a folder with the model, instead of its id on Hugging Face.
        own_nodes: for `kaito`: the cluster has its nodes, so that no VM size is asked for.
        image: for `kaito`: where the adapter is pushed to, such as `NAME.azurecr.io/adapter:1`; by default it stays on
            a volume.
        dry_run: return what would be written, and write nothing.
        overwrite: replace files that exist.

    Returns:
        The files, what became of each key of the job, what is different, and the commands that run it.

    Raises:
        NotExportable: the platform cannot run the job; the error says why.
        InvalidInput: the job file is wrong, there is no such platform, or a file exists.
        OSError: a file cannot be read or written.
    """
    options = ExportOptions(
        method=method,
        gpus=gpus,
        sharing=sharing,
        offload=offload,
        like_hosted=like_hosted,
        model_path=model_path,
        own_nodes=own_nodes,
        image=image,
    )
    platform = find_target(target)
    read = file if isinstance(file, JobFile) else JobFile.read(file)
    job = export_job_of(read, target=platform.name, options=options)
    exported = exported_by(platform, job)
    folder = Path(to)
    if dry_run:
        refuse_to_replace(exported.files, folder, overwrite=overwrite)
    else:
        write_files(exported.files, folder, overwrite=overwrite)
    return Export(
        target=platform.name,
        title=platform.title,
        folder=None if dry_run else folder,
        files=exported.files,
        translations=exported.translations,
        warnings=exported.warnings,
        commands=exported.commands,
        expected=exported.expected,
    )


def exported_by(target: Target, job: ExportJob) -> Exported:
    """Return what a target makes of a job, with every key of the job accounted for, and the README."""
    refuse_unread(job)
    exported = target.export(job)
    whole = replace(exported, translations=tuple(with_the_rest(job.file, exported.translations)))
    readme = ExportedFile(path="README.md", content=readme_of(job, target, whole))
    return replace(whole, files=(readme, *whole.files))
