"""What a reader sees of a plan: a table of the ways on machines, a line for every other platform, and advice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..gpu_estimates.training_way import Method
from .amounts import cost_text, gib_text, parts_text, share_text, span_text
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

MEANINGS: dict[Method, str] = {
    "full": "trains every parameter",
    "lora": "trains two thin matrices beside each large one{share}",
    "qlora": "LoRA over a model that is kept in 4 bits",
    "dora": "LoRA with a trained length for each output, better at low ranks and slower",
    "qdora": "DoRA over a model that is kept in 4 bits",
}

_ALL_OTHERS = "all others"

_NAMED = 2
"""Platforms that are named before one sentence."""

_FITS = {"fits": "yes", "tight": "just", "no": "no"}


@dataclass(frozen=True, slots=True)
class Row:
    """Ways that differ in the tool only, the best first."""

    ways: tuple[Way, ...]

    @property
    def way(self) -> Way:
        """The best of them."""
        return self.ways[0]

    @property
    def fits(self) -> str:
        """Whether it fits."""
        return _FITS.get(self.way.verdict, "-")

    @property
    def memory(self) -> str:
        """What the tools need of each GPU's memory, and whether of the machine's as well."""
        needed = gib_text([way.needed_gib for way in self.ways if way.needed_gib is not None])
        return f"{needed} + RAM" if self.way.offload else needed

    @property
    def time(self) -> str:
        """How long all epochs take."""
        return time_of(self.way)

    @property
    def cost(self) -> str:
        """What all epochs cost, as far as it is known."""
        return cost_of(self.way)

    @property
    def tools(self) -> tuple[str, ...]:
        """What it can be run with."""
        return tuple(short_title(way) for way in self.ways)


@dataclass(frozen=True, slots=True)
class Overview:
    """What a reader sees of a plan; every text is a line or a sentence without markup.

    `rows` are on the machines that were asked for, or on the smallest sizes of Azure; `elsewhere` has a platform and a
    sentence for what is not in them. `advice` has a word and a sentence for each way to take, and what speaks against
    the first; `command` starts that. `quoted` is what the scenario table says of the need, a title and lines.
    """

    title: str
    facts: str
    where: str
    rows: tuple[Row, ...]
    elsewhere: tuple[tuple[str, str], ...]
    advice: tuple[tuple[str, str], ...]
    quoted: tuple[str, ...]
    command: str

    def columns(self, plan: RankedWays) -> dict[str, tuple[str, ...]]:
        """Return the cells of each column of the table; what would be the same in every row has no column."""
        rows, epochs = self.rows, f"{plan.epochs} epoch{'s' * (plan.epochs != 1)}"
        several = len({row.way.machine for row in rows}) > 1 or not plan.own
        machines = {"on": tuple(row.way.machine for row in rows), "has": tuple(_has(row.way) for row in rows)}
        costs = {"cost": tuple(row.cost for row in rows)}
        return {
            "way": tuple(row.way.method_title for row in rows),
            **(machines if several else {}),
            "fits": tuple(row.fits for row in rows),
            "GPU memory": tuple(row.memory for row in rows),
            epochs: tuple(row.time for row in rows),
            **(costs if any(costs["cost"]) else {}),
            "run with": tuple(", ".join(row.tools) for row in rows),
        }


def overview_of(plan: RankedWays) -> Overview:
    """Return what a reader sees of a plan."""
    in_table = [way for way in plan.ways if way.machine and (way.machine in plan.own or not plan.own)]
    others = [way for way in plan.ways if way not in in_table]
    best = plan.recommended
    return Overview(
        title=_title(plan),
        facts=_facts(plan),
        where=_where(plan, in_table),
        rows=tuple(_rows(in_table)),
        elsewhere=tuple(_elsewhere(others, {way.platform for way in in_table})),
        advice=tuple(_advice(plan)),
        quoted=() if plan.table is None else (f"The cookbook's table on {plan.table.title}:", *plan.table.lines()),
        command="" if best is None else best.command,
    )


def time_of(way: Way) -> str:
    """Return how long all epochs of a way take."""
    return "" if way.hours is None else span_text(way.hours.low * 3600, way.hours.high * 3600)


def cost_of(way: Way) -> str:
    """Return what a way costs, as far as it is known."""
    return "" if way.cost is None else cost_text(*way.cost)


def short_title(way: Way) -> str:
    """Return a short name of a way's platform."""
    return SHORT_TITLES.get(way.platform, way.platform_title)


