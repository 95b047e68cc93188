"""A way to fine-tune: a platform, a method and a machine, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ..core.plain_values import PlainValue
from ..gpu_estimates.memory import MemoryEstimate
from ..gpu_estimates.training_way import Method, Sharing

Verdict = Literal["fits", "tight", "hosted", "no", "not offered"]
"""Whether a way is possible.

`fits` says that the GPUs have what it needs, with a reserve for the allocator; `tight` that they have it without that
reserve; `hosted` that the service chooses the machines; `no` that it does not fit; `not offered` that the platform does
not do it.
"""

METHOD_TITLES: dict[Method, str] = {"full": "full", "lora": "LoRA", "qlora": "QLoRA", "dora": "DoRA", "qdora": "QDoRA"}

SHARING_TITLES: dict[Sharing, str] = {"zero1": ", ZeRO-1", "zero2": ", ZeRO-2", "zero3": ", ZeRO-3", "fsdp": ", FSDP"}
"""What is added to a method's title; nothing where each GPU holds everything."""


class Hours(NamedTuple):
    """A range of hours."""

    low: float
    high: float


class Cost(NamedTuple):
    """A range of costs, by the user's prices."""

    low: float
    high: float
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way(PlainValue):
    """One way to fine-tune, judged.

    Everything about a machine is empty for a hosted way. `sharing` says what several GPUs share, `offload` that it
    lies in the machine's memory. A step trains `batch_size` rows on each GPU, `accumulation` times. `hours` and `cost`
    are for all epochs; None where they are unknown. `rank` is None where the service chooses it, and
    `share_trained` the share of the parameters that is trained. `command` starts it.
    """

    platform: str
    platform_title: str
    method: Method
    verdict: Verdict
    why: str
    machine: str = ""
    size: str | None = None
    gpu: str = ""
    gpus: int = 0
    gpu_memory_gib: float | None = None
    sharing: Sharing | None = None
    offload: bool = False
    batch_size: int = 1
    accumulation: int = 1
    sequence_length: int = 0
    rank: int | None = None
    trained_parameters: int | None = None
    share_trained: float | None = None
    memory: MemoryEstimate | None = None
    hours: Hours | None = None
    hours_per_epoch: Hours | None = None
    cost: Cost | None = None
    is_over_budget: bool = False
    can: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()
    command: str = ""

    @property
    def is_possible(self) -> bool:
        """Whether it is possible."""
        return self.verdict in {"fits", "tight", "hosted"}

    @property
    def needed_gib(self) -> float | None:
        """The memory to have on each GPU, with what the allocator reserves; None where the service sees to it."""
        return None if self.memory is None else self.memory.card_gib

    @property
    def headroom_gib(self) -> float | None:
        """What each GPU has left, negative where it lacks something."""
        if self.memory is None or self.gpu_memory_gib is None:
            return None
        return self.gpu_memory_gib - self.memory.card_gib

    @property
    def method_title(self) -> str:
        """The method, and what is shared: `full, ZeRO-3`."""
        shared = ", offloaded" if self.offload else SHARING_TITLES.get(self.sharing or "ddp", "")
        return METHOD_TITLES[self.method] + shared

    @property
    def title(self) -> str:
        """The way in words: `LoRA by TRL on RTX 4090`."""
        where = f" on {self.machine}" if self.machine else ""
        return f"{self.method_title} by {self.platform_title}{where}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, with what follows from the fields."""
        follows = {"title": self.title, "needed_gib": self.needed_gib, "headroom_gib": self.headroom_gib}
        return {**follows, **PlainValue.to_dict(self)}
