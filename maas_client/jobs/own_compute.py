"""The check of a job against the user's own compute, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..azure.arm import Arm
from ..core.url_paths import segment

if TYPE_CHECKING:
    from ..azure.workspace import AsyncWorkspace
    from ..catalog.model_facts import Defaults, ModelFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a job wants: a cluster by its bare name, or machines of one of the sizes.

    `gpus` are used of each, by default all that it has. `chosen` are the hyperparameters that decide the method, and
    `defaults` what holds for those that are left open.
    """

    cluster: str | None
    sizes: Sequence[str] = ()
    nodes: int = 1
    gpus: int | None = None
    low_priority: bool = False
    model: ModelFacts | None
    chosen: Mapping[str, str]
    defaults: Defaults | None = None


async def check_fit(arm: Arm, workspace: AsyncWorkspace, demand: Demand, *, name: str | None = None) -> None:
    """Raise DoesNotFit for a job that cannot run on the user's own compute, NotFound without such a cluster.

    A job of this name that exists already is not checked again: what it ran on may be gone.
    """
    from ..computes.fitting import check_cluster, check_machines  # here: serverless jobs do not need it
    from ..computes.resource import AsyncComputes
    from ..computes.training_memory import method_of

    if name and await arm.find(f"/jobs/{segment(name)}") is not None:
        return
    computes, wire = AsyncComputes(arm, workspace), arm.wire
    method = method_of(demand.chosen, demand.defaults)
    if demand.cluster is not None:
        await check_cluster(
            computes,
            wire,
            demand.cluster,
            model=demand.model,
            method=method,
            nodes=demand.nodes,
            gpus=demand.gpus,
        )
    elif demand.sizes:
        await check_machines(
            computes,
            wire,
            demand.sizes,
            model=demand.model,
            method=method,
            nodes=demand.nodes,
            gpus=demand.gpus,
            low_priority=demand.low_priority,
        )
