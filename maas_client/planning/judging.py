"""Whether a way on one's own compute fits its GPUs, and by how much."""

from __future__ import annotations

from ..catalog.architecture import architecture_of
from ..catalog.model_facts import ModelFacts
from ..gpu_estimates.memory import CONTEXT_GIB, MemoryEstimate, memory_of
from .candidates import Candidate
from .estimating import training_way
from .machine import Machine
from .reasons import abilities, limits
from .training import Training
from .way import Verdict, Way

LARGER_BATCHES = (2, 4, 8, 16, 32)


def judge(candidate: Candidate, machine: Machine, training: Training, facts: ModelFacts) -> Way:
    """Return what a way on a machine comes to, without time, cost and command."""
    memory = _memory(candidate, training, facts, training.batch_size)
    return Way(
        platform=candidate.platform.name,
        platform_title=candidate.platform.title,
        method=candidate.method,
        verdict=verdict_of(memory, machine),
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
        trained_parameters=memory.trained,
        share_trained=memory.trained / facts.parameter_count,
        memory=memory,
        can=abilities(candidate),
        cannot=limits(candidate, machine, training, facts, memory),
    )


def verdict_of(memory: MemoryEstimate, machine: Machine) -> Verdict:
    """Return whether an estimate fits a machine: its GPUs with the allocator's reserve, or without it, or not at all.

    What is offloaded has to fit the machine's own memory, where that is known.
    """
    if _lacks_memory(memory, machine):
        return "no"
    if memory.fits(machine.gpu.memory_gib):
        return "fits"
    return "tight" if memory.peak_gib + CONTEXT_GIB <= machine.gpu.memory_gib else "no"


def _lacks_memory(memory: MemoryEstimate, machine: Machine) -> bool:
    return machine.memory_gib is not None and memory.machine_gib > machine.memory_gib


def _memory(candidate: Candidate, training: Training, facts: ModelFacts, batch_size: int) -> MemoryEstimate:
    way = training_way(candidate, training, batch_size=batch_size, length=training.size.sequence_length)
    return memory_of(architecture_of(facts.name), way)


def _why(candidate: Candidate, machine: Machine, training: Training, facts: ModelFacts, memory: MemoryEstimate) -> str:
    needed, there = memory.card_gib, machine.gpu.memory_gib
    each = "" if machine.gpus == 1 else " on each GPU"
    if _lacks_memory(memory, machine):
        has = f"{machine.title} has {machine.memory_gib:g}"
        return f"needs {memory.machine_gib:.0f} GiB of the machine's memory, and {has}"
    match verdict_of(memory, machine):
        case "fits":
            batch = _largest_batch(candidate, machine, training, facts)
            room = f", with room for {batch} rows at a time" if batch > training.batch_size else ""
            beside = f" and {memory.machine_gib:.0f} GiB of the machine's" if memory.machine_gib else ""
            return f"needs {needed:.1f} of {there:.1f} GiB{each}{beside}{room}"
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
