"""What the steps on own compute do: clusters, pipeline jobs and managed online endpoints."""

from __future__ import annotations

from ..jobs.step import training_step
from . import removals
from .assumed import created_once, refused
from .common_acts import ask, cancel_and_follow, follow_to_done, gone_from, missing, some
from .scene import NotPossible, Scene

COMPONENT = "chat_completion_pipeline"

ADAPTERS = {"apply_lora": True, "num_train_epochs": 1}
"""Inputs of the pipeline: adapters, which need the least memory, and one epoch."""


async def registry_component(scene: Scene) -> None:
    """Read the newest version of the component, then the same by its number."""
    newest = await scene.maas.workspace.registry_component(COMPONENT)
    again = await scene.maas.workspace.registry_component(COMPONENT, str(newest.get("name", "")))
    scene.expect(again.get("id") == newest.get("id"), "the id of one version", expected="the same", found="another one")


async def vm_sizes(scene: Scene) -> None:
    """List the sizes with GPUs; each has a price."""
    sizes = await scene.maas.computes.sizes()
    without = [size for size in sizes if size.hourly_price is None]
    scene.expect(not without, "the prices of VM sizes", expected="one for each", found="sizes without one")


async def quota(scene: Scene) -> None:
    """Read the quota, which has families with GPUs."""
    quotas = await scene.maas.computes.quota()
    scene.expect(any(one.has_gpus for one in quotas), "the quota", expected="families with GPUs", found="none")


async def list_clusters(scene: Scene) -> None:
    """List clusters, and the nodes of the first one."""
    for cluster in await some(scene.maas.computes.list(), 1):
        await scene.maas.computes.nodes(cluster.name)


async def missing_cluster(scene: Scene) -> None:
    """Ask for a cluster that there is not."""
    await missing(scene, "a cluster that there is not", scene.maas.computes.get(scene.name("none")))


async def running_costs(scene: Scene) -> None:
    """Read what runs."""
    await scene.maas.costs.running()


async def _create(scene: Scene, suffix: str, *, compute: str | None = None) -> str:
    data, name = scene.name("data"), scene.name(suffix)
    scene.make(removals.data_asset(scene.maas, data))
    train = await scene.maas.datasets.upload(scene.rows, name=data, model=scene.model)
    scene.make(removals.job(scene.maas, name))
    job = await scene.maas.jobs.create_pipeline(
        model=scene.model,
        training_data=train,
        name=name,
        output_name=scene.name(f"{suffix}-model"),
        inputs=ADAPTERS,
        tags=scene.tags,
        force=True,  # whether there is quota is for the service to say; what cannot work is not begun
        compute=compute,
        instance_types=() if compute else [_size(scene)],
    )
    scene.expect(job.name == name, "the created job's name", expected="the same", found="another one")
    return name


def _size(scene: Scene) -> str:
    if scene.instance_type is None:
        raise NotPossible(scene.lacks)
    return scene.instance_type


async def create_pipeline_job(scene: Scene) -> None:
    """Create a pipeline job."""
    scene.found["pipeline"] = await _create(scene, "pipe")


async def cancel_pipeline_job(scene: Scene) -> None:
    """Cancel it."""
    await cancel_and_follow(scene, scene.found["pipeline"])


async def create_cluster(scene: Scene) -> None:
    """Create a cluster that keeps no node."""
    size, name = _size(scene), scene.name("c")
    if scene.lacks:
        raise NotPossible(scene.lacks)
    scene.make(removals.cluster(scene.maas, name))
    cluster = await scene.maas.computes.create(
        name, size=size, max_nodes=1, min_nodes=0, idle_seconds=120.0, tags=scene.tags
    )
    scene.expect(cluster.is_ready, "the state of a created cluster", expected="ready", found=cluster.state.value)


async def pipeline_job_to_its_end(scene: Scene) -> None:
    """Create a pipeline job on the cluster, and follow it until it is completed."""
    scene.make(removals.model(scene.maas, scene.name("own-model")))
    name = await _create(scene, "own", compute=scene.name("c"))
    scene.found["pipelined"] = await follow_to_done(scene, name)


async def pipeline_job_results(scene: Scene) -> None:
    """Read what the pipeline left."""
    job = scene.found["pipelined"]
    steps = await some(scene.maas.jobs.children(job.name), 20)
    scene.expect(training_step(steps) is not None, "the steps of a pipeline", expected="one that trains", found="none")
    await scene.maas.jobs.details(job.name)
    await scene.maas.jobs.metrics(job.name)
    if not job.output_model:
        scene.expect(False, "the output of a completed pipeline", expected="a model", found="none")
        return
    await scene.maas.models.get(job.output_model)


async def scale_cluster(scene: Scene) -> None:
    """Read the nodes, and change how many there may be."""
    name = scene.name("c")
    await scene.maas.computes.nodes(name)
    cluster = await scene.maas.computes.scale(name, max_nodes=2)
    scene.expect(cluster.max_nodes == 2, "the most nodes of a scaled cluster", expected="2", found="another number")


async def deploy_on_own_compute(scene: Scene) -> None:
    """Deploy the tuned model on one machine."""
    job, name = scene.found["pipelined"], scene.name("own")
    if not job.output_model:
        raise NotPossible("the job has no tuned model")
    scene.make(removals.endpoint(scene.maas, name))
    await _deployed(scene, job.output_model, name)
    await created_once(scene, "an online endpoint", _deployed(scene, job.output_model, name))


async def _deployed(scene: Scene, model: str, name: str) -> None:
    await scene.maas.endpoints.create(
        model=model, name=name, instance_type=_size(scene), instance_count=1, tags=scene.tags
    )


async def chat_on_own_compute(scene: Scene) -> None:
    """Chat with the online endpoint, read its log, and ask for a token, which an endpoint with keys has not."""
    await ask(scene, scene.name("own"))
    await scene.maas.endpoints.logs(scene.name("own"))
    await refused(
        scene, "the token of an endpoint with keys", scene.maas.endpoints.token(scene.name("own")), status=400
    )


async def delete_online_endpoint(scene: Scene) -> None:
    """Delete the online endpoint."""
    name = scene.name("own")
    await scene.maas.endpoints.delete(name)
    await gone_from(scene, "an endpoint after its deletion", scene.maas.endpoints.get(name), kind="endpoint", name=name)


async def delete_cluster(scene: Scene) -> None:
    """Delete the cluster."""
    name = scene.name("c")
    await scene.maas.computes.delete(name)
    await gone_from(scene, "a cluster after its deletion", scene.maas.computes.get(name), kind="cluster", name=name)
