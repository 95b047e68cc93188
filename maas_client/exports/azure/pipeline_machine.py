"""Where a pipeline's steps run: the job's cluster or sizes, or the smallest size whose GPUs have the memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...catalog.gpu_sizes import GpuSize, gpu_size, gpu_sizes
from ...catalog.gpus import gpu_of_size
from ...computes.training_memory import method_of
from ...gpu_estimates.memory import MemoryEstimate, memory_of
from ...jobs.pipeline_sizes import GPUS
from ..data_files import expected_memory
from ..errors import NotExportable
from ..export_job import ExportJob
from ..translation import Translation, default, left_out, same
from .pipeline_inputs import NODE, component_inputs

_SIZE = f"{NODE}.instance_type_finetune"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where steps run: on a `cluster`, or on serverless machines of `sizes`, with `inputs` of the component for it."""

    expected: MemoryEstimate
    cluster: str | None = None
    sizes: tuple[str, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    warnings: tuple[str, ...] = ()
    translations: tuple[Translation, ...] = ()


def machine_of(job: ExportJob) -> Machine:
    """Return where the job's steps run; NotExportable for a job that no machine's GPUs have the memory for."""
    file = job.file
    chosen = {"instance_type_finetune", "compute_finetune"} & file.inputs.keys()
    size = None if file.compute or chosen else _size_of(job)
    gpus = size.gpus if size else job.options.gpus
    inputs = {GPUS: gpus} if gpus > 1 and GPUS not in file.inputs else {}
    expected = _expected(job, gpus)
    return Machine(
        expected=expected,
        cluster=file.compute,
        sizes=() if file.compute or chosen else file.instance_types or ((size.name,) if size else ()),
        inputs=inputs,
        warnings=tuple(_warnings(size, expected)),
        translations=tuple(_translations(job, size, inputs)),
    )


def _size_of(job: ExportJob) -> GpuSize | None:
    """Return the size that trains; None for one that is not in the catalogue."""
    if job.file.instance_types:
        return gpu_size(job.file.instance_types[0])
    whole = [size for size in gpu_sizes() if size.retired is None and "/" not in size.gpu]
    sizes = [size for size in whole if gpu_of_size(size).bf16]
    for size in sorted(sizes, key=lambda each: (each.gpus, each.gpu_memory_gib, each.vcpus)):
        if size.gpus >= job.options.gpus and _expected(job, size.gpus).fits(gpu_of_size(size).memory_gib):
            return size
    raise NotExportable(
        job.target,
        f"it needs {_expected(job, 8).card_gib:.0f} GiB of each of 8 GPUs, which no VM size has: use --method lora, a "
        "lower max_seq_length, or --sharing zero3",
    )


def _warnings(size: GpuSize | None, expected: MemoryEstimate) -> Iterator[str]:
    memory = gpu_of_size(size).memory_gib if size else 0
    if size is not None and not expected.fits(memory):
        yield (
            f"{size.name} has {memory:.1f} GiB on each GPU, and about {expected.card_gib:.1f} GiB are "
            "needed: it may run out of memory"
        )


def _translations(job: ExportJob, size: GpuSize | None, inputs: Mapping[str, Any]) -> Iterator[Translation]:
    file = job.file
    if file.compute:
        yield same("compute", file.compute, f"{NODE}.compute_finetune")
    if file.compute and file.instance_types:
        yield left_out("instance_types", file.instance_types, f"the steps run on the cluster {file.compute}")
    elif file.instance_types:
        yield same("instance_types", file.instance_types, _SIZE, file.instance_types[0])
    elif size is not None:
        why = "the smallest size whose GPUs have the memory; the component's own default is retired"
        yield default(_SIZE, size.name, why)
    if inputs:
        yield default(f"{NODE}.{GPUS}", inputs[GPUS], "all GPUs of the machine, which is paid for as a whole")


def _expected(job: ExportJob, gpus: int) -> MemoryEstimate:
    """Return the memory that each GPU needs, by the way to train that `jobs.create_pipeline` checks a machine for."""
    inputs = {name: str(value).lower() for name, value in component_inputs(job).items()}
    way = method_of({**_COMPONENTS_DEFAULTS, **inputs}, None).way(gpus)
    chosen = job.chosen
    if job.data is not None and job.data.rows:
        return expected_memory(
            job, method=way.method, weights=way.weights, optimizer=way.optimizer, gpus=gpus, sharing=way.sharing
        )
    longest = replace(way, rank=chosen.rank, sequence_length=chosen.sequence_length, batch_size=chosen.batch_size)
    return memory_of(job.shape, longest)


_COMPONENTS_DEFAULTS: Mapping[str, str] = {"apply_lora": "false", "apply_deepspeed": "false"}
"""What the component does where an input is left out (`chat_completion_pipeline` 0.0.82)."""
