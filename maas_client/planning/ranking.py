"""The order of ways: what is possible first, then by what they are wanted for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import inf

from .candidates import METHODS, SIMPLEST_FIRST
from .needs import Need
from .way import Verdict, Way

_VERDICTS: dict[Verdict, int] = {"hosted": 0, "fits": 0, "tight": 1, "no": 2, "not offered": 3}

_PLATFORMS = (
    "azureml",
    "foundry",
    "trl",
    "azureml-pipeline",
    "axolotl",
    "kaito",
    "olive",
    "ai-toolkit",
    "azureml-cli",
)
"""Platforms in the order in which they are proposed, where nothing else decides."""

ALTERNATIVES = 2

_Key = tuple[float, ...]


def ranked(ways: Iterable[Way], *, need: Need | None, own: Sequence[str]) -> tuple[Way, ...]:
    """Return ways in order, the best first.

    Args:
        ways: judged ways.
        need: what they are wanted for; without one, and for a task, methods are in the order in which they are simple.
        own: titles of the machines that the caller has or asked for; ways on them go before hosted ones. What is
            offloaded comes after all else: it takes more time, and memory of the machine.
    """
    by_need = _NEEDS.get(need, _by_method) if need is not None else _by_method

    def key(way: Way) -> _Key:
        place = _place(way, own)
        cost_first = need == "cost" and way.cost is not None
        return (
            _VERDICTS[way.verdict],
            way.is_over_budget,
            way.offload,
            0 if cost_first else place,
            *by_need(way),
            effort_of(way),
            _platform(way),
            _size_of(way),
        )

    return tuple(sorted(ways, key=key))


def effort_of(way: Way) -> int:
    """Return how much has to be shared for a way: the less, the simpler and the faster."""
    return SIMPLEST_FIRST.index(way.sharing) + (len(SIMPLEST_FIRST) if way.offload else 0)


def simplest(ways: Iterable[Way], of: Callable[[Way], object]) -> tuple[Way, ...]:
    """Return one way of each kind, `of` being the kind: the possible one that shares and takes least."""
    best: dict[object, Way] = {}
    for way in ways:
        kind, found = of(way), best.get(of(way))
        if found is None or _simple(way) < _simple(found):
            best[kind] = way
    return tuple(best.values())


def alternatives_to(best: Way, ways: Iterable[Way]) -> tuple[Way, ...]:
    """Return the best other ways that differ in what is done, not only in the tool that does it."""
    chosen, seen = list[Way](), {_what(best)}
    for way in ways:
        if way.is_possible and _what(way) not in seen and len(chosen) < ALTERNATIVES:
            chosen.append(way)
            seen.add(_what(way))
    return tuple(chosen)


def _what(way: Way) -> object:
    return way.method, way.machine, way.sharing, way.offload


def _simple(way: Way) -> _Key:
    price = way.cost.high if way.cost is not None else inf
    if not way.is_possible:  # the one that lacks least
        return (_VERDICTS[way.verdict], -(way.headroom_gib or 0.0))
    return (_VERDICTS[way.verdict], price, _size_of(way), effort_of(way))


def _place(way: Way, own: Sequence[str]) -> int:
    """Return whether a way is on a machine that was asked for, hosted, or elsewhere."""
    if way.machine and way.machine in own:
        return 0
    return 1 if not way.machine else 2


def _platform(way: Way) -> int:
    return _PLATFORMS.index(way.platform) if way.platform in _PLATFORMS else len(_PLATFORMS)


def _size_of(way: Way) -> float:
    return way.gpus * (way.gpu_memory_gib or 0.0)


def _by_method(way: Way) -> _Key:
    return (METHODS.index(way.method),)


def _by_cost(way: Way) -> _Key:
    hours = inf if way.hours is None else way.hours.high * max(way.gpus, 1)
    return (inf if way.cost is None else way.cost.high, _size_of(way), hours, *_by_method(way))


def _by_memory(way: Way) -> _Key:
    return (way.needed_gib or 0.0, *_by_method(way))


def _by_parameters(way: Way) -> _Key:
    return (float(way.trained_parameters or 0), *_by_method(way))


def _by_sharing(way: Way) -> _Key:
    shares = way.sharing not in {None, "ddp"} and way.gpus > 1
    return (0 if shares else 1, *_by_method(way))


_NEEDS: dict[Need, Callable[[Way], _Key]] = {
    "cost": _by_cost,
    "memory": _by_memory,
    "parameters": _by_parameters,
    "parallel": _by_sharing,
}
