"""What a reader sees of a plan: a table of the ways on machines, a line for every other platform, and advice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..datasets.cost.training_time import RoughTime
from .ranked_ways import RankedWays
from .way import Way

SHORT_TITLES = {
    "azureml": "Azure ML, serverless",
    "azureml-pipeline": "Azure ML, own compute",
    "azureml-cli": "Azure ML by az ml",
    "foundry": "Azure AI Foundry",
    "kaito": "Kaito",
    "olive": "Olive",
    "ai-toolkit": "AI Toolkit",
    "trl": "TRL",
    "axolotl": "axolotl",
}

_FITS = {"fits": "yes", "tight": "just", "no": "no"}


@dataclass(frozen=True, slots=True)
class Row:
    """Ways that differ in the tool only: what each column says of them."""

    way: Way
    tools: tuple[str, ...]

    @property
    def fits(self) -> str:
        """Whether it fits."""
        return _FITS.get(self.way.verdict, "-")

    @property
    def memory(self) -> str:
        """What it needs of each GPU's memory."""
        return memory_of(self.way)


@dataclass(frozen=True, slots=True)
class Overview:
    """What a reader sees of a plan; every text is a line or a sentence without markup.

    `rows` are on the machines that were asked for, or on the smallest sizes of Azure; `elsewhere` has a platform and a
    sentence for what is not in them; `quoted` is what the scenario table says of the need, a title and lines.
    """

    title: str
    facts: tuple[str, ...]
    where: str
    rows: tuple[Row, ...]
    elsewhere: tuple[tuple[str, str], ...]
    advice: tuple[tuple[str, str], ...]
    quoted: tuple[str, ...]


def overview_of(plan: RankedWays) -> Overview:
    """Return what a reader sees of a plan."""
    in_table = [way for way in plan.ways if way.machine and (way.machine in plan.own or not plan.own)]
    others = [way for way in plan.ways if way not in in_table]
    return Overview(
        title=_title(plan),
        facts=_facts(plan),
        where=" and ".join(plan.own) if plan.own else "the smallest VM size that each fits",
        rows=tuple(_rows(in_table)),
        elsewhere=tuple(_elsewhere(others, {way.platform for way in in_table})),
        advice=tuple(_advice(plan)),
        quoted=() if plan.table is None else (f"The cookbook's table on {plan.table.title}:", *plan.table.lines()),
    )


def memory_of(way: Way) -> str:
    """Return what a way needs of each GPU's memory, and what there is."""
    if way.needed_gib is None or way.gpu_memory_gib is None:
        return ""
    each = "" if way.gpus == 1 else f"{way.gpus} x "
    return f"{each}{way.needed_gib:.1f} of {way.gpu_memory_gib:.0f} GiB"


def time_of(way: Way) -> str:
    """Return how long all epochs take."""
    return "" if way.hours is None else str(RoughTime(way.hours.low * 3600, way.hours.high * 3600))


def cost_of(way: Way) -> str:
    """Return what a way costs, as far as it is known."""
    if way.cost is None:
        return ""
    low, high = f"{way.cost.low:,.2f}", f"{way.cost.high:,.2f}"
    return f"{low if low == high else f'{low} to {high}'} {way.cost.currency}"


def parts_of(way: Way) -> str:
    """Return the parts of a way's peak memory, the largest first, and the reserve."""
    memory = way.memory
    if memory is None:
        return ""
    parts = sorted(memory.parts.items(), key=lambda part: -part[1])
    shown = [f"{name} {gib:.1f}" for name, gib in parts if gib >= 0.05]
    return ", ".join((*shown, f"reserve {memory.card_gib - memory.peak_gib:.1f}"))


def _title(plan: RankedWays) -> str:
    parameters = "" if plan.parameters is None else f" ({plan.parameters / 1e9:.1f} billion parameters)"
    return f"{plan.model}{parameters}{f' on {plan.data}' if plan.data else ''}"


def _facts(plan: RankedWays) -> tuple[str, ...]:
    size = plan.size
    if size.is_assumed:
        return (f"assumed: {size.tokens:,} tokens in rows of {size.sequence_length:,}, trained {_times(plan.epochs)}",)
    about = "" if not size.error_bound else "about "
    counted = f"{size.rows:,} rows, {about}{size.tokens:,} tokens, the longest row {size.longest:,}"
    return (f"{counted}; trained {_times(plan.epochs)}",)


def _times(epochs: int) -> str:
    return {1: "once", 2: "twice"}.get(epochs, f"{epochs} times")


def _rows(ways: Iterable[Way]) -> list[Row]:
    groups: dict[object, list[Way]] = {}
    for way in ways:
        key = (way.method_title, way.machine, way.verdict, memory_of(way), way.is_over_budget)
        groups.setdefault(key, []).append(way)
    return [Row(group[0], tuple(_short(way) for way in group)) for group in groups.values()]


def _elsewhere(ways: Sequence[Way], shown: set[str]) -> list[tuple[str, str]]:
    best: dict[str, Way] = {}
    for way in ways:
        if way.platform not in shown:
            best.setdefault(way.platform, way)
    return [(_short(way), _sentence(way)) for way in best.values()]


def _sentence(way: Way) -> str:
    if not way.machine:
        costs = "" if way.cost is None else f"; {cost_of(way)}"
        return f"{way.why}{costs}"
    parts: list[str] = [f"{way.method_title} on {way.machine}", memory_of(way), time_of(way), cost_of(way)]
    return ", ".join(filter(None, parts))


def _advice(plan: RankedWays) -> list[tuple[str, str]]:
    best = plan.recommended
    if best is None:
        return []
    return [("take", describe(best)), *(("or", describe(way)) for way in plan.alternatives)]


def describe(way: Way) -> str:
    """Return a way in a sentence: what, with what, where."""
    where = f" on {way.machine}" if way.machine else ""
    return f"{way.method_title} with {_short(way)}{where}: {way.why}"


def _short(way: Way) -> str:
    return SHORT_TITLES.get(way.platform, way.platform_title)
