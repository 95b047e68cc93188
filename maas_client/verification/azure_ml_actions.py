"""What the steps on Azure Machine Learning do: reading, data, serverless jobs and endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from ..core.errors import NotFound
from . import removals
from .assumed import LISTED, created_once, newest_first, refused, usual_names
from .common_actions import (
    QUESTION,
    ask,
    cancel_and_follow,
    follow_to_done,
    gone_from,
    missing,
    read_listed,
    replace_second_key,
    same_content,
    some,
)
from .step_context import NotPossible, StepContext

EXPECTED = "the same"

NO_KEY = "maasverifysendsakeythatiswrong00"
"""What no endpoint has as its key, and no other text of a program is: keys are blanked wherever they appear."""


async def api_versions(context: StepContext) -> None:
    """Compare the api-versions that are sent with those that the provider lists."""
    for unlisted in await context.maas.unlisted_api_versions():
        context.expect(
            False, f"api-version of {unlisted.resource_type}", expected=f"{unlisted.value} listed", found="not listed"
        )


async def workspace(context: StepContext) -> None:
    """Read the workspace."""
    await context.maas.workspace.get()


async def cloud(context: StepContext) -> None:
    """Read the cloud's metadata."""
    await context.maas.workspace.connect()


async def subscriptions(context: StepContext) -> None:
    """List the subscriptions."""
    await context.maas.workspace.subscriptions()


async def workspaces(context: StepContext) -> None:
    """List the workspaces; ours is among them."""
    here = (await context.maas.workspace.get()).name.lower()
    names = {one.name.lower() for one in await context.maas.workspace.list()}
    context.expect(here in names, "the list of workspaces", expected="this workspace", found="others only")


async def permissions(context: StepContext) -> None:
    """Read what the caller may do."""
    await context.maas.workspace.grants()


async def datastores(context: StepContext) -> None:
    """Reach the default datastore."""
    await context.maas.workspace.storage()


async def registry_model(context: StepContext) -> None:
    """Read the newest version of the base model, then the same by its number."""
    newest = await context.maas.workspace.registry_model(context.model)
    version = str(newest.get("name", ""))
    again = await context.maas.workspace.registry_model(context.model, version)
    context.expect(again.get("id") == newest.get("id"), "the id of one version", expected=EXPECTED, found="another one")


async def list_data(context: StepContext) -> None:
    """List data assets, and the versions of the first one."""
    listed = await some(context.maas.datasets.list(), LISTED)
    usual_names(context, "data assets", (found.name for found in listed))
    for found in listed[:1]:
        await some(context.maas.datasets.list(found.name), 1)


async def missing_data(context: StepContext) -> None:
    """Ask for data that there is not."""
    await missing(context, "data that there is not", context.maas.datasets.get(context.name("missing"), "1"))


async def list_models(context: StepContext) -> None:
    """List registered models."""
    await some(context.maas.models.list(), 1)


async def list_jobs(context: StepContext) -> None:
    """List jobs."""
    jobs = await some(context.maas.jobs.list(), LISTED)
    newest_first(context, jobs)
    usual_names(context, "jobs", (job.name for job in jobs))


async def missing_job(context: StepContext) -> None:
    """Ask for a job that there is not."""
    await missing(context, "a job that there is not", context.maas.jobs.get(context.name("missing")))


async def newest_job(context: StepContext) -> None:
    """Read the newest job, its run, metrics and log."""
    name = await read_listed(context)
    await context.maas.jobs.details(name)
    await context.maas.jobs.metrics(name)
    with suppress(NotFound):  # it may have no log yet, or no longer
        await context.maas.jobs.log_part(name)


async def list_endpoints(context: StepContext) -> None:
    """List endpoints."""
    await some(context.maas.endpoints.list(), 50)


async def missing_endpoint(context: StepContext) -> None:
    """Ask for an endpoint that there is not."""
    await missing(context, "an endpoint that there is not", context.maas.endpoints.get(context.name("missing")))


async def upload_data(context: StepContext) -> None:
    """Upload the rows; the asset's newest version has them."""
    name = context.name("data")
    context.make(removals.data_asset(context.maas, name))
    data = context.found["data"] = await context.maas.datasets.upload(context.rows, name=name, model=context.model)
    newest = await context.maas.datasets.get(name)
    same = newest.version == data.version
    context.expect(same, "the newest version of an asset after an upload", expected=EXPECTED, found="another one")


async def read_data(context: StepContext) -> None:
    """Read the asset back, and its content."""
    data = context.found["data"]
    read = await context.maas.datasets.get(data.name, data.version)
    context.expect(read.uri == data.uri, "the asset's uri", expected=EXPECTED, found="another one")
    await same_content(context, data)


