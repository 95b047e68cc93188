"""What there is to say about a plan as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .machine import Machine
from .needs import Need
from .training import Training
from .way import Way


def remarks_on(
    training: Training,
    ways: Sequence[Way],
    best: Way | None,
    *,
    need: Need | None,
    own: Sequence[Machine],
    is_model_chosen: bool,
    has_budget: bool,
) -> tuple[str, ...]:
    """Return sentences on what was assumed, and on what would help where nothing fits."""
    found = list(_remarks(training, ways, best, need=need, own=own, is_model_chosen=is_model_chosen))
    if has_budget and best is not None and best.cost is None:
        where = best.machine or best.platform_title
        found.append(f"whether {where} is within the budget is not known: the prices have none of it")
    return tuple(found)


def _remarks(
    training: Training,
    ways: Sequence[Way],
    best: Way | None,
    *,
    need: Need | None,
    own: Sequence[Machine],
    is_model_chosen: bool,
) -> Iterator[str]:
    if is_model_chosen:
        yield f"no model was named: {training.model.name} is the smallest that Azure ML fine-tunes today"
    if training.size.is_assumed:
        yield "no data was named: a million tokens are assumed, in rows of the full length"
    if need == "parallel" and own and all(machine.gpus == 1 for machine in own):
        yield "data parallelism needs two GPUs: with one there is nothing to share"
    if any(way.verdict == "tight" for way in ways):
        yield "`just` fits only without the reserve that PyTorch's allocator usually takes: it may run out of memory"
    if best is None and any(way.is_over_budget and way.is_possible for way in ways):
        yield "every way that fits may cost more than the budget"
    elif best is None and (smallest := _smallest(ways)) is not None:
        lack = -(smallest.headroom_gib or 0.0)
        yield f"nothing fits: {smallest.method_title} lacks {lack:.1f} GiB; shorter rows or a larger GPU would help"


def _smallest(ways: Sequence[Way]) -> Way | None:
    """Return the way that lacks least."""
    lacking = [way for way in ways if way.verdict == "no"]
    return max(lacking, key=lambda way: way.headroom_gib or 0.0, default=None)
