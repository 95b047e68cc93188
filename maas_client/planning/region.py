"""What the workspace's region offers: which VM sizes, and what each costs by the hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..catalog.gpu_sizes import same_size
from ..computes.compute_size import ComputeSize
from .machine import Machine
from .machine_prices import HourPrice


@dataclass(frozen=True, slots=True)
class Region:
    """The sizes of a region, with the service's own prices."""

    sizes: tuple[ComputeSize, ...]

    def offers(self, machine: Machine) -> bool:
        """Return whether clusters of the region may have a machine; the service may not say."""
        name = machine.size or ""
        return any(same_size(size.name, name) and size.can_train is not False for size in self.sizes)

    def prices(self) -> Iterator[tuple[str, HourPrice]]:
        """Yield the price of each size that has one."""
        for size in self.sizes:
            if size.hourly_price is not None and size.currency:
                yield size.name, HourPrice(size.hourly_price, size.currency)
