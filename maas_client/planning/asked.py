"""What a plan is asked for: the arguments of `plan()` and their defaults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TypedDict


class PlanOptions(TypedDict, total=False):
    """The arguments of `plan()`, which says what each means."""

    model: str | None
    data: str | PathLike[str] | None
    need: str | None
    gpu: str | Sequence[str] | None
    gpus: int | Sequence[int]
    sku: str | Sequence[str] | None
    budget: float | None
    method: str | None
    platform: str | None
    prices: str | PathLike[str] | None
    rank: int
    sequence_length: int | None
    batch_size: int
    epochs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The arguments of `plan()` with their defaults."""

    model: str | None = None
    data: str | PathLike[str] | None = None
    need: str | None = None
    gpu: str | Sequence[str] | None = None
    gpus: int | Sequence[int] = 1
    sku: str | Sequence[str] | None = None
    budget: float | None = None
    method: str | None = None
    platform: str | None = None
    prices: str | PathLike[str] | None = None
    rank: int = 16
    sequence_length: int | None = None
    batch_size: int = 1
    epochs: int = 3

    @property
    def gpu_names(self) -> tuple[str, ...]:
        """The GPUs to choose from."""
        return _several(self.gpu)

    @property
    def gpu_counts(self) -> tuple[int, ...]:
        """How many of them a machine may have."""
        return (self.gpus,) if isinstance(self.gpus, int) else tuple(self.gpus)

    @property
    def sizes(self) -> tuple[str, ...]:
        """The VM sizes to choose from."""
        return _several(self.sku)


def _several(value: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)
