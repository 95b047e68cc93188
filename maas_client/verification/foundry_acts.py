"""What the steps on Azure AI Foundry do: files, fine-tuning jobs and deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import removals
from .assumed import LISTED, created_once, newest_first
from .azure_ml_acts import api_versions
from .common_acts import ask, cancel_and_follow, follow_to_done, gone_from, missing, read_listed, same_content, some
from .scene import NotPossible, Scene

if TYPE_CHECKING:
    from ..datasets.dataset import Dataset

account_api_versions = api_versions

DEVELOPER = "DeveloperTier"
"""The SKU that has no price by the hour, where a model offers it."""


async def list_files(scene: Scene) -> None:
    """List files."""
    await some(scene.maas.datasets.list(), 1)


async def missing_file(scene: Scene) -> None:
    """Ask for a file that there is not."""
    await missing(scene, "a file that there is not", scene.maas.datasets.get("file-00000000000000000000000000000000"))


async def list_tuning_jobs(scene: Scene) -> None:
    """List jobs."""
    newest_first(scene, await some(scene.maas.jobs.list(), LISTED))


async def missing_tuning_job(scene: Scene) -> None:
    """Ask for a job that there is not."""
    await missing(scene, "a job that there is not", scene.maas.jobs.get("ftjob-00000000000000000000000000000000"))


async def newest_tuning_job(scene: Scene) -> None:
    """Read the newest job with its events, checkpoints and metrics."""
    name = await read_listed(scene)
    await _events_and_checkpoints(scene, name)
    await scene.maas.jobs.metrics(name)


async def list_deployments(scene: Scene) -> None:
    """List deployments."""
    await some(scene.maas.endpoints.list(), 50)


async def missing_deployment(scene: Scene) -> None:
    """Ask for a deployment that there is not."""
    await missing(scene, "a deployment that there is not", scene.maas.endpoints.get(scene.name("missing")))


async def list_webhooks(scene: Scene) -> None:
    """List webhook endpoints."""
    await some(scene.maas.webhooks.list(), 1)


async def _upload(scene: Scene) -> Dataset:
    name = scene.name("data")
    scene.make(removals.file(scene.maas, name))
    return await scene.maas.datasets.upload(scene.rows, name=name, model=scene.model)


async def upload_file(scene: Scene) -> None:
    """Upload the rows."""
    scene.found["file"] = await _upload(scene)


async def read_file(scene: Scene) -> None:
    """Read the file back, and its content."""
    data = scene.found["file"]
    read, size = await scene.maas.datasets.get(data.id), scene.rows.stat().st_size
    scene.expect(read.size == size, "the size of an uploaded file", expected=str(size), found=str(read.size))
    await same_content(scene, data)


async def delete_file(scene: Scene) -> None:
    """Delete the file."""
    data = scene.found["file"]
    await scene.maas.datasets.delete(data.id)
    await gone_from(
        scene, "a file after its deletion", scene.maas.datasets.get(data.id), kind="file", name=scene.name("data")
    )


async def _create(scene: Scene, suffix: str) -> str:
    train, name = await _upload(scene), scene.name(suffix)
    scene.make(removals.job(scene.maas, name))
    await scene.maas.jobs.create(
        model=scene.model,
        training_data=train,
        name=name,
        hyperparameters={"n_epochs": 1},
    )
    return name


async def create_tuning_job(scene: Scene) -> None:
    """Create a job."""
    scene.found["job"] = await _create(scene, "job")


async def cancel_tuning_job(scene: Scene) -> None:
    """Cancel it; it is listed by the name that it was created with."""
    name = scene.found["job"]
    await cancel_and_follow(scene, name)
    listed = {job.name for job in await some(scene.maas.jobs.list(), LISTED)}
    scene.expect(name in listed, "the name of a created job in the list", expected="the same", found="others only")


async def delete_tuning_job(scene: Scene) -> None:
    """Delete it."""
    name = scene.found["job"]
    await scene.maas.jobs.delete(name)
    await gone_from(scene, "a job after its deletion", scene.maas.jobs.get(name), kind="job", name=name)


async def tuning_job_to_its_end(scene: Scene) -> None:
    """Create a job, and follow it until it has succeeded."""
    scene.found["trained"] = await follow_to_done(scene, await _create(scene, "train"))


async def _events_and_checkpoints(scene: Scene, name: str) -> tuple[int, int]:
    events = await some(scene.maas.jobs.events(name), 200)
    checkpoints = await some(scene.maas.jobs.checkpoints(name), 50)
    return len(events), len(checkpoints)


async def tuning_job_results(scene: Scene) -> None:
    """Read what the job left."""
    job = scene.found["trained"]
    events, _ = await _events_and_checkpoints(scene, job.name)
    scene.expect(events > 0, "the events of a job that has succeeded", expected="events", found="none")
    metrics = await scene.maas.jobs.metrics(job.name)
    scene.expect(bool(metrics), "the metrics of a job that has succeeded", expected="metrics", found="none")


async def create_deployment(scene: Scene) -> None:
    """Deploy the tuned model where that costs nothing by the hour, if the model offers it."""
    job, name = scene.found["trained"], scene.name("ep")
    if not job.output_model:
        raise NotPossible("the job has no tuned model")
    scene.make(removals.endpoint(scene.maas, name))
    endpoint = await scene.maas.endpoints.create(model=job.output_model, name=name, sku=sku_of(scene.model))
    scene.found["endpoint"] = await scene.maas.endpoints.wait(endpoint)
    again = scene.maas.endpoints.create(model=job.output_model, name=name, sku=sku_of(scene.model))
    await created_once(scene, "a deployment", again)


def sku_of(model: str) -> str | None:
    """Return the SKU that costs nothing by the hour, None where the model is not offered with it."""
    from ..catalog.foundry_lookup import find_offer

    return DEVELOPER if DEVELOPER in find_offer(model).deployment_skus else None


async def chat_with_deployment(scene: Scene) -> None:
    """Chat with the deployment."""
    await ask(scene, scene.name("ep"))


async def delete_deployment(scene: Scene) -> None:
    """Delete the deployment."""
    name = scene.name("ep")
    await scene.maas.endpoints.delete(name)
    await gone_from(
        scene, "a deployment after its deletion", scene.maas.endpoints.get(name), kind="endpoint", name=name
    )
