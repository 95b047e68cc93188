"""A VM size that a region offers for machine learning, with its GPUs and its price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Self

from pydantic import BeforeValidator

from ..catalog.gpu_sizes import gpu_size, retirement_of
from ..core.json_fields import Document, day, is_array, is_object, items, text
from ..core.values import Text, Value, at

LARGEST = 1e12
"""More than any price or memory: what is larger is not one."""


def _number(value: object) -> float | None:
    """Return a number as a float; None for another type, and for what no price and no memory is."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST:
        return None
    return float(value)


def _plain_number(value: object) -> float:
    return _number(value) or 0.0


def _gpus(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _kinds(value: object) -> tuple[str, ...] | None:
    return tuple(each for each in value if isinstance(each, str)) if is_array(value) else None


Number = Annotated[float, BeforeValidator(_plain_number)]
MaybeNumber = Annotated[float | None, BeforeValidator(_number)]


class ComputeSize(Value):
    """A VM size of the workspace's region. `raw` keeps the service's whole document.

    The service says what a size costs and how many GPUs it has, but not which ones: `gpu`, `gpu_memory_gib` (of one
    GPU) and `retired` come from Microsoft's pages on its series, and are empty for a size that is not in that table.
    Prices are for one hour of one machine with Linux in `currency`; None where the service gives none. Its
    `low_priority_capable` is known to be wrong in both directions.
    """

    name: Text = ""
    family: Text = ""
    vcpus: Annotated[int, BeforeValidator(_gpus), at("vCPUs")] = 0
    gpus: Annotated[int, BeforeValidator(_gpus)] = 0
    gpu: Text = ""
    gpu_memory_gib: MaybeNumber = None
    memory_gib: Annotated[Number, at("memoryGB")] = 0.0
    hourly_price: MaybeNumber = None
    low_priority_price: MaybeNumber = None
    currency: Annotated[Text, at("estimatedVMPrices", "billingCurrency")] = ""
    compute_types: Annotated[tuple[str, ...] | None, BeforeValidator(_kinds), at("supportedComputeTypes")] = None
    low_priority_capable: Annotated[bool, BeforeValidator(lambda value: value is True), at("lowPriorityCapable")] = (
        False
    )
    retired: Annotated[date | None, BeforeValidator(day)] = None
    is_retired: bool = False

    @property
    def can_train(self) -> bool | None:
        """Whether clusters may have it; None if the service does not say."""
        return self._supports("amlcompute")

    @property
    def can_serve(self) -> bool | None:
        """Whether managed online endpoints may have it (`MIR` on the wire); None if the service does not say."""
        return self._supports("mir")

    @property
    def endpoint_reserve(self) -> bool:
        """Whether online endpoints need quota for a fifth more instances of it."""
        known = gpu_size(self.name)
        return known is None or known.endpoint_reserve

    def _supports(self, kind: str) -> bool | None:
        return None if self.compute_types is None else kind in {each.lower() for each in self.compute_types}

    def price(self, *, low_priority: bool = False) -> float | None:
        """Return what an hour of one machine costs; None where the service gives no price."""
        return self.low_priority_price if low_priority else self.hourly_price

    def __str__(self) -> str:
        return f"size {self.name}"

    @classmethod
    def of(cls, document: Document, today: date) -> Self:
        """Read a document of `vmSizes`, with the table's facts about the GPUs and whether it is retired by `today`."""
        known, ended = gpu_size(text(document, "name")), retirement_of(text(document, "name"))
        prices = dict(_prices(document))
        facts: dict[str, object] = {
            "hourly_price": prices.get("standard"),
            "low_priority_price": prices.get("lowpriority"),
        }
        if known is not None:
            facts |= {"gpu": known.gpu, "gpu_memory_gib": known.gpu_memory_gib}
        if ended is not None:
            facts |= {"retired": ended.isoformat(), "is_retired": today >= ended}
        return cls.read({**document, **facts})


def _prices(document: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    """Yield the prices of an hour with Linux by tier; a size may have one for Windows and one for `Spot` as well."""
    # Assumption: The sizes of a region come with prices in `estimatedVMPrices`, in every region.
    # Shown wrong by: A size without `estimatedVMPrices`, or with an empty list of values.
    # Verified by: vm sizes, running costs
    # If wrong: The price is None: sizes are listed without it, and budgets need a price of yours.
    hourly = text(document, "estimatedVMPrices", "unitOfMeasure").lower() in {"onehour", ""}
    for price in items(document, "estimatedVMPrices", "values"):
        if hourly and is_object(price) and text(price, "osType").lower() in {"linux", ""}:
            amount = _number(price.get("retailPrice"))
            if amount is not None and amount >= 0:
                yield text(price, "vmTier").lower(), amount