def described(way: Way) -> str:
    """Return a way in a sentence or two: what, with what, what that means, and whether there is room."""
    where = f" on {way.machine}" if way.machine else ""
    return f"{way.method_title} with {short_title(way)}{where}: {_meaning(way)}. {way.why[:1].upper()}{way.why[1:]}"


def _meaning(way: Way) -> str:
    share = "" if way.share_trained is None else f", {share_text(way.share_trained)} of the parameters"
    return MEANINGS[way.method].format(share=share)


def _title(plan: RankedWays) -> str:
    parameters = "" if plan.parameters is None else f" ({plan.parameters / 1e9:.1f} billion parameters)"
    return f"{plan.model}{parameters}{f' on {plan.data}' if plan.data else ''}"


def _where(plan: RankedWays, ways: Sequence[Way]) -> str:
    if not plan.own:
        return "Azure, on the smallest VM size that each fits"
    memory = {way.machine: f"{way.gpu_memory_gib:.0f} GiB{' each' if way.gpus > 1 else ''}" for way in ways}
    return " and ".join(f"{machine} ({memory[machine]})" if machine in memory else machine for machine in plan.own)


def _has(way: Way) -> str:
    """Return the memory of a way's GPUs."""
    if way.gpu_memory_gib is None:
        return ""
    return f"{'' if way.gpus == 1 else f'{way.gpus} x '}{way.gpu_memory_gib:.0f} GiB"


def _facts(plan: RankedWays) -> str:
    size, times = plan.size, {1: "once", 2: "twice"}.get(plan.epochs, f"{plan.epochs} times")
    if size.is_assumed:
        return f"assumed: {size.tokens:,} tokens in rows of {size.sequence_length:,}, trained {times}"
    about = "" if not size.error_bound else "about "
    return f"{size.rows:,} rows, {about}{size.tokens:,} tokens, the longest row {size.longest:,}; trained {times}"


def _rows(ways: Iterable[Way]) -> list[Row]:
    groups: dict[object, list[Way]] = {}
    for way in ways:
        groups.setdefault((way.method_title, way.machine, way.verdict, way.is_over_budget), []).append(way)
    return [Row(tuple(group)) for group in groups.values()]


def _elsewhere(ways: Sequence[Way], shown: set[str]) -> list[tuple[str, str]]:
    best: dict[str, Way] = {}
    for way in ways:
        if way.platform not in shown:
            best.setdefault(way.platform, way)
    lines: dict[str, list[str]] = {}
    for way in best.values():
        lines.setdefault(_sentence(way), []).append(short_title(way))
    named = [(_joined(titles), sentence) for sentence, titles in lines.items()]
    return sorted(named, key=lambda line: line[0] == _ALL_OTHERS)


def _joined(titles: Sequence[str]) -> str:
    """Return the platforms that a sentence is about; the serverless jobs of Azure ML are the same by `az ml`."""
    named = [title for title in titles if title != SHORT_TITLES["azureml-cli"]] or titles
    return ", ".join(named) if len(named) <= _NAMED else _ALL_OTHERS


def _sentence(way: Way) -> str:
    if not way.machine:
        return "; ".join(filter(None, (way.why.removesuffix("."), time_of(way), cost_of(way))))
    memory = f"{gib_text([way.needed_gib or 0.0])} of {_has(way)}"
    return ", ".join(filter(None, (f"{way.method_title} on {way.machine}", memory, time_of(way), cost_of(way))))


def _advice(plan: RankedWays) -> Iterable[tuple[str, str]]:
    best = plan.recommended
    if best is None:
        return
    yield "Take", described(best)
    if best.memory is not None:
        yield "", f"memory: {parts_text(best.memory)} GiB"
    for each in best.cannot:
        yield "", f"but: {each}"
    for way in plan.alternatives:
        yield "Or", described(way)
