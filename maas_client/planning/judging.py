"""Whether a way on one's own compute fits its GPUs, and by how much."""

from __future__ import annotations

from ..catalog.architecture import Architecture, architecture_of
from ..catalog.model_facts import ModelFacts
from ..gpu_estimates.memory import CONTEXT_GIB, MemoryEstimate, estimate_memory
from ..gpu_estimates.training_states import Method, Weights
from .candidates import Candidate
from .machine import Machine
from .reasons import abilities, limits
from .training import Training
from .way import Verdict, Way

LARGER_BATCHES = (2, 4, 8, 16, 32)


def judge(candidate: Candidate, machine: Machine, training: Training, facts: ModelFacts) -> Way:
    """Return what a way on a machine comes to, without time, cost and command."""
    memory = _memory(candidate, training, facts, training.batch_size)
    verdict = verdict_of(memory, machine.gpu.memory_gib)
    return Way(
        platform=candidate.platform.name,
        platform_title=candidate.platform.title,
        method=candidate.method,
        verdict=verdict,
        why=_why(candidate, machine, training, facts, memory),
        machine=machine.title,
        size=machine.size,
        gpu=machine.gpu.name,
        gpus=machine.gpus,
        gpu_memory_gib=machine.gpu.memory_gib,
        sharing=candidate.sharing,
        offload=candidate.offload,
        batch_size=training.batch_size,
        accumulation=training.accumulation(machine.gpus),
        sequence_length=training.size.sequence_length,
        rank=None if candidate.method == "full" else training.rank,
        trained_parameters=trained_parameters(architecture_of(facts.name), candidate.method, training.rank),
        memory=memory,
        can=abilities(candidate),
        cannot=limits(candidate, machine, training, facts),
    )


def verdict_of(memory: MemoryEstimate, gpu_gib: float) -> Verdict:
    """Return whether an estimate fits a GPU: with the allocator's reserve, without it, or not at all."""
    if memory.fits(gpu_gib):
        return "fits"
    return "tight" if memory.peak_gib + CONTEXT_GIB <= gpu_gib else "no"


def trained_parameters(shape: Architecture, method: Method, rank: int) -> int:
    """Return how many parameters a method trains."""
    return shape.parameters if method == "full" else shape.adapter_parameters(rank, magnitudes=method == "dora")


def _memory(candidate: Candidate, training: Training, facts: ModelFacts, batch_size: int) -> MemoryEstimate:
    return estimate_memory(
        model=facts.name,
        method=candidate.method,
        rank=training.rank,
        sequence_length=training.size.sequence_length,
        batch_size=batch_size,
        weights=weights_of(candidate),
        gpus=1 if candidate.machine is None else candidate.machine.gpus,
        sharing=candidate.sharing,
        offload=candidate.offload,
    )


def weights_of(candidate: Candidate) -> Weights:
    """Return what is trained in 32 bits: everything with DeepSpeed, and by the registry's pipeline."""
    in_32_bits = candidate.platform.name == "azureml-pipeline" or (candidate.sharing or "").startswith("zero")
    return "float32" if candidate.method == "full" and in_32_bits else "bfloat16"


def _why(candidate: Candidate, machine: Machine, training: Training, facts: ModelFacts, memory: MemoryEstimate) -> str:
    needed, there = memory.card_gib, machine.gpu.memory_gib
    each = "" if machine.gpus == 1 else " on each GPU"
    match verdict_of(memory, there):
        case "fits":
            batch = _largest_batch(candidate, machine, training, facts)
            room = f"; there is room for {batch} rows at a time" if batch > training.batch_size else ""
            return f"needs {needed:.1f} of {there:.1f} GiB{each}{room}"
        case "tight":
            bare = memory.peak_gib + CONTEXT_GIB
            return f"needs {bare:.1f} of {there:.1f} GiB{each} and leaves no reserve, which takes it to {needed:.1f}"
        case _:
            return f"needs {needed:.1f} GiB{each}, and {machine.gpu.name} has {there:.1f}: {needed - there:.1f} too few"


def _largest_batch(candidate: Candidate, machine: Machine, training: Training, facts: ModelFacts) -> int:
    """Return how many rows at a time would fit, as far as it is worthwhile."""
    largest = training.batch_size
    for batch in LARGER_BATCHES:
        if batch > largest and _memory(candidate, training, facts, batch).fits(machine.gpu.memory_gib):
            largest = batch
    return largest
