"""`maas export`: write a job file as the files that another platform runs."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..app.exit_codes import file_names_in_errors
from ..app.options import EXISTING_FILE, Command, key_value
from ..app.session import Session, pass_session
from ..output.printer import format_cell
from .job_file_option import read_job_file

if TYPE_CHECKING:
    from ...exports.exporting import Export
    from ..output.printer import Printer

METHODS = ("full", "lora", "qlora", "dora", "qdora")
SHARINGS = ("ddp", "zero1", "zero2", "zero3", "fsdp")


@click.command(
    cls=Command,
    help="""Write the job of FILE, a job file, as the files that another platform runs. No request is sent.

    The folder gets a README with the commands that run it, and a table of what became of each key of the job: nothing
    is left out without saying so. What the job leaves open is chosen as suits most jobs, or, with --like-hosted, as
    the hosted service trains.

    Platforms: trl (TRL with PEFT), axolotl, kaito (KAITO on Kubernetes), olive (Olive, for ONNX Runtime), ai-toolkit
    (AI Toolkit for VS Code), azureml-cli (az ml), azureml-pipeline (a pipeline on own compute, for az ml and for maas),
    foundry (azd).

    \b
    Example:
      maas export job.yaml --for trl --to tuned-with-trl
      maas export job.yaml --for kaito --to on-kubernetes --method qlora
      maas export job.yaml --for trl --to two-gpus --method full --gpus 2 --sharing fsdp
    """,
)
@click.argument("file", type=EXISTING_FILE)
@click.option("--for", "target", metavar="TARGET", required=True, help="Platform, such as trl or kaito.")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), metavar="FOLDER", required=True, help="Folder to write to."
)
@click.option("--set", "overrides", type=key_value, metavar="KEY=VALUE", multiple=True, help="Override a key of FILE.")
@click.option("--method", type=click.Choice(METHODS), help="What is trained, instead of the job's own.")
@click.option("--gpus", type=click.IntRange(min=1), default=1, metavar="N", help="GPUs that train together (1).")
@click.option("--sharing", type=click.Choice(SHARINGS), help="What the GPUs share; chosen by the method by default.")
@click.option("--offload", is_flag=True, help="Keep what is shared in the machine's memory.")
@click.option("--like-hosted", is_flag=True, help="Fill in what the hosted service trains with.")
@click.option(
    "--model-path", metavar="FOLDER", help="Folder with the model, where the platform finds it; its id by default."
)
@click.option("--own-nodes", is_flag=True, help="For kaito: the cluster has its nodes, and starts none.")
@click.option("--image", metavar="IMAGE", help="For kaito: where the adapter is pushed to, instead of a volume.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--overwrite", is_flag=True, help="Overwrite existing files.")
@pass_session
def export(
    session: Session, /, file: Path, target: str, folder: Path, overrides: tuple[tuple[str, str], ...], **chosen: Any
) -> None:
    """Export a job."""
    from ...exports.exporting import export_job

    job_file = read_job_file(session, file, overrides)
    with file_names_in_errors(file):
        result = export_job(job_file, target, to=folder, **chosen)
    _show(session.printer, result, folder)


def _show(printer: Printer, result: Export, folder: Path) -> None:
    """Print what became of the job's keys to stdout; files, warnings and commands to stderr."""
    if printer.is_json:
        printer.document(result.to_dict())
    else:
        rows = [
            [
                each.key or "-",
                format_cell(each.value),
                each.target_key or "-",
                format_cell(each.target_value),
                each.kind,
                each.remark,
            ]
            for each in result.translations
        ]
        printer.table(["in the job", "value", f"for {result.target}", "written", "kind", "why"], rows, whole=True)
    for warning in result.warnings:
        printer.note(f"warning: {warning}")
    if result.expected is not None:
        printer.note(f"GPU memory: about {result.expected.card_gib:.1f} GiB on each card")
    what = "would write" if result.folder is None else "wrote"
    printer.note(f"{what} {len(result.files)} files to {folder}: {', '.join(each.path for each in result.files)}")
    if result.folder is not None:
        printer.note(f"to run it: cd {shlex.quote(str(folder))} && {' && '.join(result.commands)}")
