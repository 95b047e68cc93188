"""Models of the workspace: registered from a job's output once, archived and restored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from support import collect

from maas_client import Job
from maas_client.client import Resources
from maas_client.errors import Conflict, InvalidInput, NotFound, ServiceUnavailable
from mock_server.server import Server

Tuned = Callable[[], Awaitable[Job]]


def puts(server: Server) -> list[str]:
    """Return the paths of models that were put."""
    sent = [str(entry["url"]) for entry in server.requests() if entry["method"] == "PUT"]
    return [url.rpartition("/models/")[2].partition("?")[0] for url in sent if "/models/" in url]


async def test_the_output_of_a_job_is_registered_once(maas: Resources, maas_server: Server, tuned: Tuned) -> None:
    job = await tuned()
    model = await maas.models.register("shop", job=job.name, tags={"team": "shop"}, description="answers")
    assert (model.reference, model.job, model.kind) == ("shop:1", job.name, "mlflow_model")
    assert (model.tags, model.description) == ({"team": "shop"}, "answers")
    again = await maas.models.register("shop", job=job.name)
    assert (again.reference, puts(maas_server)) == ("shop:1", ["shop/versions/1"])
    other = await maas.models.register("shop-2", job=job.name, output="registered_model", version="7")
    assert other.reference == "shop-2:7"


async def test_the_next_version_is_that_of_another_job(maas: Resources, tuned: Tuned) -> None:
    first, second = await tuned(), await tuned()
    assert (await maas.models.register("shop", job=first.name)).version == "1"
    assert (await maas.models.register("shop", job=second.name)).version == "2"
    with pytest.raises(Conflict, match="version 1 of model 'shop' has other files"):
        await maas.models.register("shop", job=second.name, version="1")
    assert (await maas.models.register("shop", job=first.name, version="1")).version == "1"


async def test_a_lost_reply_registers_one_version(maas: Resources, maas_server: Server, tuned: Tuned) -> None:
    job = await tuned()
    maas_server.fault(operation="models.create", drop="after", count=1)
    assert (await maas.models.register("shop", job=job.name)).reference == "shop:1"
    assert [model.version for model in await collect(maas.models.list("shop"))] == ["1"]


async def test_only_an_output_that_exists_is_registered(maas: Resources, rows: Path, tuned: Tuned) -> None:
    job = await tuned()
    with pytest.raises(InvalidInput, match=r"has no output 'x'; its outputs are registered_model"):
        await maas.models.register("shop", job=job.name, output="x")
    waiting = await maas.jobs.create(model="Phi-4-mini-instruct", training_data=rows)
    with pytest.raises(InvalidInput, match="only a completed job has an output"):
        await maas.models.register("shop", job=waiting.name)
    with pytest.raises(NotFound):
        await maas.models.register("shop", job="nobody")
    with pytest.raises(InvalidInput, match="not a valid name for a model"):
        await maas.models.register("a b", job=job.name)


async def test_an_archived_version_is_hidden_and_restored(maas: Resources, maas_server: Server, tuned: Tuned) -> None:
    job = await tuned()
    name = str(job.output_model).partition(":")[0]
    archived = await maas.models.archive(str(job.output_model))
    assert (archived.reference, archived.is_archived) == (job.output_model, True)
    assert await collect(maas.models.list(name)) == []
    assert [each.version for each in await collect(maas.models.list(name, view="ArchivedOnly"))] == ["1"]
    assert (await maas.models.get(f"{name}:1")).uri == archived.uri
    before = puts(maas_server)
    assert await maas.models.archive(name, "1") == await maas.models.archive(name) == archived
    assert puts(maas_server) == before
    assert not (await maas.models.restore(name, "1")).is_archived
    assert [each.reference for each in await collect(maas.models.list(name))] == [job.output_model]
    with pytest.raises(NotFound):
        await maas.models.archive("nothing")


async def test_a_refusal_of_the_service_is_raised(maas: Resources, maas_server: Server, tuned: Tuned) -> None:
    job = await tuned()
    maas_server.fault(operation="models.create", status=503, count=None)
    with pytest.raises(ServiceUnavailable):
        await maas.models.register("shop", job=job.name)
