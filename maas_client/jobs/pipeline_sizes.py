"""The machines of a pipeline's steps: none of a size that is retired, and all GPUs of the one that trains."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ..catalog.gpu_sizes import gpu_size, retirement_of
from ..core.errors import InvalidInput
from ..pipelines.component import Component
from .cluster_use import bare_name
from .pipeline_spec import CPU_STEPS, GPU_STEPS, SERVERLESS

GPUS = "number_of_gpu_to_use_finetuning"
METHOD = ("apply_lora", "apply_deepspeed", "deepspeed_stage", "precision", "optim")


def size_of(component: Component, literals: Mapping[str, str], step: str) -> str | None:
    """Return the VM size of a serverless step, chosen or the component's default; None for one on a cluster."""
    if _chosen(component, literals, f"compute_{step}") != SERVERLESS:
        return None
    return _chosen(component, literals, f"instance_type_{step}")


def cluster_of(component: Component, literals: Mapping[str, str]) -> str | None:
    """Return the name of the cluster that trains; None where the step is serverless."""
    compute = _chosen(component, literals, "compute_finetune")
    return None if compute is None or compute == SERVERLESS else bare_name(compute)


def nodes_of(component: Component, literals: Mapping[str, str]) -> int:
    """Return the number of machines that train together."""
    nodes = _chosen(component, literals, "num_nodes_finetune") or ""
    return int(nodes) if nodes.isdecimal() and int(nodes) else 1


def gpus_of(literals: Mapping[str, str]) -> int | None:
    """Return the number of GPUs of each machine that train, where one was chosen."""
    gpus = literals.get(GPUS, "")
    return int(gpus) if gpus.isdecimal() and int(gpus) else None


def method_chosen(component: Component, literals: Mapping[str, str]) -> Mapping[str, str]:
    """Return what decides how much memory training takes, chosen or the component's default."""
    chosen = {name: _chosen(component, literals, name) for name in METHOD}
    return {name: value for name, value in chosen.items() if value is not None}


def refuse_retired_size(component: Component, literals: Mapping[str, str], *, today: date) -> None:
    """Raise InvalidInput for a serverless step of a size that is not offered any more, also by default.

    `chat_completion_pipeline` 0.0.82 trains on Standard_nc24rs_v3 by default, whose series was retired
    on 2025-09-30: a job that leaves it alone can only fail.
    """
    for step in (*GPU_STEPS, *CPU_STEPS):
        size = size_of(component, literals, step)
        retired = retirement_of(size) if size else None
        if retired is not None and retired <= today:
            whose = "is" if f"instance_type_{step}" in literals else "is by default"
            raise InvalidInput(
                f"instance_type_{step} {whose} {size}, which was retired on {retired}: choose a cluster (compute) or "
                "other sizes (instance_types); nothing was sent"
            )


def with_all_gpus(component: Component, literals: Mapping[str, str], size: str | None) -> Mapping[str, str]:
    """Return the inputs with as many GPUs as a machine of the size has, unless a number is chosen.

    The component's default is one, and the whole machine is paid for.
    """
    known = gpu_size(size) if size else None
    if known is None or known.gpus < 2 or GPUS in literals or GPUS not in component.inputs:
        return literals
    return {**literals, GPUS: str(known.gpus)}


def _chosen(component: Component, literals: Mapping[str, str], name: str) -> str | None:
    wanted = component.inputs.get(name)
    return literals.get(name) or (wanted.default if wanted else None)
