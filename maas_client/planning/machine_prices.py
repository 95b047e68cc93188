"""What machines cost by the hour: the table `machines` of a price file, by VM size or GPU. None are built in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from ..catalog.gpu_sizes import same_size
from ..catalog.gpus import Gpu, find_gpu
from ..core.errors import InvalidInput
from ..datasets.cost.price_file import amount, content_of, currency_at, machine_tables_in, refuse_others, table_at
from ..datasets.rows.excerpt import escape
from .machine import Machine

_HOUR = "per_hour"
_KEYS = {_HOUR, "currency"}


class HourPrice(NamedTuple):
    """What one machine, or one GPU, costs for an hour."""

    amount: float
    currency: str


class MachinePrices:
    """Prices by name: of a VM size for the whole machine, of a GPU for each."""

    def __init__(self, prices: Mapping[str, HourPrice] | None = None) -> None:
        self._prices = dict(prices or {})

    def __bool__(self) -> bool:
        return bool(self._prices)

    def of(self, machine: Machine) -> HourPrice | None:
        """Return what a machine costs for an hour, None if it was not given."""
        if machine.size is not None:
            size = machine.size
            return next((price for name, price in self._prices.items() if same_size(name, size)), None)
        each = next((price for name, price in self._prices.items() if _is_gpu(name, machine.gpu)), None)
        return None if each is None else HourPrice(each.amount * machine.gpus, each.currency)

    def with_others(self, others: Iterable[tuple[str, HourPrice]]) -> MachinePrices:
        """Return these prices, and others where these say nothing."""
        return MachinePrices({**dict(others), **self._prices})


def machine_prices_in(path: str | PathLike[str]) -> MachinePrices:
    """Read the table `machines` of a price file, which may be missing.

    Each machine has a table by its VM size or its GPU, with `per_hour` and `currency`.

    Raises InvalidInput, naming the key, if the file is invalid.
    """
    file = Path(path)
    found: dict[str, HourPrice] = {}
    for name, content in machine_tables_in(file, content_of(file)).items():
        where = f'machines."{escape(name)}"'
        entry = table_at(file, where, content)
        refuse_others(file, f"{where}.", entry, _KEYS)
        found[name] = HourPrice(amount(file, f"{where}.{_HOUR}", entry.get(_HOUR)), currency_at(file, where, entry))
    return MachinePrices(found)


def machine_template() -> str:
    """Return the lines of a price file for machines, commented out."""
    lines = (
        "Machines by the hour, for `maas plan`: a VM size, or each GPU. Uncomment the lines, and replace nan.",
        '[machines."Standard_NC24ads_A100_v4"]',
        f"{_HOUR} = nan",
        'currency = "USD"',
    )
    return "".join(f"# {line}\n" for line in lines)


def _is_gpu(name: str, gpu: Gpu) -> bool:
    try:
        return find_gpu(name).name == gpu.name
    except InvalidInput:  # the name of a VM size
        return False
