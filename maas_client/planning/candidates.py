"""Which ways there are at all: every platform with each of its methods, on each machine, with what GPUs can share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..gpu_estimates.training_way import Method, Sharing
from .machine import Machine
from .platforms import Platform

ON_AZURE = frozenset({"azureml-pipeline", "kaito"})
"""Platforms that start machines of Azure's sizes, and cannot use the user's own."""

ONE_PROCESS = frozenset({"olive", "ai-toolkit"})
"""Platforms that train in one process: it divides the layers among GPUs, which makes nothing faster."""

METHODS: tuple[Method, ...] = ("lora", "qlora", "dora", "full")

SIMPLEST_FIRST: tuple[Sharing | None, ...] = (None, "ddp", "zero1", "zero2", "zero3", "fsdp")
"""What GPUs share, from nothing to everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A way that is still to be judged; without a machine it is hosted."""

    platform: Platform
    method: Method
    machine: Machine | None = None
    sharing: Sharing | None = None
    offload: bool = False


def candidates(
    platforms: Iterable[Platform], methods: Sequence[Method], own: Sequence[Machine], azure: Sequence[Machine]
) -> Iterator[Candidate]:
    """Yield the ways of platforms that can train with these methods.

    Args:
        platforms: the platforms.
        methods: what may be trained.
        own: machines that every platform but Azure's may use.
        azure: machines that Azure's platforms may start.
    """
    for platform in platforms:
        chosen: list[Method] = [method for method in methods if method in platform.methods]
        if platform.hosted:
            yield from (Candidate(platform=platform, method=method) for method in chosen)
            continue
        for machine in azure if platform.name in ON_AZURE else own:
            for method in chosen:
                yield from _on_machine(platform, method, machine)


def _on_machine(platform: Platform, method: Method, machine: Machine) -> Iterator[Candidate]:
    """Yield what a method's states can be shared with: other GPUs, or the machine's memory.

    Adapters' own states are so small that only sharing the weights (stage 3, FSDP) brings something.
    """
    offered: list[Sharing | None] = [each for each in SIMPLEST_FIRST if each in platform.sharing]
    if machine.gpus > 1 and platform.name in ONE_PROCESS:
        return
    if machine.gpus == 1:
        yield Candidate(platform=platform, method=method, machine=machine)
    else:
        yield Candidate(platform=platform, method=method, machine=machine, sharing="ddp")
        useful: list[Sharing | None] = [
            each for each in offered if each != "ddp" and (method == "full" or each in {"zero3", "fsdp"})
        ]
        yield from (Candidate(platform=platform, method=method, machine=machine, sharing=sharing) for sharing in useful)
    if method == "full" and "zero3" in offered and platform.name not in ON_AZURE:
        yield Candidate(platform=platform, method=method, machine=machine, sharing="zero3", offload=True)
