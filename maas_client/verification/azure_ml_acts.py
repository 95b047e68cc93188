"""What the steps on Azure Machine Learning do: reading, data, serverless jobs and endpoints."""

from __future__ import annotations

from contextlib import suppress

from ..core.errors import NotFound
from . import removals
from .assumed import LISTED, created_once, newest_first, refused, usual_names
from .common_acts import (
    QUESTION,
    ask,
    cancel_and_follow,
    follow_to_done,
    gone_from,
    missing,
    read_listed,
    same_content,
    some,
)
from .scene import NotPossible, Scene

EXPECTED = "the same"

NO_KEY = "0" * 32
"""What no endpoint has as its key."""


async def api_versions(scene: Scene) -> None:
    """Compare the api-versions that are sent with those that the provider lists."""
    for unlisted in await scene.maas.unlisted_api_versions():
        scene.expect(
            False, f"api-version of {unlisted.resource_type}", expected=f"{unlisted.value} listed", found="not listed"
        )


async def workspace(scene: Scene) -> None:
    """Read the workspace."""
    await scene.maas.workspace.get()


async def cloud(scene: Scene) -> None:
    """Read the cloud's metadata."""
    await scene.maas.workspace.connect()


async def subscriptions(scene: Scene) -> None:
    """List the subscriptions."""
    await scene.maas.workspace.subscriptions()


async def workspaces(scene: Scene) -> None:
    """List the workspaces; ours is among them."""
    here = (await scene.maas.workspace.get()).name.lower()
    names = {one.name.lower() for one in await scene.maas.workspace.list()}
    scene.expect(here in names, "the list of workspaces", expected="this workspace", found="others only")


async def permissions(scene: Scene) -> None:
    """Read what the caller may do."""
    await scene.maas.workspace.grants()


async def datastores(scene: Scene) -> None:
    """Reach the default datastore."""
    await scene.maas.workspace.storage()


async def registry_model(scene: Scene) -> None:
    """Read the newest version of the base model, then the same by its number."""
    newest = await scene.maas.workspace.registry_model(scene.model)
    version = str(newest.get("name", ""))
    again = await scene.maas.workspace.registry_model(scene.model, version)
    scene.expect(again.get("id") == newest.get("id"), "the id of one version", expected=EXPECTED, found="another one")


async def list_data(scene: Scene) -> None:
    """List data assets, and the versions of the first one."""
    listed = await some(scene.maas.datasets.list(), LISTED)
    usual_names(scene, "data assets", (found.name for found in listed))
    for found in listed[:1]:
        await some(scene.maas.datasets.list(found.name), 1)


async def missing_data(scene: Scene) -> None:
    """Ask for data that there is not."""
    await missing(scene, "data that there is not", scene.maas.datasets.get(scene.name("missing"), "1"))


async def list_models(scene: Scene) -> None:
    """List registered models."""
    await some(scene.maas.models.list(), 1)


async def list_jobs(scene: Scene) -> None:
    """List jobs."""
    jobs = await some(scene.maas.jobs.list(), LISTED)
    newest_first(scene, jobs)
    usual_names(scene, "jobs", (job.name for job in jobs))


async def missing_job(scene: Scene) -> None:
    """Ask for a job that there is not."""
    await missing(scene, "a job that there is not", scene.maas.jobs.get(scene.name("missing")))


async def newest_job(scene: Scene) -> None:
    """Read the newest job, its run, metrics and log."""
    name = await read_listed(scene)
    await scene.maas.jobs.details(name)
    await scene.maas.jobs.metrics(name)
    with suppress(NotFound):  # it may have no log yet, or no longer
        await scene.maas.jobs.log_part(name)


async def list_endpoints(scene: Scene) -> None:
    """List endpoints."""
    await some(scene.maas.endpoints.list(), 50)


async def missing_endpoint(scene: Scene) -> None:
    """Ask for an endpoint that there is not."""
    await missing(scene, "an endpoint that there is not", scene.maas.endpoints.get(scene.name("missing")))


async def upload_data(scene: Scene) -> None:
    """Upload the rows; the asset's newest version has them."""
    name = scene.name("data")
    scene.make(removals.data_asset(scene.maas, name))
    data = scene.found["data"] = await scene.maas.datasets.upload(scene.rows, name=name, model=scene.model)
    newest = await scene.maas.datasets.get(name)
    same = newest.version == data.version
    scene.expect(same, "the newest version of an asset after an upload", expected=EXPECTED, found="another one")


async def read_data(scene: Scene) -> None:
    """Read the asset back, and its content."""
    data = scene.found["data"]
    read = await scene.maas.datasets.get(data.name, data.version)
    scene.expect(read.uri == data.uri, "the asset's uri", expected=EXPECTED, found="another one")
    await same_content(scene, data)


async def delete_data(scene: Scene) -> None:
    """Archive the asset; its versions are not listed then."""
    data = scene.found["data"]
    await scene.maas.datasets.delete(data.name, data.version)
    listed: list[str] = []
    with suppress(NotFound):
        listed = [one.version async for one in scene.maas.datasets.list(data.name)]
    scene.expect(data.version not in listed, "the list after archiving", expected="not listed", found="listed")
    if data.version not in listed:
        scene.removed("data asset", data.name)


