"""Data sets: check, upload, get, list. An upload is recognised by its content, and so sent once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Annotated

from ..arm import Arm, segment
from ..blocking import Blocking, blocking
from ..catalog import find
from ..documents import Document
from ..errors import DatasetRefused
from ..names import check_name, slug
from ..uploads.engine import PARALLEL
from ..uploads.journal import own_journal
from ..uploads.progress import OnProgress
from ..uploads.sources import Source, as_file, existing, is_on_disk
from ..uploads.uploader import Placed, Uploader
from ..values import Text, Value, at
from ..workspace import DEFAULT_DATASTORE, AsyncWorkspace
from .check import Checker, Checking
from .parts import check_file
from .report import Report, Role
from .rows import Task


class Dataset(Value):
    """A version of a data asset.

    `uri` says where its bytes are. Of this upload, `bytes_sent` went over the network, and `bytes_resumed` were at the
    server from one that was interrupted.
    """

    id: Text = ""
    name: Annotated[Text, at("asset")] = ""
    version: Annotated[Text, at("name")] = ""
    uri: Annotated[Text, at("properties", "dataUri")] = ""
    description: Annotated[Text, at("properties", "description")] = ""
    created_at: Annotated[Text, at("systemData", "createdAt")] = ""
    bytes_sent: int = 0
    bytes_resumed: int = 0


class AsyncDatasets:
    """Training and validation files."""

    def __init__(self, arm: Arm, workspace: AsyncWorkspace) -> None:
        self._arm = arm
        self._uploader = Uploader(arm, workspace, own_journal())

    async def check(
        self,
        path: str | PathLike[str],
        *,
        model: str | None = None,
        task: Task | None = None,
        role: Role = "training",
    ) -> Report:
        """Say what the service would make of every row of a file; no request is sent.

        Args:
            path: a JSONL file.
            model: the base model, for what its chat template drops.
            task: chat or text; told from the rows when left out.
            role: training or validation.

        Returns:
            The report; `report.ok` says whether the service would accept the file.

        Raises:
            UnknownModel: the catalogue has no such model.
            InvalidInput: there is no such file.
        """
        facts = find(model) if model else None
        return await self._arm.wire.call(
            partial(check_file, existing(path), Checking(model=facts, task=task, role=role))
        )

    async def upload(
        self,
        source: Source,
        *,
        name: str | None = None,
        filename: str | None = None,
        check: bool = True,
        model: str | None = None,
        task: Task | None = None,
        role: Role = "training",
        parallel: int = PARALLEL,
        on_progress: OnProgress | None = None,
    ) -> Dataset:
        """Upload a file to the default datastore and register it as a data asset.

        The blob's path and the asset's version follow from the content, so that the same content is sent once, and
        Microsoft's SDK recognises it (and its uploads are recognised here). A file of more than 8 MiB goes in blocks,
        while it is checked; after an interruption the same call, in any process, sends what the server does not have.

        Args:
            source: a JSONL file's path; or its content as bytes, an open binary file, rows from any iterable (with the
                asynchronous client from an asynchronous one, too), or a URL that fsspec opens: these are written to a
                temporary file first.
            name: the data asset's name, by default made of the file's.
            filename: the file's name in the datastore, where the source has none (data.jsonl).
            check: check the rows first and refuse a file that the service would refuse.
            model: the base model to check for.
            task: chat or text; told from the rows when left out.
            role: training or validation.
            parallel: blocks under way at once, in calm; fewer while the service or the network is overloaded.
            on_progress: called with a Progress, in bytes, possibly from another thread.

        Returns:
            The data asset, which `jobs.create` takes as it is.

        Raises:
            DatasetRefused: the service would refuse the file; nothing was committed.
            FileChanged: the file is not the one whose upload was interrupted, or changes while it is sent.
            InvalidInput: there is no such file, or the name is none for a data asset.
        """
        asset = check_name("data asset", name) if name else None
        facts = find(model) if model else None
        async with as_file(self._arm.wire, source, filename) as file:
            asset = asset or slug(file.stem)
            place = partial(
                self._uploader.place,
                file,
                asset,
                parallel=parallel,
                on_progress=on_progress,
                remember=is_on_disk(source),
            )
            if check:
                checker = Checking(task=task, model=facts, role=role, survey=False).checker(name=file.name)
                placed = await place(listeners=[checker.feed], may_commit=partial(_verdict, file, checker))
            else:
                placed = await place()
            return await self._register(asset, placed)

    async def get(self, name: str, version: str) -> Dataset:
        """Return a version of a data asset; raise NotFound without one."""
        return _dataset(name, await self._arm.get(_asset_path(name, version)))

    async def list(self, name: str) -> AsyncIterator[Dataset]:
        """Yield the versions of a data asset, newest first; pages are fetched as they are needed."""
        async for document in self._arm.pages(f"/data/{segment(name)}/versions"):
            yield _dataset(name, document)

    async def _register(self, asset: str, placed: Placed) -> Dataset:
        """Make a data asset of a blob, unless there is one."""
        path = _asset_path(asset, placed.version)
        document = await self._arm.find(path)
        if document is None:
            uri = f"azureml://datastores/{DEFAULT_DATASTORE}/paths/{placed.blob}"
            body = {"properties": {"dataType": "uri_file", "dataUri": uri, "isAnonymous": False, "isArchived": False}}
            document, _ = await self._arm.create(path, body)
        return _dataset(asset, document).model_copy(update={"bytes_sent": placed.sent, "bytes_resumed": placed.resumed})


class Datasets(Blocking[AsyncDatasets]):
    """Training and validation files."""

    check = blocking(AsyncDatasets.check)
    upload = blocking(AsyncDatasets.upload)
    get = blocking(AsyncDatasets.get)
    list = blocking(AsyncDatasets.list)


def _asset_path(name: str, version: str) -> str:
    return f"/data/{segment(name)}/versions/{segment(version)}"


def _dataset(name: str, document: Document) -> Dataset:
    """Read a data version's document, whose own name is the version."""
    return Dataset.read({**document, "asset": name})


def _verdict(file: Path, checker: Checker) -> None:
    """Raise DatasetRefused when a check that has seen the whole file says no."""
    report = checker.finish()
    if not report.ok:
        raise DatasetRefused(report.refusal(str(file)), report)
