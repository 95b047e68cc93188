"""Where the pipeline's steps run: the job's cluster or sizes, or the smallest size whose GPUs have the memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..catalog.gpu_sizes import GpuSize, gpu_size, gpu_sizes
from ..gpu_estimates.memory import MemoryEstimate, Sharing, estimate_memory
from ..jobs.pipeline_sizes import GPUS
from .errors import NotExportable
from .export_job import ExportJob
from .pipeline_inputs import NODE, component_inputs
from .translation import Translation, changed, default, same

_RECENT = ("A10", "A100", "H100", "H200")
"""GPUs of compute capability 8.0 or more, on which Phi's attention has its fast kernels (flash-attn)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where steps run: on a `cluster`, or on serverless machines of `sizes`, with `inputs` of the component for it."""

    cluster: str | None = None
    sizes: tuple[str, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    expected: MemoryEstimate | None = None
    warnings: tuple[str, ...] = ()
    translations: tuple[Translation, ...] = ()


def machine_of(job: ExportJob) -> Machine:
    """Return where the job's steps run; NotExportable for a job that no machine's GPUs have the memory for."""
    file, gpus = job.file, job.options.gpus
    several = {GPUS: gpus} if gpus > 1 and GPUS not in file.inputs else {}
    if file.compute or any(name.startswith("compute_") for name in file.inputs):
        told = (same("compute", file.compute, f"{NODE}.compute_finetune"),) if file.compute else ()
        return Machine(
            cluster=file.compute, inputs=several, expected=_expected(job, gpus), translations=told
        )
    if file.instance_types:
        size = gpu_size(file.instance_types[0])
        return _on_size(job, file.instance_types, size, several)
    if "instance_type_finetune" in file.inputs:
        return Machine(inputs=several, expected=_expected(job, gpus))
    chosen = _smallest(job)
    machine = _on_size(job, (chosen.name,), chosen, several)
    why = "the smallest size whose GPUs have the memory; the component's own default is retired"
    told = tuple(default(f"{NODE}.instance_type_finetune", chosen.name, why) for _ in (0,))
    return Machine(
        sizes=machine.sizes,
        inputs=machine.inputs,
        expected=machine.expected,
        warnings=machine.warnings,
        translations=(*told, *(each for each in machine.translations if each.key != "instance_types")),
    )


def _on_size(
    job: ExportJob, sizes: tuple[str, ...], size: GpuSize | None, several: Mapping[str, int]
) -> Machine:
    gpus = size.gpus if size else job.options.gpus
    inputs = {GPUS: gpus} if gpus > 1 and GPUS not in job.file.inputs else dict(several)
    expected = _expected(job, gpus)
    small = size is not None and not expected.fits(size.gpu_memory_gib)
    warning = (
        (
            f"{size.name} has {size.gpu_memory_gib:g} GiB on each GPU, and about {expected.card_gib:.1f} GiB are "
            "needed: it may run out of memory.",
        )
        if size is not None and small
        else ()
    )
    told: Iterable[Translation] = (same("instance_types", job.file.instance_types, f"{NODE}.instance_type_finetune"),)
    if inputs.get(GPUS):
        told = (*told, default(f"{NODE}.{GPUS}", inputs[GPUS], "all GPUs of the machine, which is paid for as a whole"))
    return Machine(sizes=sizes, inputs=inputs, expected=expected, warnings=warning, translations=tuple(told))


def _smallest(job: ExportJob) -> GpuSize:
    sizes = [size for size in gpu_sizes() if size.retired is None and size.gpu.split()[0] in _RECENT]
    for size in sorted(sizes, key=lambda each: (each.gpus, each.gpu_memory_gib, each.vcpus)):
        if size.gpus >= job.options.gpus and _expected(job, size.gpus).fits(size.gpu_memory_gib):
            return size
    raise NotExportable(
        job.target,
        f"it needs {_expected(job, 8).card_gib:.0f} GiB of each of 8 GPUs, which no VM size has: use --method lora, a "
        "lower max_seq_length, or --sharing zero3",
    )


def _expected(job: ExportJob, gpus: int) -> MemoryEstimate:
    inputs = component_inputs(job)
    stage = inputs.get("deepspeed_stage", 3) if inputs.get("apply_deepspeed") else None
    sharing: Sharing | None = "zero3" if stage == 3 else "zero2" if stage else "ddp" if gpus > 1 else None
    chosen = job.chosen
    return estimate_memory(
        model=job.model.name,
        method=chosen.method,
        rank=chosen.rank,
        sequence_length=chosen.sequence_length,
        batch_size=chosen.batch_size,
        gpus=gpus,
        sharing=sharing,
    )
