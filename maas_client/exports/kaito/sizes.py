"""The VM sizes on which KAITO tunes models, and the smallest one that has the GPU memory.

KAITO starts nodes of the sizes in its own table only, and its training code computes in bfloat16, which GPUs before
compute capability 8.0 lack (kaito-project/kaito, `pkg/sku/azure_sku_handler.go`, v0.12.0). Of a size with several GPUs
each one holds the whole model: they share the rows, not the memory.
"""

from __future__ import annotations

from ...catalog.gpu_sizes import GpuSize, gpu_size
from ...catalog.gpus import gpu_of_size
from ...core.errors import InvalidInput

SIZES = (
    "Standard_NV36ads_A10_v5",
    "Standard_NV72ads_A10_v5",
    "Standard_NC24ads_A100_v4",
    "Standard_NC48ads_A100_v4",
    "Standard_NC96ads_A100_v4",
    "Standard_NC40ads_H100_v5",
    "Standard_NC80adis_H100_v5",
    "Standard_ND96amsr_A100_v4",
    "Standard_ND96isr_H100_v5",
    "Standard_ND96isr_H200_v5",
)
"""The sizes of that table with GPUs of compute capability 8.0 or more, as Azure spells them."""


def tuning_sizes() -> tuple[GpuSize, ...]:
    """Return the sizes on which KAITO tunes, those with the fewest GPUs and the least memory first."""
    known = [size for name in SIZES if (size := gpu_size(name)) is not None]
    return tuple(sorted(known, key=lambda size: (size.gpus, size.gpu_memory_gib, size.vcpus)))


def tuning_size(name: str) -> GpuSize:
    """Return a size by its name in any case; raise InvalidInput for one on which KAITO tunes nothing."""
    wanted = gpu_size(name)
    if wanted is None or wanted.name not in SIZES:
        raise InvalidInput(
            f"KAITO does not tune on {name}: it takes sizes of its own table whose GPUs compute in bfloat16, which are "
            f"{', '.join(SIZES)}"
        )
    return wanted


def smallest_size(gpu_gib: float, *, gpus: int = 1) -> GpuSize | None:
    """Return the smallest size with at least this many GPUs of this much memory in GiB; None if there is none."""
    fitting = (size for size in tuning_sizes() if size.gpus >= gpus and gpu_of_size(size).memory_gib >= gpu_gib)
    return next(fitting, None)
