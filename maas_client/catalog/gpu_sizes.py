"""The VM sizes with GPUs by name: what the service's own list lacks. The facts are in `gpu_sizes.json`, with dates."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from ..core.json_fields import day
from ..core.plain_values import PlainValue
from .model_facts import Source

_NOT_IN_KEYS = re.compile(r"[^a-z0-9]")
_USAGE = re.compile(r"(?:cluster)?(?:dedicated|lowpriority|serverless)?vcpus\Z")

ENDPOINT_RESERVE = 0.2
"""The share of instances that online endpoints need quota for on top, to upgrade themselves.

learn.microsoft.com/azure/machine-learning/how-to-manage-quotas, 2026-01-27; `GpuSize.endpoint_reserve` says for which.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuSize(PlainValue):
    """A VM size with GPUs, as Microsoft's page on its series describes it.

    `gpu_memory_gib` is that of one GPU. `endpoint_reserve` says whether online endpoints need a fifth more quota for
    it. `retired` is the day from which it is not offered any more, `rdma` whether several nodes share a fast network.
    """

    name: str
    vcpus: int
    memory_gib: int
    gpus: int
    gpu: str
    gpu_memory_gib: float
    family: str
    endpoint_reserve: bool
    retired: date | None
    rdma: bool
    source: Source


def gpu_size(name: str) -> GpuSize | None:
    """Return a size by its name in any case, as the service writes it in capitals; None if it is not in the table."""
    return _load()[0].get(_key(name))


def gpu_sizes() -> tuple[GpuSize, ...]:
    """Return every size of the table."""
    return tuple(_load()[0].values())


def retirement_of(name: str) -> date | None:
    """Return the day from which a size is not offered any more; None for one whose series continues, or is unknown."""
    known = gpu_size(name)
    return known.retired if known is not None else _load()[1].get(_key(name))


def same_size(one: str, other: str) -> bool:
    """Return whether two names mean the same size: the service returns them in capitals."""
    return _key(one) == _key(other)


def family_key(name: str) -> str:
    """Return what a family's spellings have in common.

    A size's family is `standardNCADSA100v4Family`, and its quota is called "Standard NCADSA100v4 Family Cluster
    Dedicated vCPUs".
    """
    return _USAGE.sub("", _NOT_IN_KEYS.sub("", name.lower())).removesuffix("family")


def instances_to_reserve(instances: int, *, endpoint_reserve: bool) -> int:
    """Return how many instances an online deployment needs quota for: a fifth more where Azure reserves that.

    One instance therefore needs the quota of two.
    """
    return ceil(round(instances * (1 + ENDPOINT_RESERVE), 6)) if endpoint_reserve else instances


def _key(name: str) -> str:
    return name.strip().lower().removeprefix("standard_")


@cache
def _load() -> tuple[Mapping[str, GpuSize], Mapping[str, date]]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name("gpu_sizes.json").read_text(encoding="utf-8"))
    sources = {
        key: Source(document=each["document"], date=day(each["date"])) for key, each in content["sources"].items()
    }
    sizes = {
        _key(size["name"]): _size(family, facts, size, sources)
        for family, facts in content["families"].items()
        for size in facts["sizes"]
    }
    ended = {
        _key(name): when
        for series in content["retired_series"]
        for name in series["sizes"]
        if (when := day(series["retired"])) is not None
    }
    return sizes, ended


def _size(family: str, facts: Mapping[str, Any], size: Mapping[str, Any], sources: Mapping[str, Source]) -> GpuSize:
    return GpuSize(
        name=size["name"],
        vcpus=size["vcpus"],
        memory_gib=size["memory_gib"],
        gpus=size["gpus"],
        gpu=size.get("gpu", facts["gpu"]),
        gpu_memory_gib=size.get("gpu_memory_gib", facts["gpu_memory_gib"]),
        family=family,
        endpoint_reserve=facts["endpoint_reserve"],
        retired=day(facts.get("retired")),
        rdma=size.get("rdma", False),
        source=sources[facts["source"]],
    )
