"""Making a plan: what was asked for is read, its ways are found and ranked, and one is proposed."""

from __future__ import annotations

from datetime import date
from os import fspath

from ..catalog.lookup import list_models
from ..catalog.model_facts import ModelFacts
from ..catalog.surface_of_model import find_on_any_surface
from ..core.errors import InvalidInput
from .asked import Asked
from .hosted import is_open
from .job import job_keys
from .machine import machine_named, own_machines
from .need_row import need_row
from .needs import nearest_hint, plain_name, read_need, table_method_named
from .plan import Plan
from .platforms import find_platform, platforms
from .price_reading import read_prices, require_prices
from .ranking import alternatives_to, ranked
from .region import Region
from .remarks import remarks_on
from .search import METHODS_OF, Search
from .sizing import size_of
from .training import Training


def make_plan(asked: Asked, *, today: date, region: Region | None = None) -> Plan:
    """Make the plan of `plan()` for a day; a region has sizes and prices of its own."""
    need = None if asked.need is None else read_need(asked.need)
    method = None if asked.method is None else _read_method(asked.method)
    chosen = platforms() if asked.platform is None else (find_platform(asked.platform),)
    own = (*own_machines(asked.gpu_names, asked.gpu_counts), *map(machine_named, asked.sizes))
    facts = _default_model(today) if asked.model is None else find_on_any_surface(asked.model)
    prices = read_prices(facts, asked.prices, region)
    require_prices(prices, asked.budget)
    training = Training(
        model=facts,
        size=size_of(facts, asked.data, sequence_length=asked.sequence_length),
        today=today,
        data=None if asked.data is None else fspath(asked.data),
        epochs=asked.epochs,
        rank=asked.rank,
        batch_size=asked.batch_size,
    )
    search = Search(
        training,
        prices,
        budget=asked.budget,
        own=own,
        named_sizes=bool(asked.sizes),
        every=need == "parallel",
        region=region,
    )
    ways = ranked(search.ways(chosen, method), need=need, own=[machine.title for machine in own])
    best = next((way for way in ways if way.is_possible and not way.is_over_budget), None)
    return Plan(
        model=facts.name,
        parameters=facts.parameter_count if isinstance(facts, ModelFacts) else None,
        data=training.data,
        size=training.size,
        epochs=asked.epochs,
        need=need,
        table=None if need is None else need_row(need),
        own=tuple(machine.title for machine in own),
        ways=ways,
        recommended=best,
        alternatives=() if best is None else alternatives_to(best, ways),
        remarks=remarks_on(
            training,
            ways,
            best,
            need=need,
            own=own,
            is_model_chosen=asked.model is None,
            has_budget=asked.budget is not None,
        ),
        job=job_keys(training, best),
    )


def _read_method(name: str) -> str:
    """Return the method of a name in any case; raise InvalidInput, with the nearest one."""
    found = "full" if plain_name(name) in {"full", "fullfinetuning"} else table_method_named(name)
    if found is None:
        raise InvalidInput(f"there is no method {name!r}; {nearest_hint(name, 'methods', tuple(METHODS_OF))}")
    return found


def _default_model(today: date) -> ModelFacts:
    """Return the smallest model that can be fine-tuned on Azure ML on a day."""
    offered = [facts for facts in list_models() if is_open(facts, today)]
    if not offered:
        raise InvalidInput("no model can be fine-tuned serverless today: name one (--model, `model=`)")
    return min(offered, key=lambda facts: facts.parameter_count)
