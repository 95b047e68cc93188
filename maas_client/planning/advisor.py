"""Which ways there are to fine-tune a model: `plan()`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from os import PathLike, fspath

from ..catalog.foundry_offer import FoundryOffer
from ..catalog.lookup import list_models
from ..catalog.model_facts import ModelFacts
from ..catalog.surface_of_model import find_on_any_surface
from ..core.errors import InvalidInput
from ..gpu_estimates.training_way import Method
from .candidates import METHODS, ON_AZURE, Candidate, candidates
from .commands import command_for
from .costs import Prices, hosted_cost, machine_cost
from .durations import all_epochs, hours_hosted, hours_on
from .hosted import is_open, judge_hosted, not_offered
from .job import job_keys
from .judging import judge
from .machine import Machine, machine_named, machines_on_azure, own_machines
from .need_row import need_row
from .needs import nearest_hint, plain_name, read_need, table_method_named
from .plan import Plan
from .platforms import Platform, find_platform, platforms
from .price_reading import read_prices, require_prices
from .ranking import alternatives_to, ranked, simplest
from .remarks import remarks_on
from .sizing import size_of
from .training import Training
from .way import Way

_METHODS: dict[str, tuple[Method, ...]] = {
    **{method: (method,) for method in METHODS},
    "peft": ("lora", "qlora", "dora"),
    "deepspeed": METHODS,
    "zero": METHODS,
}
"""What each method of the scenario table trains, and full fine-tuning, which is none of its columns."""

_SHARED = {"deepspeed", "zero"}
"""Methods that say what is shared, not what is trained."""


def plan(
    *,
    model: str | None = None,
    data: str | PathLike[str] | None = None,
    need: str | None = None,
    gpu: str | Sequence[str] | None = None,
    gpus: int | Sequence[int] = 1,
    sku: str | Sequence[str] | None = None,
    budget: float | None = None,
    method: str | None = None,
    platform: str | None = None,
    prices: str | PathLike[str] | None = None,
    rank: int = 16,
    sequence_length: int | None = None,
    batch_size: int = 1,
    epochs: int = 3,
) -> Plan:
    """Find the ways to fine-tune a model, and rank them. No request is sent.

    Args:
        model: a model of the catalogue, by default the smallest that can be fine-tuned on Azure ML today.
        data: the training file, JSONL; without it the plan is for a million tokens.
        need: what the training is wanted for, a row of the scenario table, such as `memory` or `cost`.
        gpu: the GPU to train on, or several to choose from, such as `RTX 4090`.
        gpus: how many of them are in one machine, or several numbers to choose from.
        sku: the VM size to train on, or several, such as `Standard_NC24ads_A100_v4`. Without GPU and size, each way
            is on the smallest size of Azure that it fits.
        budget: what the training may cost, in the currency of the prices.
        method: `full`, `lora`, `qlora` or `dora`; `peft` for the last three; `deepspeed` or `zero` for what is shared.
        platform: the platform, such as `kaito` or `trl`; all of them by default.
        prices: a file of prices, for the costs.
        rank: of the adapters.
        sequence_length: the most tokens of a row, by default 2,048.
        batch_size: rows of a step on one GPU.
        epochs: how often every row is seen.

    Returns:
        The ways in order, with memory, time and cost as far as they are known, and the command that starts each.

    Raises:
        UnknownModel: no catalogue has the model.
        InvalidInput: an argument is out of range or unknown, or the prices are wrong.
        OSError: a file cannot be read.
    """
    return make_plan(
        model=model,
        data=data,
        need=need,
        gpu=_several(gpu),
        gpus=(gpus,) if isinstance(gpus, int) else tuple(gpus),
        sku=_several(sku),
        budget=budget,
        method=method,
        platform=platform,
        prices=prices,
        rank=rank,
        sequence_length=sequence_length,
        batch_size=batch_size,
        epochs=epochs,
        today=datetime.now(UTC).date(),
    )


def make_plan(
    *,
    model: str | None,
    data: str | PathLike[str] | None,
    need: str | None,
    gpu: Sequence[str],
    gpus: Sequence[int],
    sku: Sequence[str],
    budget: float | None,
    method: str | None,
    platform: str | None,
    prices: str | PathLike[str] | None,
    rank: int,
    sequence_length: int | None,
    batch_size: int,
    epochs: int,
    today: date,
) -> Plan:
    """Make the plan of `plan()` for a day."""
    chosen_need = None if need is None else read_need(need)
    chosen_method = None if method is None else _read_method(method)
    chosen_platforms = platforms() if platform is None else (find_platform(platform),)
    own = (*own_machines(gpu, gpus), *map(machine_named, sku))
    facts = _default_model(today) if model is None else find_on_any_surface(model)
    read = read_prices(facts, prices)
    require_prices(read, budget)
    training = Training(
        model=facts,
        size=size_of(facts, data, sequence_length=sequence_length),
        today=today,
        data=None if data is None else fspath(data),
        epochs=epochs,
        rank=rank,
        batch_size=batch_size,
    )
    search = _Search(training, read, budget=budget, own=own, named_sizes=bool(sku), every=chosen_need == "parallel")
    ways = ranked(
        search.ways(chosen_platforms, chosen_method), need=chosen_need, own=[machine.title for machine in own]
    )
    best = next((way for way in ways if way.is_possible and not way.is_over_budget), None)
    return Plan(
        model=facts.name,
        parameters=facts.parameter_count if isinstance(facts, ModelFacts) else None,
        data=training.data,
        size=training.size,
        epochs=epochs,
        need=chosen_need,
        table=None if chosen_need is None else need_row(chosen_need),
        own=tuple(machine.title for machine in own),
        ways=ways,
        recommended=best,
        alternatives=() if best is None else alternatives_to(best, ways),
        remarks=remarks_on(training, ways, best, need=chosen_need, own=own, is_model_chosen=model is None),
        job=job_keys(training, best),
    )


class _Search:
    """Finds and judges the ways of a training."""

    def __init__(
        self,
        training: Training,
        prices: Prices,
        *,
        budget: float | None,
        own: Sequence[Machine],
        named_sizes: bool,
        every: bool,
    ) -> None:
        self._training, self._prices, self._budget, self._every = training, prices, budget, every
        azure = machines_on_azure(training.today)
        same_gpu = [each for each in azure if any(each.gpu.name == machine.gpu.name for machine in own)]
        self._own = own or azure
        self._azure = own if named_sizes else same_gpu or azure
        self._named = bool(own)

    def ways(self, chosen: Iterable[Platform], method: str | None) -> Iterator[Way]:
        """Yield the ways of these platforms, at least one of each."""
        for platform in chosen:
            found = list(self._of_platform(platform, method))
            yield from found or [self._none(platform, method)]

    def _of_platform(self, platform: Platform, method: str | None) -> Iterator[Way]:
        methods = METHODS if method is None else _METHODS[method]
        model = self._training.model
        if platform.hosted:
            if method not in _SHARED:
                yield from map(self._hosted, candidates([platform], methods, (), ()))
            return
        if isinstance(model, FoundryOffer) or not platform.offers(model.name):
            return
        judged = [
            self._on_machine(candidate, candidate.machine, model)
            for candidate in candidates([platform], methods, self._own, self._azure)
            if candidate.machine is not None and _is_wanted(candidate, method)
        ]
        yield from self._without_others(platform, judged, keep_sharing=self._every or method in _SHARED)

    def _without_others(self, platform: Platform, ways: Sequence[Way], *, keep_sharing: bool) -> Iterator[Way]:
        """Yield the simplest way of each kind; where no machine was named, on the smallest that it fits."""
        chosen_by_user = self._named and (platform.name not in ON_AZURE or self._azure is self._own)
        yield from simplest(
            ways,
            lambda way: (
                way.method,
                way.machine if chosen_by_user else None,
                (way.sharing, way.offload) if keep_sharing else way.offload,
            ),
        )

    def _on_machine(self, candidate: Candidate, machine: Machine, facts: ModelFacts) -> Way:
        way = judge(candidate, machine, self._training, facts)
        if not way.is_possible:
            return way
        epoch = hours_on(candidate, machine, self._training, facts)
        hours = all_epochs(epoch, self._training.epochs)
        cost = machine_cost(machine, hours, self._prices)
        return self._completed(replace(way, hours_per_epoch=epoch, hours=hours, cost=cost))

    def _hosted(self, candidate: Candidate) -> Way:
        way = judge_hosted(candidate, self._training)
        if not way.is_possible:
            return way
        epoch = hours_hosted(self._training)
        hours = None if epoch is None else all_epochs(epoch, self._training.epochs)
        cost = hosted_cost(self._training, self._prices)
        return self._completed(replace(way, hours_per_epoch=epoch, hours=hours, cost=cost))

    def _completed(self, way: Way) -> Way:
        over = self._budget is not None and way.cost is not None and way.cost.high > self._budget
        return replace(way, is_over_budget=over, command=command_for(way, self._training))

    def _none(self, platform: Platform, method: str | None) -> Way:
        """Return the way that a platform does not have, and why."""
        model = self._training.model
        methods = METHODS if method is None else _METHODS[method]
        if isinstance(model, FoundryOffer) and not platform.hosted:
            why = f"the catalogue has no shape of {model.name}, from which its memory could be computed"
        elif isinstance(model, ModelFacts) and not platform.offers(model.name):
            why = f"{platform.title} does not train {model.name}"
        elif method in _SHARED and not platform.sharing:
            why = f"{platform.title} shares nothing among GPUs: {platform.remark}"
        elif method in _SHARED:
            why = "one GPU has nothing to share, and adapters nothing that is worth to be moved to the machine's memory"
        else:
            why = f"{platform.title} trains {' and '.join(platform.methods)}, not {method}"
        return not_offered(Candidate(platform=platform, method=methods[0]), why)


def _is_wanted(candidate: Candidate, method: str | None) -> bool:
    """Return whether a way shares what was asked for."""
    return method not in _SHARED or (candidate.sharing or "").startswith("zero")


def _read_method(name: str) -> str:
    """Return the method of a name in any case; raise InvalidInput, with the nearest one."""
    found = "full" if plain_name(name) in {"full", "fullfinetuning"} else table_method_named(name)
    if found is None:
        raise InvalidInput(f"there is no method {name!r}; {nearest_hint(name, 'methods', tuple(_METHODS))}")
    return found


def _default_model(today: date) -> ModelFacts:
    """Return the smallest model that can be fine-tuned on Azure ML on a day."""
    offered = [facts for facts in list_models() if is_open(facts, today)]
    if not offered:
        raise InvalidInput("no model can be fine-tuned serverless today: name one (--model, `model=`)")
    return min(offered, key=lambda facts: facts.parameter_count)


def _several(value: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)
