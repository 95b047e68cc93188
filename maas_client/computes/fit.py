"""Whether a job fits its cluster or machines, and a deployment its quota. Decisions only: nothing is asked here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ..catalog.gpu_sizes import gpu_size, instances_to_reserve, retirement_of, same_size
from ..catalog.model_facts import ModelFacts
from .cluster import Cluster
from .compute_size import ComputeSize
from .misfit import Misfit
from .quota import Quota, quota_of, total_of
from .training_memory import TrainingMethod, least_serving_gib, least_training_gib, usual_training_gib


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What the region offers on a day: its sizes and quotas, empty where they could not be read."""

    sizes: Sequence[ComputeSize]
    quotas: Sequence[Quota]
    today: date

    def size(self, name: str) -> ComputeSize | None:
        """Return a size by its name in any case."""
        return next((size for size in self.sizes if same_size(size.name, name)), None)


def cluster_misfits(
    cluster: Cluster,
    offered: Offered,
    *,
    model: ModelFacts | None,
    method: TrainingMethod,
    nodes: int = 1,
    gpus: int | None = None,
) -> tuple[Misfit, ...]:
    """Return the reasons against training on this many nodes of a cluster, on `gpus` of each, by default all."""
    if cluster.is_failed:
        why = "; ".join(str(each).rstrip(".") for each in cluster.errors) or f"its state is {cluster.state}"
        message = f"nothing can run on cluster {cluster.name!r}: {why}; delete it, or replace it"
        return (Misfit(kind="failed", message=message),)
    if cluster.max_nodes < nodes:
        needed = f"cluster {cluster.name!r} may have {cluster.max_nodes} nodes, and {nodes} are needed"
        message = f"{needed}; `maas computes scale {cluster.name} --max-nodes {nodes}`"
        return (Misfit(kind="nodes", message=message, needed=nodes, there=cluster.max_nodes),)
    found = [*_machine_misfits(cluster.size, offered, model=model, method=method, nodes=nodes, used=gpus)]
    missing = max(nodes - cluster.current_nodes, 0)
    found += _quota_misfits(cluster.size, offered, machines=missing, low_priority=cluster.low_priority)
    return tuple(found)


def machine_misfits(
    size: str,
    offered: Offered,
    *,
    model: ModelFacts | None,
    method: TrainingMethod,
    low_priority: bool,
    nodes: int = 1,
    gpus: int | None = None,
) -> tuple[Misfit, ...]:
    """Return the reasons against training on this many machines of a size that the service starts for one job.

    `gpus` of each are used, by default all.
    """
    found = [*_machine_misfits(size, offered, model=model, method=method, nodes=nodes, used=gpus)]
    if low_priority:
        found += _low_priority_misfits(size, offered)
    return (*found, *_quota_misfits(size, offered, machines=nodes, low_priority=low_priority))


def serving_misfits(
    size: str, offered: Offered, *, instances: int, model: ModelFacts | None = None
) -> tuple[Misfit, ...]:
    """Return the reasons against serving a model on this many more instances of a size: an online deployment.

    The quota has to be left, with the fifth on top that endpoints reserve: unlike a job, a deployment does not wait.
    """
    found = [*offer_misfits(size, offered, serves=True)]
    gpus, memory = _gpus_of(size, offered)
    if model is not None and memory is not None and gpus:
        found += _memory_misfits(
            size, f"{model.name} in 16 bits", least_serving_gib(model.parameter_count, gpus), gpus, memory
        )
    known, facts = offered.size(size), gpu_size(size)
    reserve = facts.endpoint_reserve if facts is not None else known is None or known.endpoint_reserve
    machines = instances_to_reserve(instances, endpoint_reserve=reserve)
    return (*found, *_quota_misfits(size, offered, machines=machines, low_priority=False, serves=instances))


def uses_of(size: ComputeSize, model: ModelFacts) -> tuple[str, ...]:
    """Return what a machine of a size has enough GPU memory for: `LoRA`, `full` fine-tuning, `serving`.

    Full fine-tuning shares what it can among the GPUs of the machine (DeepSpeed stage 3). Training is judged for rows
    of 2048 tokens, one at a time: longer rows and larger batches need more.
    """
    if size.is_retired or not size.gpus or size.gpu_memory_gib is None:
        return ()
    gpus = size.gpus
    whole = TrainingMethod(adapters=False, stage=3 if gpus > 1 else 0)
    needed = {
        "LoRA": (size.can_train, usual_training_gib(model, TrainingMethod(), gpus)),
        "full": (size.can_train, usual_training_gib(model, whole, gpus)),
        "serving": (size.can_serve, least_serving_gib(model.parameter_count, gpus)),
    }
    memory = size.gpu_memory_gib
    return tuple(use for use, (offered, gib) in needed.items() if offered is not False and gib <= memory)


