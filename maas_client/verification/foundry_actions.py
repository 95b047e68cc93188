"""What the steps on Azure AI Foundry do: files, fine-tuning jobs and deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import removals
from .assumed import LISTED, created_once, newest_first
from .azure_ml_actions import api_versions
from .common_actions import ask, cancel_and_follow, follow_to_done, gone_from, missing, read_listed, same_content, some
from .step_context import NotPossible, StepContext

if TYPE_CHECKING:
    from ..datasets.dataset import Dataset

account_api_versions = api_versions

DEVELOPER = "DeveloperTier"
"""The SKU that has no price by the hour, where a model offers it."""


async def list_files(context: StepContext) -> None:
    """List files."""
    await some(context.maas.datasets.list(), 1)


async def missing_file(context: StepContext) -> None:
    """Ask for a file that there is not."""
    await missing(
        context, "a file that there is not", context.maas.datasets.get("file-00000000000000000000000000000000")
    )


async def list_tuning_jobs(context: StepContext) -> None:
    """List jobs."""
    newest_first(context, await some(context.maas.jobs.list(), LISTED))


async def missing_tuning_job(context: StepContext) -> None:
    """Ask for a job that there is not."""
    await missing(context, "a job that there is not", context.maas.jobs.get("ftjob-00000000000000000000000000000000"))


async def newest_tuning_job(context: StepContext) -> None:
    """Read the newest job with its events, checkpoints and metrics."""
    name = await read_listed(context)
    await _events_and_checkpoints(context, name)
    await context.maas.jobs.metrics(name)


async def list_deployments(context: StepContext) -> None:
    """List deployments."""
    await some(context.maas.endpoints.list(), 50)


async def missing_deployment(context: StepContext) -> None:
    """Ask for a deployment that there is not."""
    await missing(context, "a deployment that there is not", context.maas.endpoints.get(context.name("missing")))


async def list_webhooks(context: StepContext) -> None:
    """List webhook endpoints."""
    await some(context.maas.webhooks.list(), 1)


async def _upload(context: StepContext) -> Dataset:
    name = context.name("data")
    context.make(removals.file(context.maas, name))
    return await context.maas.datasets.upload(context.rows, name=name, model=context.model)


async def upload_file(context: StepContext) -> None:
    """Upload the rows."""
    context.found["file"] = await _upload(context)


async def read_file(context: StepContext) -> None:
    """Read the file back, and its content."""
    data = context.found["file"]
    read, size = await context.maas.datasets.get(data.id), context.rows.stat().st_size
    context.expect(read.size == size, "the size of an uploaded file", expected=str(size), found=str(read.size))
    await same_content(context, data)


async def delete_file(context: StepContext) -> None:
    """Delete the file."""
    data = context.found["file"]
    await context.maas.datasets.delete(data.id)
    await gone_from(
        context, "a file after its deletion", context.maas.datasets.get(data.id), kind="file", name=context.name("data")
    )


async def _create(context: StepContext, suffix: str) -> str:
    train, name = await _upload(context), context.name(suffix)
    context.make(removals.job(context.maas, name))
    await context.maas.jobs.create(
        model=context.model,
        training_data=train,
        name=name,
        hyperparameters={"n_epochs": 1},
    )
    return name


async def create_tuning_job(context: StepContext) -> None:
    """Create a job."""
    context.found["job"] = await _create(context, "job")


async def cancel_tuning_job(context: StepContext) -> None:
    """Cancel it; it is listed by the name that it was created with."""
    name = context.found["job"]
    await cancel_and_follow(context, name)
    listed = {job.name for job in await some(context.maas.jobs.list(), LISTED)}
    context.expect(name in listed, "the name of a created job in the list", expected="the same", found="others only")


async def delete_tuning_job(context: StepContext) -> None:
    """Delete it."""
    name = context.found["job"]
    await context.maas.jobs.delete(name)
    await gone_from(context, "a job after its deletion", context.maas.jobs.get(name), kind="job", name=name)


async def tuning_job_to_its_end(context: StepContext) -> None:
    """Create a job, and follow it until it has succeeded."""
    context.found["trained"] = await follow_to_done(context, await _create(context, "train"))


async def _events_and_checkpoints(context: StepContext, name: str) -> tuple[int, int]:
    events = await some(context.maas.jobs.events(name), 200)
    checkpoints = await some(context.maas.jobs.checkpoints(name), 50)
    return len(events), len(checkpoints)


async def tuning_job_results(context: StepContext) -> None:
    """Read what the job left."""
    job = context.found["trained"]
    events, _ = await _events_and_checkpoints(context, job.name)
    context.expect(events > 0, "the events of a job that has succeeded", expected="events", found="none")
    metrics = await context.maas.jobs.metrics(job.name)
    context.expect(bool(metrics), "the metrics of a job that has succeeded", expected="metrics", found="none")


async def create_deployment(context: StepContext) -> None:
    """Deploy the tuned model where that costs nothing by the hour, if the model offers it."""
    job, name = context.found["trained"], context.name("ep")
    if not job.output_model:
        raise NotPossible("the job has no tuned model")
    context.make(removals.endpoint(context.maas, name))
    endpoint = await context.maas.endpoints.create(model=job.output_model, name=name, sku=sku_of(context.model))
    context.found["endpoint"] = await context.maas.endpoints.wait(endpoint)
    again = context.maas.endpoints.create(model=job.output_model, name=name, sku=sku_of(context.model))
    await created_once(context, "a deployment", again)


def sku_of(model: str) -> str | None:
    """Return the SKU that costs nothing by the hour, None where the model is not offered with it."""
    from ..catalog.foundry_lookup import find_offer

    return DEVELOPER if DEVELOPER in find_offer(model).deployment_skus else None


async def chat_with_deployment(context: StepContext) -> None:
    """Chat with the deployment."""
    await ask(context, context.name("ep"))


async def delete_deployment(context: StepContext) -> None:
    """Delete the deployment."""
    name = context.name("ep")
    await context.maas.endpoints.delete(name)
    await gone_from(
        context, "a deployment after its deletion", context.maas.endpoints.get(name), kind="endpoint", name=name
    )
