"""Data assets, registered models and jobs: listed, found by every way to name them, archived and restored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from support import collect

from maas_client import Dataset, InvalidInput, Job, LocalFileError, NotFound
from maas_client.client import Resources
from mock_server.server import Server

Tuned = Callable[[], Awaitable[Job]]


@pytest.fixture
def changed(rows: Path, tmp_path: Path) -> Path:
    """The file `rows` with other content, under the same name."""
    other = tmp_path / "changed" / rows.name
    other.parent.mkdir()
    other.write_text(rows.read_text("utf-8").replace("answer 1", "another answer 1"), "utf-8")
    return other


async def both(maas: Resources, rows: Path, changed: Path) -> list[Dataset]:
    """Two versions of the data asset `train`, the older one first."""
    return [await maas.datasets.upload(rows), await maas.datasets.upload(changed)]


async def test_a_data_asset_is_found_by_every_way_to_name_it(maas: Resources, rows: Path, changed: Path) -> None:
    old, new = await both(maas, rows, changed)
    for name in ("train", "train@latest", "azureml:train@latest", f"train:{new.version}", new.id):
        assert (await maas.datasets.get(name)).id == new.id
    assert (await maas.datasets.get("train", old.version)).id == old.id
    assert (await maas.datasets.get(f"azureml:train:{old.version}")).uri == old.uri


async def test_data_is_downloaded_in_its_latest_version(
    maas: Resources, rows: Path, changed: Path, tmp_path: Path
) -> None:
    await both(maas, rows, changed)
    await maas.datasets.download("train@latest", tmp_path / "down.jsonl")
    assert (tmp_path / "down.jsonl").read_bytes() == changed.read_bytes()


async def test_a_job_trains_on_the_latest_version_of_a_name(maas: Resources, rows: Path, changed: Path) -> None:
    _, new = await both(maas, rows, changed)
    for number, name in enumerate(("train", "train@latest")):
        job = await maas.jobs.create(model="Phi-4-mini-instruct", training_data=name, name=f"ft-{number}")
        assert job.training_data == new.id


async def test_training_data_that_is_nothing_names_what_is_near(maas: Resources, rows: Path) -> None:
    await maas.datasets.upload(rows)
    with pytest.raises(InvalidInput, match=r"there is no file 'trian', and no data asset 'trian' .*mean 'train'\?"):
        await maas.jobs.create(model="Phi-4-mini-instruct", training_data="trian")
    for long in ("x" * 5000, "é" * 200, "x" * 300 + "@latest"):  # longer than a file's name can be
        with pytest.raises((InvalidInput, LocalFileError)):
            await maas.jobs.create(model="Phi-4-mini-instruct", training_data=long)
    with pytest.raises(NotFound, match=r"no data asset 'trian' .*did you mean 'train'\?"):
        await maas.jobs.create(model="Phi-4-mini-instruct", training_data="trian@latest")


async def test_the_data_assets_are_listed_with_their_latest_version(maas: Resources, rows: Path, changed: Path) -> None:
    _, new = await both(maas, rows, changed)
    await maas.datasets.upload(rows, name="other")
    listed = await collect(maas.datasets.list())
    assert [(each.name, each.version) for each in listed][1:] == [("train", new.version)]
    assert listed[1].id == new.id
    assert listed[0].name == "other"


async def test_an_archived_version_is_hidden_and_still_usable(maas: Resources, rows: Path, changed: Path) -> None:
    old, new = await both(maas, rows, changed)
    archived = await maas.datasets.delete("train", old.version)
    assert (archived.id, archived.is_archived, archived.uri) == (old.id, True, old.uri)

    async def listed(view: Any) -> set[str]:
        return {each.version for each in await collect(maas.datasets.list("train", view=view))}

    assert await listed("ActiveOnly") == {new.version}
    assert await listed("ArchivedOnly") == {old.version}
    assert await listed("All") == {old.version, new.version}
    assert (await maas.datasets.get(old.id)).is_archived
    assert not (await maas.datasets.restore(old.id)).is_archived
    assert await listed("ActiveOnly") == {old.version, new.version}


async def test_archiving_twice_changes_nothing(maas: Resources, maas_server: Server, rows: Path) -> None:
    await maas.datasets.upload(rows)
    first = await maas.datasets.delete("train")
    before = [entry for entry in maas_server.requests() if entry["method"] == "PUT"]
    assert await maas.datasets.delete("train") == first
    assert [entry for entry in maas_server.requests() if entry["method"] == "PUT"] == before
    assert await collect(maas.datasets.list()) == []


async def test_an_upload_restores_an_archived_version(maas: Resources, rows: Path) -> None:
    await maas.datasets.delete((await maas.datasets.upload(rows)).id)
    assert not (await maas.datasets.upload(rows)).is_archived
    assert [each.name for each in await collect(maas.datasets.list())] == ["train"]


async def test_missing_data_is_reported_with_what_there_is(maas: Resources, maas_server: Server, rows: Path) -> None:
    dataset = await maas.datasets.upload(rows)
    for call in (maas.datasets.get, maas.datasets.delete, maas.datasets.restore):
        with pytest.raises(NotFound, match=r"^no data asset 'trian' in workspace 'work-1'; did you mean 'train'\? \("):
            await call("trian")
        with pytest.raises(
            NotFound, match=f"^no data asset 'train:9' in workspace 'work-1'; the only one is train:{dataset.version} "
        ):
            await call("train:9")
    with pytest.raises(NotFound, match=r"^no data asset 'news' in workspace 'work-1'; the only one is train"):
        await collect(maas.datasets.list("news"))
    with pytest.raises(InvalidInput, match=r"NAME:VERSION, NAME@latest"):
        await maas.datasets.get("no such data")
    maas_server.fault(operation="data.list", status=403, count=None)
    with pytest.raises(NotFound, match=r"^no data asset 'news' in workspace 'work-1' \("):
        await maas.datasets.get("news")


async def test_the_models_of_jobs_are_listed_and_found(maas: Resources, tuned: Tuned) -> None:
    job = await tuned()
    [model] = await collect(maas.models.list())
    assert (model.reference, model.job, model.base_model) == (job.output_model, job.name, job.model)
    for name in (model.name, f"{model.name}@latest", model.reference):
        assert (await maas.models.get(name)).id == model.id
    assert (await maas.models.get(model.name, "1")).id == model.id
    assert await collect(maas.models.list(model.name)) == [model]
    assert await collect(maas.models.list(view="ArchivedOnly")) == []


async def test_a_missing_model_is_reported_with_what_there_is(maas: Resources, tuned: Tuned) -> None:
    job = await tuned()
    name = f"{job.name}-model"
    message = rf"^no model '{name}l' in workspace 'work-1'; did you mean '{name}'\? \("
    with pytest.raises(NotFound, match=message):
        await maas.models.get(f"{name}l")
    with pytest.raises(NotFound, match=message):
        await collect(maas.models.list(f"{name}l"))


async def test_an_archived_job_is_listed_only_when_asked_for(maas: Resources, tuned: Tuned) -> None:
    job = await tuned()
    assert (await maas.jobs.archive(job.studio_url)).name == job.name
    assert await collect(maas.jobs.list()) == []
    assert [each.name for each in await collect(maas.jobs.list(view="ArchivedOnly"))] == [job.name]
    assert (await maas.jobs.restore(job.name)).status == "Completed"
    assert [each.name for each in await collect(maas.jobs.list())] == [job.name]
    for call in (maas.jobs.archive, maas.jobs.restore):
        with pytest.raises(NotFound, match=r"^no job 'nobody' in workspace 'work-1'; the only one is "):
            await call("nobody")
