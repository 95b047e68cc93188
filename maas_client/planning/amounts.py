"""How amounts of a plan are written: times, costs, memory and shares."""

from __future__ import annotations

from collections.abc import Sequence

from ..gpu_estimates.memory import MemoryEstimate

_UNITS = (("d", 48 * 3600.0, 86400.0), ("h", 5400.0, 3600.0), ("min", 90.0, 60.0), ("s", 0.0, 1.0))
"""Units of time, the seconds from which each is used, and its own."""

_WORTH_SHOWING = 0.05


def span_text(low: float, high: float) -> str:
    """Return a range of seconds, with the unit once where it is the same: `28 to 69 s`, `50 s to 2 min`."""
    first, second = _amount(low), _amount(high)
    if first == second:
        return " ".join(second)
    return f"{first[0]} to {' '.join(second)}" if first[1] == second[1] else f"{' '.join(first)} to {' '.join(second)}"


def cost_text(low: float, high: float, currency: str) -> str:
    """Return a range of costs."""
    first, second = f"{low:,.2f}", f"{high:,.2f}"
    return f"{second if first == second else f'{first} to {second}'} {currency}"


def gib_text(amounts: Sequence[float]) -> str:
    """Return an amount of memory, or the range of several."""
    if not amounts:
        return ""
    low, high = f"{min(amounts):.1f}", f"{max(amounts):.1f}"
    return f"{low if low == high else f'{low}-{high}'} GiB"


def share_text(share: float) -> str:
    """Return a share in per cent, with one digit that says something."""
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"


def parts_text(memory: MemoryEstimate) -> str:
    """Return the parts of a peak, the largest first, with the reserve."""
    parts = sorted(memory.parts.items(), key=lambda part: -part[1])
    shown = [f"{name} {gib:.1f}" for name, gib in parts if gib >= _WORTH_SHOWING]
    return ", ".join((*shown, f"reserve {memory.card_gib - memory.peak_gib:.1f}"))


def _amount(seconds: float) -> tuple[str, str]:
    unit, _, length = next(each for each in _UNITS if seconds >= each[1])
    amount = seconds / length
    return (f"{amount:.1f}" if unit in {"h", "d"} and amount < 10 else f"{max(amount, 1):.0f}"), unit
