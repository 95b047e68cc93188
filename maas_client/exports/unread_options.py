"""Options of an export that its platform would not read: refused, so that none is dropped without a word."""

from __future__ import annotations

from collections.abc import Iterator

from .errors import NotExportable
from .export_job import ExportJob

_KAITO = "kaito"
_AZURE = frozenset({"azureml-cli", "azureml-pipeline", "foundry"})
_FOUNDRY = "foundry"
_SERVICES = frozenset({"azureml-cli", _FOUNDRY})
"""Platforms that start a job of the service, which knows its machines."""


def refuse_unread(job: ExportJob) -> None:
    """Raise NotExportable for options that the job's platform does not read, with what to do instead."""
    if said := list(_unread(job)):
        raise NotExportable(job.target, "; ".join(said))


def _unread(job: ExportJob) -> Iterator[str]:
    """Yield a sentence for each group of options that would be dropped."""
    options, target = job.options, job.target
    if target != _KAITO and (options.own_nodes or options.image):
        yield "--own-nodes and --image are for kaito: leave them out"
    if target in _AZURE and options.model_path:
        yield "the service has the model in its registry: leave out --model-path"
    if target not in _SERVICES or job.file.is_pipeline:
        return
    if options.gpus > 1 or options.sharing is not None or options.offload:
        yield (
            "the service chooses its machines, and what they share: leave out --gpus, --sharing and --offload, "
            "or choose a machine with --for azureml-pipeline"
        )
    if target == _FOUNDRY and options.method not in {None, "lora"}:
        yield f"the service chooses how the model is adapted: leave out --method {options.method}"
    own_compute = bool(job.file.compute or job.file.instance_types)
    if target != _FOUNDRY and options.method == "full" and not own_compute:
        yield (
            "serverless fine-tuning trains LoRA: leave out --method full, name a machine with "
            "--set instance_types=SIZE, or choose --for azureml-pipeline"
        )
