"""What a fine-tuning may run on: a GPU or several, in a machine of one's own or in a VM size of Azure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..catalog.gpu_sizes import GpuSize, gpu_size, gpu_sizes, retirement_of
from ..catalog.gpus import Gpu, find_gpu, gpu_of_size
from ..core.errors import InvalidInput
from ..core.plain_values import PlainValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine(PlainValue):
    """A machine with GPUs of one kind.

    `size` is its VM size, None for the user's own machine, whose memory (`memory_gib`) is not known then.
    """

    gpu: Gpu
    gpus: int = 1
    size: str | None = None
    memory_gib: float | None = None

    @property
    def title(self) -> str:
        """What to call it: `RTX 4090`, `2 x RTX 4090`, or a VM size without its prefix."""
        if self.size is not None:
            return self.size.removeprefix("Standard_")
        return self.gpu.name if self.gpus == 1 else f"{self.gpus} x {self.gpu.name}"

    @property
    def total_gib(self) -> float:
        """The memory of all its GPUs together."""
        return self.gpus * self.gpu.memory_gib


def own_machines(names: Sequence[str], gpus: Sequence[int]) -> tuple[Machine, ...]:
    """Return machines with this many of each GPU; raise InvalidInput for a GPU that the catalogue does not have.

    Numbers of GPUs without a name are refused: they would say nothing.
    """
    for count in gpus:
        if count < 1:
            raise InvalidInput(f"gpus must be at least 1, not {count}")
    if not names and any(count > 1 for count in gpus):
        raise InvalidInput(
            "gpus says how many GPUs of a kind a machine has: name the kind (--gpu, `gpu=`); a VM size has its own"
        )
    return tuple(Machine(gpu=find_gpu(name), gpus=count) for name in names for count in gpus)


def machine_named(size: str) -> Machine:
    """Return a VM size of Azure as a machine; raise InvalidInput for one that the catalogue does not have."""
    known = gpu_size(size)
    if known is None:
        ended = retirement_of(size)
        gone = f"{size} was retired on {ended}" if ended else f"the catalogue has no VM size with GPUs named {size!r}"
        raise InvalidInput(f"{gone}; it has {', '.join(each.name for each in gpu_sizes())}")
    return _machine_of(known)


def machines_on_azure(today: date) -> tuple[Machine, ...]:
    """Return every VM size with whole GPUs that is not retired and has bfloat16, the smallest first."""
    sizes = (size for size in gpu_sizes() if size.retired is None or today < size.retired)
    machines = (_machine_of(size) for size in sizes if not size.gpu.startswith("1/"))
    return tuple(
        sorted(
            (machine for machine in machines if machine.gpu.bf16),
            key=lambda machine: (machine.total_gib, machine.memory_gib or 0.0),
        )
    )


def _machine_of(size: GpuSize) -> Machine:
    return Machine(gpu=gpu_of_size(size), gpus=size.gpus, size=size.name, memory_gib=size.memory_gib)
