"""The GPUs that models are trained on, by name: memory, speed and what they can. The facts are in `gpus.json`.

Speeds are the makers' peaks for dense matrices of 16 bits with sums in 32 bits: bfloat16, or float16 where a GPU has no
bfloat16. GeForce pages state "AI TOPS", which are 8 times that for the 40 series (8 bits, sparse) and 16 times for the
50 series (4 bits, sparse). Only those of L40, L40S, RTX 4090, RTX 5090 and the variants of the H100 were compared with
their documents once more; the others, and the dates of documents by month, were not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ..core.errors import InvalidInput
from ..core.json_fields import day
from ..core.plain_values import PlainValue
from .gpu_sizes import GpuSize
from .model_facts import Source

GpuKind = Literal["consumer", "workstation", "data center", "laptop"]

BFLOAT16_FROM = (8, 0)
"""The compute capability from which a GPU multiplies matrices of bfloat16 (NVIDIA CUDA C++ programming guide 12.9)."""

_SAID_ANYWAY = re.compile(r"nvidia|geforce|tesla|quadro|tensor core|graphics|rtx|gpu|(?<=\d)\s?gi?b\b|[^a-z0-9]")
_SHARE = re.compile(r"1/(\d{1,2}) (.{1,40})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu(PlainValue):
    """A GPU as its maker describes it.

    `memory_gib` is what a program sees of the `sold_gb`. `tflops` is the peak for dense matrices of 16 bits,
    `memory_bandwidth` in GB/s, and `link_bandwidth` that to another GPU in one direction, over NVLink or PCI Express.
    """

    name: str
    kind: GpuKind
    sold_gb: float
    memory_gib: float
    tflops: float
    memory_bandwidth: float
    link_bandwidth: float
    compute_capability: str
    aliases: tuple[str, ...]
    source: Source

    @property
    def bf16(self) -> bool:
        """Whether it multiplies matrices of bfloat16; older ones have float16 alone."""
        major, minor = self.compute_capability.split(".")
        return (int(major), int(minor)) >= BFLOAT16_FROM


def gpus() -> tuple[Gpu, ...]:
    """Return every GPU of the table: of data centers first, then workstations, desktops and laptops."""
    return tuple({gpu.name: gpu for gpu in _load().values()}.values())


def find_gpu(name: str) -> Gpu:
    """Return a GPU by its name, as people, Azure and the driver write it: `4090`, `A100-80`, `NVIDIA H100 80GB HBM3`.

    A name that leaves the memory open means the smaller one, except for `A100`, which is Azure's of 80 GB.

    Raises:
        InvalidInput: it is not in the table; the message has the nearest names.
    """
    table = _load()
    found = table.get(_key(name))
    if found is None:
        close = dict.fromkeys(table[key].name for key in get_close_matches(_key(name), table, n=4, cutoff=0.5))
        hint = f"did you mean {' or '.join(close)}?" if close else "such as RTX 4090, A100, H100 or L40S"
        raise InvalidInput(f"no GPU is known by the name {name!r}: {hint}")
    return found


def gpu_of_size(size: GpuSize) -> Gpu:
    """Return the GPU of a VM size; a size with a part of one has that part of its memory and speed."""
    share = _SHARE.match(size.gpu)
    if share is None:
        try:
            return find_gpu(f"{size.gpu} {size.gpu_memory_gib:g}")
        except InvalidInput:
            return find_gpu(size.gpu)
    parts, whole = int(share[1]), find_gpu(share[2])
    return replace(
        whole,
        name=size.gpu,
        sold_gb=size.gpu_memory_gib,
        memory_gib=whole.memory_gib / parts,
        tflops=whole.tflops / parts,
        memory_bandwidth=whole.memory_bandwidth / parts,
        aliases=(),
    )


def _key(name: str) -> str:
    return _SAID_ANYWAY.sub("", name.lower())


@cache
def _load() -> Mapping[str, Gpu]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name("gpus.json").read_text(encoding="utf-8"))
    sources = {
        key: Source(document=each["document"], date=day(each["date"])) for key, each in content["sources"].items()
    }
    table: dict[str, Gpu] = {}
    for entry in content["gpus"]:
        read: dict[str, Any] = {"aliases": tuple(entry["aliases"]), "source": sources[entry["source"]]}
        gpu = Gpu(**{**entry, **read})
        table |= {_key(name): gpu for name in (gpu.name, *gpu.aliases)}
    return table