async def delete_data(context: StepContext) -> None:
    """Archive the asset; its versions are not listed then."""
    data = context.found["data"]
    await context.maas.datasets.delete(data.name, data.version)
    listed: list[str] = []
    with suppress(NotFound):
        listed = [one.version async for one in context.maas.datasets.list(data.name)]
    context.expect(data.version not in listed, "the list after archiving", expected="not listed", found="listed")
    if data.version not in listed:
        context.removed("data asset", data.name)


async def create_tuning(context: StepContext, suffix: str, *, instance_types: Sequence[str] = ()) -> str:
    """Upload the rows and create a fine-tuning job, serverless or on machines of these sizes; return its name."""
    data, name = context.name("data"), context.name(suffix)
    context.make(removals.data_asset(context.maas, data))
    train = await context.maas.datasets.upload(context.rows, name=data, model=context.model)
    context.make(removals.job(context.maas, name))
    job = await context.maas.jobs.create(
        model=context.model,
        training_data=train,
        name=name,
        output_name=context.name(f"{suffix}-model"),
        hyperparameters={"num_train_epochs": 1},
        tags=context.tags,
        instance_types=instance_types,
        force=bool(instance_types),  # whether there is quota is for the service to say; what cannot work is not begun
    )
    context.expect(job.name == name, "the created job's name", expected=EXPECTED, found="another one")
    return name


async def create_job(context: StepContext) -> None:
    """Create a job; the same call again finds it."""
    context.found["job"] = await create_tuning(context, "job")
    await created_once(context, "a job", create_tuning(context, "job"))


async def cancel_job(context: StepContext) -> None:
    """Cancel it."""
    await cancel_and_follow(context, context.found["job"])


async def archive_job(context: StepContext) -> None:
    """Archive it; it is not listed then."""
    name = context.found["job"]
    await context.maas.jobs.archive(name)
    listed = [one.name for one in await some(context.maas.jobs.list(), 20)]
    context.expect(name not in listed, "the list after archiving", expected="not listed", found="listed")
    context.removed("job", name)


async def job_to_its_end(context: StepContext) -> None:
    """Create a job, and follow it until it is completed."""
    name = await create_tuning(context, "train")
    context.make(removals.model(context.maas, context.name("train-model")))
    context.found["trained"] = await follow_to_done(context, name)


async def job_results(context: StepContext) -> None:
    """Read what the job left."""
    job = context.found["trained"]
    await context.maas.jobs.details(job.name)
    metrics = await context.maas.jobs.metrics(job.name)
    context.expect(bool(metrics.get("loss")), "the metrics of a completed job", expected="loss", found="none")
    lines = [line async for line in context.maas.jobs.logs(job.name)]
    context.expect(bool(lines), "the log of a completed job", expected="lines", found="none")
    if not job.output_model:
        context.expect(False, "the output of a completed job", expected="a model", found="none")
        return
    model = await context.maas.models.get(job.output_model)
    context.expect(model.name == job.output_model.partition(":")[0], "its name", expected=EXPECTED, found="another one")


async def job_outputs(context: StepContext) -> None:
    """Download what the job wrote."""
    found = await context.maas.jobs.download(context.found["trained"].name, context.folder / "outputs")
    context.expect(bool(found.files), "the outputs of a completed job", expected="files", found="none")


async def deploy(context: StepContext) -> None:
    """Deploy the tuned model."""
    job, name = context.found["trained"], context.name("ep")
    if not job.output_model:
        raise NotPossible("the job has no tuned model")
    context.make(removals.endpoint(context.maas, name))
    endpoint = await context.maas.endpoints.create(model=job.output_model, name=name, tags=context.tags)
    context.found["endpoint"] = await context.maas.endpoints.wait(endpoint)
    again = context.maas.endpoints.create(model=job.output_model, name=name, tags=context.tags)
    await created_once(context, "an endpoint", again)


async def chat(context: StepContext) -> None:
    """Chat with the endpoint, and once with a key that is not its own."""
    await ask(context, context.name("ep"))
    with_another_key = context.maas.chat.complete(context.name("ep"), QUESTION, max_tokens=1, key=NO_KEY)
    await refused(context, "a chat with a wrong key", with_another_key, status=401)


async def endpoint_keys(context: StepContext) -> None:
    """Replace the second key."""
    await replace_second_key(context, context.name("ep"))


async def delete_endpoint(context: StepContext) -> None:
    """Delete the endpoint."""
    name = context.name("ep")
    await context.maas.endpoints.delete(name)
    await gone_from(
        context, "an endpoint after its deletion", context.maas.endpoints.get(name), kind="endpoint", name=name
    )


async def archive_model(context: StepContext) -> None:
    """Archive the tuned model; it is not listed then."""
    name = str(context.found["trained"].output_model or "").partition(":")[0]
    if not name:
        raise NotPossible("the job has no tuned model")
    await context.maas.models.archive(name)
    listed: list[str] = []
    with suppress(NotFound):
        listed = [one.name async for one in context.maas.models.list(name)]
    context.expect(not listed, "the list after archiving", expected="not listed", found="listed")
    if not listed:
        context.removed("model", name)
