"""Asks what a cluster and its region have, and raises what is against a job or a deployment before it is sent."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from ..catalog.gpu_sizes import gpu_size
from ..catalog.model_facts import ModelFacts
from ..core.errors import MaasError
from ..wire import Wire
from .compute_size import ComputeSize
from .errors import DoesNotFit
from .fit import Offered, cluster_misfits, machine_misfits, offer_misfits, serving_misfits
from .misfit import Misfit
from .quota import Quota
from .resource import AsyncComputes
from .training_memory import TrainingMethod

logger = logging.getLogger("maas_client")


async def check_cluster(
    computes: AsyncComputes,
    wire: Wire,
    name: str,
    *,
    model: ModelFacts | None,
    method: TrainingMethod,
    nodes: int = 1,
    gpus: int | None = None,
) -> None:
    """Raise DoesNotFit if no job that trains the model by this method can run on a cluster, NotFound without one."""
    cluster = await computes.get(name)
    offered = await offered_by(computes, wire)
    misfits = cluster_misfits(cluster, offered, model=model, method=method, nodes=nodes, gpus=gpus)
    raise_or_warn(f"a job on cluster {name!r}", misfits)


async def check_machines(
    computes: AsyncComputes,
    wire: Wire,
    sizes: Sequence[str],
    *,
    model: ModelFacts | None,
    method: TrainingMethod,
    low_priority: bool,
    nodes: int = 1,
    gpus: int | None = None,
) -> None:
    """Raise DoesNotFit if no job that trains the model by this method can run on any of the sizes.

    Each has to be offered by the region. Sizes without GPUs are for the steps before and after training.
    """
    offered = await offered_by(computes, wire)
    unavailable = [misfit for name in sizes for misfit in offer_misfits(name, offered, serves=False)]
    raise_or_warn(f"a job on {' and '.join(sizes)}", unavailable)
    with_gpus = [name for name in sizes if _has_gpus(name, offered)] or list(sizes)
    found = [
        machine_misfits(name, offered, model=model, method=method, low_priority=low_priority, nodes=nodes, gpus=gpus)
        for name in with_gpus
    ]
    fitting = [misfits for misfits in found if not any(each.is_certain for each in misfits)]
    chosen = min(fitting, key=len) if fitting else [each for misfits in found for each in misfits]
    raise_or_warn(f"a job on {' or '.join(with_gpus)}", chosen)


async def check_serving(
    computes: AsyncComputes, wire: Wire, size: str, *, instances: int, model: ModelFacts | None = None
) -> None:
    """Raise DoesNotFit if an online deployment of this many instances cannot be had, the reserved fifth included.

    Args:
        computes: asks the region for its sizes and quota.
        wire: its clock gives the day, for sizes that are retired.
        size: the VM size.
        instances: the instances that are wanted in addition to those that run.
        model: the base model's facts, where they are known.

    Raises:
        DoesNotFit: with the reasons, each with its numbers.
    """
    offered = await offered_by(computes, wire)
    misfits = serving_misfits(size, offered, instances=instances, model=model)
    raise_or_warn(f"a deployment on {instances} x {size}", misfits)


async def offered_by(computes: AsyncComputes, wire: Wire) -> Offered:
    """Return what the region offers; what cannot be read is empty, and decides nothing."""
    today = datetime.fromtimestamp(wire.now(), UTC).date()
    sizes: Sequence[ComputeSize] = ()
    quotas: Sequence[Quota] = ()
    try:
        sizes = await computes.sizes(gpus_only=False)
        quotas = await computes.quota()
    except MaasError as error:
        logger.warning("sizes and quota cannot be read, so not everything is checked before it is sent: %s", error)
    return Offered(sizes=sizes, quotas=quotas, today=today)


def raise_or_warn(what: str, misfits: Sequence[Misfit]) -> None:
    """Raise DoesNotFit for reasons that are certain; log the others as warnings."""
    if certain := [each for each in misfits if each.is_certain]:
        raise DoesNotFit(what, certain)
    for each in misfits:
        logger.warning("%s may have to wait: %s", what, each.message)


def _has_gpus(name: str, offered: Offered) -> bool:
    known = offered.size(name)
    return gpu_size(name) is not None or (known is not None and known.gpus > 0)
