"""What the steps on own compute do: clusters, pipeline jobs and managed online endpoints."""

from __future__ import annotations

from ..jobs.step import training_step
from . import removals
from .assumed import created_once, refused
from .azure_ml_actions import create_tuning
from .common_actions import ask, cancel_and_follow, follow_to_done, gone_from, missing, replace_second_key, some
from .step_context import NotPossible, StepContext

COMPONENT = "chat_completion_pipeline"

ADAPTERS = {"apply_lora": True, "num_train_epochs": 1}
"""Inputs of the pipeline: adapters, which need the least memory, and one epoch."""


async def registry_component(context: StepContext) -> None:
    """Read the newest version of the component, then the same by its number."""
    newest = await context.maas.workspace.registry_component(COMPONENT)
    again = await context.maas.workspace.registry_component(COMPONENT, str(newest.get("name", "")))
    context.expect(
        again.get("id") == newest.get("id"), "the id of one version", expected="the same", found="another one"
    )


async def vm_sizes(context: StepContext) -> None:
    """List the sizes with GPUs; each has a price."""
    sizes = await context.maas.computes.sizes()
    without = [size for size in sizes if size.hourly_price is None]
    context.expect(not without, "the prices of VM sizes", expected="one for each", found="sizes without one")


async def quota(context: StepContext) -> None:
    """Read the quota, which has families with GPUs."""
    quotas = await context.maas.computes.quota()
    context.expect(any(one.has_gpus for one in quotas), "the quota", expected="families with GPUs", found="none")


async def list_clusters(context: StepContext) -> None:
    """List clusters, and the nodes of the first one."""
    for cluster in await some(context.maas.computes.list(), 1):
        await context.maas.computes.nodes(cluster.name)


async def missing_cluster(context: StepContext) -> None:
    """Ask for a cluster that there is not."""
    await missing(context, "a cluster that there is not", context.maas.computes.get(context.name("none")))


async def running_costs(context: StepContext) -> None:
    """Read what runs."""
    await context.maas.costs.running()


async def _create(context: StepContext, suffix: str, *, compute: str | None = None) -> str:
    data, name = context.name("data"), context.name(suffix)
    context.make(removals.data_asset(context.maas, data))
    train = await context.maas.datasets.upload(context.rows, name=data, model=context.model)
    context.make(removals.job(context.maas, name))
    job = await context.maas.jobs.create_pipeline(
        model=context.model,
        training_data=train,
        name=name,
        output_name=context.name(f"{suffix}-model"),
        inputs=ADAPTERS,
        tags=context.tags,
        force=True,  # whether there is quota is for the service to say; what cannot work is not begun
        compute=compute,
        instance_types=() if compute else [_size(context)],
    )
    context.expect(job.name == name, "the created job's name", expected="the same", found="another one")
    return name


def _size(context: StepContext) -> str:
    if context.instance_type is None:
        raise NotPossible(context.lacks)
    return context.instance_type


async def create_pipeline_job(context: StepContext) -> None:
    """Create a pipeline job."""
    context.found["pipeline"] = await _create(context, "pipe")


async def cancel_pipeline_job(context: StepContext) -> None:
    """Cancel it."""
    await cancel_and_follow(context, context.found["pipeline"])


async def create_job_on_own_compute(context: StepContext) -> None:
    """Create a fine-tuning job on machines of one size."""
    context.found["own job"] = await create_tuning(context, "sized", instance_types=[_size(context)])


async def cancel_job_on_own_compute(context: StepContext) -> None:
    """Cancel it."""
    await cancel_and_follow(context, context.found["own job"])


async def create_cluster(context: StepContext) -> None:
    """Create a cluster that keeps no node."""
    size, name = _size(context), context.name("c")
    if context.lacks:
        raise NotPossible(context.lacks)
    context.make(removals.cluster(context.maas, name))
    cluster = await context.maas.computes.create(
        name, size=size, max_nodes=1, min_nodes=0, idle_seconds=120.0, tags=context.tags
    )
    context.expect(cluster.is_ready, "the state of a created cluster", expected="ready", found=cluster.state.value)


async def pipeline_job_to_its_end(context: StepContext) -> None:
    """Create a pipeline job on the cluster, and follow it until it is completed."""
    context.make(removals.model(context.maas, context.name("own-model")))
    name = await _create(context, "own", compute=context.name("c"))
    context.found["pipelined"] = await follow_to_done(context, name)


async def pipeline_job_results(context: StepContext) -> None:
    """Read what the pipeline left."""
    job = context.found["pipelined"]
    steps = await some(context.maas.jobs.children(job.name), 20)
    context.expect(
        training_step(steps) is not None, "the steps of a pipeline", expected="one that trains", found="none"
    )
    await context.maas.jobs.details(job.name)
    await context.maas.jobs.metrics(job.name)
    if not job.output_model:
        context.expect(False, "the output of a completed pipeline", expected="a model", found="none")
        return
    await context.maas.models.get(job.output_model)


async def scale_cluster(context: StepContext) -> None:
    """Read the nodes, and change how many there may be."""
    name = context.name("c")
    await context.maas.computes.nodes(name)
    cluster = await context.maas.computes.scale(name, max_nodes=2)
    context.expect(cluster.max_nodes == 2, "the most nodes of a scaled cluster", expected="2", found="another number")


async def deploy_on_own_compute(context: StepContext) -> None:
    """Deploy the tuned model on one machine."""
    job, name = context.found["pipelined"], context.name("own")
    if not job.output_model:
        raise NotPossible("the job has no tuned model")
    context.make(removals.endpoint(context.maas, name))
    await _deployed(context, job.output_model, name)
    await created_once(context, "an online endpoint", _deployed(context, job.output_model, name))


async def _deployed(context: StepContext, model: str, name: str) -> None:
    await context.maas.endpoints.create(
        model=model, name=name, instance_type=_size(context), instance_count=1, tags=context.tags
    )


async def chat_on_own_compute(context: StepContext) -> None:
    """Chat with the online endpoint, read its log, and ask for a token, which an endpoint with keys has not."""
    await ask(context, context.name("own"))
    await context.maas.endpoints.logs(context.name("own"))
    await refused(
        context, "the token of an endpoint with keys", context.maas.endpoints.token(context.name("own")), status=400
    )


async def online_endpoint_keys(context: StepContext) -> None:
    """Replace the second key of the online endpoint."""
    await replace_second_key(context, context.name("own"))


async def delete_online_endpoint(context: StepContext) -> None:
    """Delete the online endpoint."""
    name = context.name("own")
    await context.maas.endpoints.delete(name)
    await gone_from(
        context, "an endpoint after its deletion", context.maas.endpoints.get(name), kind="endpoint", name=name
    )


async def delete_cluster(context: StepContext) -> None:
    """Delete the cluster."""
    name = context.name("c")
    await context.maas.computes.delete(name)
    await gone_from(context, "a cluster after its deletion", context.maas.computes.get(name), kind="cluster", name=name)
