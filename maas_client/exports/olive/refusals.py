"""The jobs that Olive cannot run, each with its reason."""

from __future__ import annotations

from ..errors import NotExportable
from ..export_job import ExportJob
from .run_config import PASSES


def refuse_what_olive_cannot(job: ExportJob) -> None:
    """Raise NotExportable for a job that Olive has no way to run."""
    if reason := _reason(job):
        raise NotExportable(job.target, reason)


def _reason(job: ExportJob) -> str | None:
    options, method = job.options, job.chosen.method
    if job.hub.remote_code:
        return (
            f"the code of {job.model.name} comes with its weights and is written for transformers 4, and Olive's "
            "ModelBuilder needs transformers' own; another model of the family has no such code"
        )
    if method == "qdora":
        return "Olive's DoRA keeps the weights in 16 bits: choose --method dora or qlora, or --for trl"
    if method not in PASSES:
        return "Olive has no pass that trains all parameters: choose --method lora, or --for trl"
    if method == "qlora" and job.shape.experts > 1:
        return (
            f"bitsandbytes leaves the experts of {job.model.name} in 16 bits, so 4 bits save next to nothing: choose "
            "--method lora"
        )
    if options.sharing is not None or options.offload:
        return (
            "Olive trains in one process, which shares nothing: with several GPUs it divides the layers among them. "
            "TRL shares as ZeRO and FSDP do: --for trl"
        )
    if job.task != "chat":
        return (
            "Olive trains on texts in the model's chat template, and the rows are no conversations: TRL and axolotl "
            "take rows with a prompt and a completion: --for trl"
        )
    return None
