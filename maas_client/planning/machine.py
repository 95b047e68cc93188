"""What a fine-tuning may run on: a GPU or several, in a machine of one's own or in a VM size of Azure."""

from __future__ import annotations

from dataclasses import dataclass

from ..catalog.gpu_sizes import GpuSize
from ..core.plain_values import PlainValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine(PlainValue):
    """A machine with GPUs of one kind.

    `name` is the VM size, or the GPU where the machine is the user's own, whose memory is not known then. `bf16` says
    whether its GPUs compute with numbers of the format bfloat16.
    """

    name: str
    gpu: str
    gpus: int
    gpu_memory_gib: float
    size: str | None = None
    memory_gib: float | None = None
    bf16: bool = True

    @property
    def title(self) -> str:
        """What to call it: `RTX 4090`, `2 x RTX 4090`, or a VM size without its prefix."""
        if self.size is not None:
            return self.size.removeprefix("Standard_")
        return self.name if self.gpus == 1 else f"{self.gpus} x {self.name}"

    @property
    def total_gib(self) -> float:
        """The memory of all its GPUs together."""
        return self.gpus * self.gpu_memory_gib


def machine_of_size(size: GpuSize, *, bf16: bool = True) -> Machine:
    """Return a VM size as a machine."""
    return Machine(
        name=size.name,
        gpu=size.gpu,
        gpus=size.gpus,
        gpu_memory_gib=size.gpu_memory_gib,
        size=size.name,
        memory_gib=size.memory_gib,
        bf16=bf16,
    )