def _machine_misfits(
    size: str, offered: Offered, *, model: ModelFacts | None, method: TrainingMethod, nodes: int, used: int | None
) -> Iterator[Misfit]:
    """Yield the reasons against a size that do not depend on the quota."""
    yield from offer_misfits(size, offered, serves=False)
    gpus, memory = _gpus_of(size, offered)
    if gpus == 0:
        yield Misfit(kind="no_gpus", message=f"{size} has no GPU, and training needs one", needed=1, there=0)
    elif gpus is not None and used is not None and used > gpus:
        message = f"{used} GPUs of each machine are to be used, and {size} has {gpus}"
        yield Misfit(kind="no_gpus", message=message, needed=used, there=gpus)
    elif model is not None and gpus is not None and memory is not None:
        what = f"{model.name} by {method.words}"
        needed = least_training_gib(model, method, (used or gpus) * nodes)
        yield from _memory_misfits(size, what, needed, used or gpus, memory)


def offer_misfits(size: str, offered: Offered, *, serves: bool) -> Iterator[Misfit]:
    """Yield whether a size is retired, or not offered in the region, or not for this purpose."""
    ended, known = retirement_of(size), offered.size(size)
    if ended is not None and offered.today >= ended:
        yield Misfit(kind="retired", message=f"{size} was retired on {ended}")
    elif known is None and offered.sizes:
        yield Misfit(
            kind="not_offered", message=f"the region does not offer {size}; `maas computes sizes` lists its sizes"
        )
    elif known is not None and (known.can_serve if serves else known.can_train) is False:
        purpose = "online endpoints" if serves else "training"
        kinds = ", ".join(known.compute_types or ()) or "nothing"
        yield Misfit(kind="purpose", message=f"{size} is not for {purpose} in this region, only for {kinds}")


def _memory_misfits(size: str, what: str, needed: float, gpus: int, memory: float) -> Iterator[Misfit]:
    if needed > memory:
        each = "its GPU" if gpus == 1 else f"each of its {gpus} GPUs"
        message = f"{what} needs at least {needed:.1f} GiB on {each}, and {size} has {memory:g} GiB"
        yield Misfit(kind="memory", message=message, needed=needed, there=memory)


def _gpus_of(size: str, offered: Offered) -> tuple[int | None, float | None]:
    """Return how many GPUs a size has, and the GiB of each; None for what neither service nor table knows."""
    known, facts = offered.size(size), gpu_size(size)
    if facts is not None:
        return facts.gpus, facts.gpu_memory_gib
    return (None, None) if known is None else (known.gpus, known.gpu_memory_gib)


def _low_priority_misfits(size: str, offered: Offered) -> Iterator[Misfit]:
    """Yield whether a size comes in low priority; the service's flag alone is known to be wrong in both directions."""
    known = offered.size(size)
    if known is not None and not known.low_priority_capable:
        # Assumption: A size that has a price, and none for LowPriority, does not come in low priority.
        # Shown wrong by: A cluster of low priority with nodes of such a size.
        # Verified by: vm sizes, list clusters
        # If wrong: DoesNotFit before the job is sent; `force` sends it.
        certain = known.hourly_price is not None and known.low_priority_price is None
        priced = "has no price for it" if certain else "says that it does not"
        message = f"{size} does not come in low priority: the service {priced}"
        yield Misfit(kind="low_priority", message=message, is_certain=certain)


def _quota_misfits(
    size: str, offered: Offered, *, machines: int, low_priority: bool, serves: int = 0
) -> Iterator[Misfit]:
    """Yield the quotas that are too small for this many machines: ever, or as long as others use them.

    `serves` is the number of instances of a deployment, which is refused if the quota is not left now.
    """
    known, facts = offered.size(size), gpu_size(size)
    vcpus = known.vcpus if known is not None else facts.vcpus if facts is not None else 0
    family = known.family if known is not None else facts.family if facts is not None else ""
    needed = vcpus * machines
    bounds = [quota_of(offered.quotas, family, low_priority=low_priority)] if family or low_priority else []
    if not low_priority:
        bounds.append(total_of(offered.quotas))
    for quota in bounds:
        if quota is None or quota.limit is None or quota.left is None or needed <= quota.left:
            continue
        ever = needed <= quota.limit
        why = f"{machines} x {size} ({vcpus} vCPUs each)"
        if serves and machines != serves:
            why = f"{serves} x {size} with the fifth on top that endpoints reserve: {machines} x {vcpus} vCPUs"
        message = (
            f"the quota {quota.name!r} has {quota.left} of {quota.limit} vCPUs left, and {needed} are needed for {why}"
        )
        yield Misfit(
            kind="quota", message=message, needed=needed, there=quota.left, is_certain=bool(serves) or not ever
        )
        return