async def _create(scene: Scene, suffix: str) -> str:
    data, name = scene.name("data"), scene.name(suffix)
    scene.make(removals.data_asset(scene.maas, data))
    train = await scene.maas.datasets.upload(scene.rows, name=data, model=scene.model)
    scene.make(removals.job(scene.maas, name))
    job = await scene.maas.jobs.create(
        model=scene.model,
        training_data=train,
        name=name,
        output_name=scene.name(f"{suffix}-model"),
        hyperparameters={"num_train_epochs": 1},
        tags=scene.tags,
    )
    scene.expect(job.name == name, "the created job's name", expected=EXPECTED, found="another one")
    return name


async def create_job(scene: Scene) -> None:
    """Create a job; the same call again finds it."""
    scene.found["job"] = await _create(scene, "job")
    await created_once(scene, "a job", _create(scene, "job"))


async def cancel_job(scene: Scene) -> None:
    """Cancel it."""
    await cancel_and_follow(scene, scene.found["job"])


async def archive_job(scene: Scene) -> None:
    """Archive it; it is not listed then."""
    name = scene.found["job"]
    await scene.maas.jobs.archive(name)
    listed = [one.name for one in await some(scene.maas.jobs.list(), 20)]
    scene.expect(name not in listed, "the list after archiving", expected="not listed", found="listed")
    scene.removed("job", name)


async def job_to_its_end(scene: Scene) -> None:
    """Create a job, and follow it until it is completed."""
    name = await _create(scene, "train")
    scene.make(removals.model(scene.maas, scene.name("train-model")))
    scene.found["trained"] = await follow_to_done(scene, name)


async def job_results(scene: Scene) -> None:
    """Read what the job left."""
    job = scene.found["trained"]
    await scene.maas.jobs.details(job.name)
    metrics = await scene.maas.jobs.metrics(job.name)
    scene.expect(bool(metrics.get("loss")), "the metrics of a completed job", expected="loss", found="none")
    lines = [line async for line in scene.maas.jobs.logs(job.name)]
    scene.expect(bool(lines), "the log of a completed job", expected="lines", found="none")
    if not job.output_model:
        scene.expect(False, "the output of a completed job", expected="a model", found="none")
        return
    model = await scene.maas.models.get(job.output_model)
    scene.expect(model.name == job.output_model.partition(":")[0], "its name", expected=EXPECTED, found="another one")


async def job_outputs(scene: Scene) -> None:
    """Download what the job wrote."""
    found = await scene.maas.jobs.download(scene.found["trained"].name, scene.folder / "outputs")
    scene.expect(bool(found.files), "the outputs of a completed job", expected="files", found="none")


async def deploy(scene: Scene) -> None:
    """Deploy the tuned model."""
    job, name = scene.found["trained"], scene.name("ep")
    if not job.output_model:
        raise NotPossible("the job has no tuned model")
    scene.make(removals.endpoint(scene.maas, name))
    endpoint = await scene.maas.endpoints.create(model=job.output_model, name=name, tags=scene.tags)
    scene.found["endpoint"] = await scene.maas.endpoints.wait(endpoint)
    again = scene.maas.endpoints.create(model=job.output_model, name=name, tags=scene.tags)
    await created_once(scene, "an endpoint", again)


async def chat(scene: Scene) -> None:
    """Chat with the endpoint, and once with a key that is not its own."""
    await ask(scene, scene.name("ep"))
    with_another_key = scene.maas.chat.complete(scene.name("ep"), QUESTION, max_tokens=1, key=NO_KEY)
    await refused(scene, "a chat with a wrong key", with_another_key, status=401)


async def endpoint_keys(scene: Scene) -> None:
    """Replace the second key."""
    name = scene.name("ep")
    before = await scene.maas.endpoints.keys(name)
    after = await scene.maas.endpoints.regenerate_key(name, secondary=True)
    scene.expect(
        before.secondary != after.secondary,
        "the second key once replaced",
        expected="another",
        found="the same",
    )
    scene.expect(before.primary == after.primary, "the first key then", expected=EXPECTED, found="another one")


async def delete_endpoint(scene: Scene) -> None:
    """Delete the endpoint."""
    name = scene.name("ep")
    await scene.maas.endpoints.delete(name)
    await gone_from(scene, "an endpoint after its deletion", scene.maas.endpoints.get(name), kind="endpoint", name=name)


async def archive_model(scene: Scene) -> None:
    """Archive the tuned model; it is not listed then."""
    name = str(scene.found["trained"].output_model or "").partition(":")[0]
    if not name:
        raise NotPossible("the job has no tuned model")
    await scene.maas.models.archive(name)
    listed: list[str] = []
    with suppress(NotFound):
        listed = [one.name async for one in scene.maas.models.list(name)]
    scene.expect(not listed, "the list after archiving", expected="not listed", found="listed")
    if not listed:
        scene.removed("model", name)
