"""Finding the ways of a training: every candidate judged, and the simplest of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..catalog.architecture import architecture_of
from ..catalog.foundry_offer import FoundryOffer
from ..catalog.model_facts import ModelFacts
from ..gpu_estimates.training_way import Method
from .candidates import METHODS, ON_AZURE, ONE_PROCESS, Candidate, candidates
from .commands import command_for
from .costs import Prices, hosted_cost, machine_cost
from .durations import all_epochs, hours_hosted, hours_on
from .hosted import judge_hosted, not_offered
from .judging import judge
from .machine import Machine, machines_on_azure
from .platforms import Platform
from .ranking import simplest
from .region import Region
from .training import Training
from .way import Way

METHODS_OF: dict[str, tuple[Method, ...]] = {
    **{method: (method,) for method in METHODS},
    "peft": ("lora", "qlora", "dora"),
    "deepspeed": METHODS,
    "zero": METHODS,
}
"""What each method of the scenario table trains, and full fine-tuning, which is none of its columns."""

SHARED = {"deepspeed", "zero"}
"""Methods that say what is shared, not what is trained."""


class Search:
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
        region: Region | None = None,
    ) -> None:
        self._training, self._prices, self._budget, self._every = training, prices, budget, every
        azure = machines_on_azure(training.today)
        if region is not None:
            azure = tuple(machine for machine in azure if region.offers(machine))
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
        methods = METHODS if method is None else METHODS_OF[method]
        model = self._training.model
        if platform.hosted:
            if method not in SHARED:
                yield from map(self._hosted, candidates([platform], methods, (), ()))
            return
        if isinstance(model, FoundryOffer) or not platform.offers(model.name):
            return
        judged = [
            self._on_machine(candidate, candidate.machine, model)
            for candidate in candidates([platform], _quantizable(methods, model), self._own, self._azure)
            if candidate.machine is not None and _is_wanted(candidate, method)
        ]
        yield from self._without_others(platform, judged, keep_sharing=self._every or method in SHARED)

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
        methods = METHODS if method is None else METHODS_OF[method]
        if isinstance(model, FoundryOffer) and not platform.hosted:
            why = f"the catalogue has no shape of {model.name}, from which its memory could be computed"
        elif isinstance(model, ModelFacts) and not platform.offers(model.name):
            why = f"it does not train {model.name}"
        elif method in SHARED and platform.hosted:
            why = "the service chooses its machines, and what they share"
        elif method in SHARED and not platform.sharing:
            why = "it shares nothing among GPUs: each holds the whole model"
        elif isinstance(model, ModelFacts) and not platform.hosted and not _quantizable(methods, model):
            why = f"the experts of {model.name} are tensors that bitsandbytes does not put in 4 bits"
        elif platform.name in ONE_PROCESS and all(machine.gpus > 1 for machine in self._own):
            why = "it trains in one process, to which several GPUs bring nothing"
        elif method in SHARED:
            why = "one GPU has nothing to share, and adapters nothing that is worth to be moved to the machine's memory"
        else:
            why = f"it trains {' and '.join(platform.methods)}, not {method}"
        return not_offered(Candidate(platform=platform, method=methods[0]), why)


def _is_wanted(candidate: Candidate, method: str | None) -> bool:
    """Return whether a way shares what was asked for."""
    return method not in SHARED or (candidate.sharing or "").startswith("zero")


def _quantizable(methods: Sequence[Method], facts: ModelFacts) -> tuple[Method, ...]:
    """Return the methods that save memory: in 4 bits none does on a model of experts, and no export writes one."""
    has_experts = architecture_of(facts.name).experts > 1
    return tuple(method for method in methods if method not in {"qlora", "qdora"} or not has_experts)
