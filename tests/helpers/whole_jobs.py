"""Whole jobs on each surface, from the check of a file to the deletion of an endpoint, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support import collect

from maas_client import Hyperparameters
from maas_client.client import Resources

Results = Mapping[str, Any]
A100 = "Standard_NC24ads_A100_v4"
TUNED = "Phi-4-mini-instruct"
PIPELINE = "Phi-3-mini-4k-instruct"
OF_FOUNDRY = "Ministral-3B"
QUESTION = "question 7"


async def azure_ml(maas: Resources, rows: Path, folder: Path) -> Results:
    """Train on the hosted service, and serve on a serverless endpoint."""
    checked = await maas.datasets.check(rows, model=TUNED)
    uploaded = await maas.datasets.upload(rows, name="my-rows")
    created = await maas.jobs.create(
        name="my-job",
        model=TUNED,
        training_data=uploaded,
        hyperparameters=Hyperparameters(num_train_epochs=2),
        tags={"team": "red"},
    )
    job = await maas.jobs.wait(created.name)
    endpoint = await maas.endpoints.create(name="my-endpoint", model=job.output_model)
    endpoint = await maas.endpoints.wait(endpoint.name)
    return {
        "rows": checked.rows,
        "data": (uploaded.name, uploaded.version),
        **await _of_job(maas, job.name, folder),
        "tags": dict(job.tags),
        "listed": [each.name async for each in maas.jobs.list()],
        **await _of_endpoint(maas, endpoint.name),
    }


async def own_compute(maas: Resources, rows: Path, folder: Path) -> Results:
    """Train on a cluster, and serve on a managed online endpoint."""
    cluster = await maas.computes.create("my-cluster", size=A100, max_nodes=1)
    created = await maas.jobs.create_pipeline(
        name="my-pipeline", model=PIPELINE, training_data=rows, compute=cluster.name, inputs={"apply_lora": True}
    )
    job = await maas.jobs.wait(created.name)
    endpoint = await maas.endpoints.create(name="my-online", model=job.output_model, instance_type=A100)
    found = {
        "cluster": (cluster.name, cluster.state, cluster.size),
        **await _of_job(maas, job.name, folder),
        **await _of_endpoint(maas, endpoint.name),
    }
    await maas.computes.delete(cluster.name)
    return {**found, "clusters": [each.name async for each in maas.computes.list()]}


async def foundry(maas: Resources, rows: Path, folder: Path) -> Results:
    """Train on Azure AI Foundry, and serve on a deployment."""
    checked = await maas.datasets.check(rows, model=OF_FOUNDRY)
    uploaded = await maas.datasets.upload(rows)
    created = await maas.jobs.create(model=OF_FOUNDRY, training_data=uploaded, suffix="mine")
    job = await maas.jobs.wait(created.name)
    deployment = await maas.endpoints.create(name="my-deployment", model=job.output_model)
    await maas.endpoints.wait(deployment.name)
    return {
        "rows": checked.rows,
        **await _of_job(maas, job.name, folder, has_logs=False),
        "events": len(await collect(maas.jobs.events(job.name))),
        **await _of_endpoint(maas, deployment.name),
    }


async def _of_job(maas: Resources, name: str, folder: Path, *, has_logs: bool = True) -> Results:
    """Return what a finished job has: its status, metrics, logs and files."""
    job = await maas.jobs.get(name)
    metrics = await maas.jobs.metrics(name)
    fetched = await maas.jobs.download(name, folder)
    return {
        "job": job.name if name.startswith("my-") else "",
        "status": job.status,
        "phase": job.phase,
        "model": job.model,
        "created": job.created_at,
        "metrics": {key: [(point.step, point.value) for point in points] for key, points in metrics.items()},
        "has logs": bool(await collect(maas.jobs.logs(name))) if has_logs else None,
        "sizes": sorted(file.size for file in fetched.files),
        "on disk": sorted(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
    }


async def _of_endpoint(maas: Resources, name: str) -> Results:
    """Return how an endpoint answers, what it costs, and what is left once it is deleted."""
    whole = await maas.chat.complete(name, QUESTION)
    streamed = await collect(maas.chat.stream(name, QUESTION))
    costs = [(each.kind, each.label, each.size, each.hourly_price) for each in await maas.costs.running()]
    state = (await maas.endpoints.get(name)).state
    await maas.endpoints.delete(name)
    return {
        "endpoint": (name, state),
        "answers": (bool(whole.text), whole.finish_reason, whole.usage),
        "pieces": len(streamed),
        "costs": costs,
        "left": [each.name async for each in maas.endpoints.list()],
    }
