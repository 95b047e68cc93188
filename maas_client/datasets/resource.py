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
from ..errors import DatasetRefused, InvalidInput
from ..names import check_name, slug
from ..values import Text, Value, at
from ..workspace import DEFAULT_DATASTORE, AsyncWorkspace
from .check import Checker, Checking
from .fingerprint import Fingerprint, fingerprint
from .parts import check_file
from .report import Report, Role
from .rows import Task
from .staging import OnProgress, block_size_for, send

VERSION_LENGTH = 16
"""Characters of the content hash that make a data asset's version."""


class Dataset(Value):
    """A version of a data asset. `uri` says where its bytes are; `bytes_sent` what this upload had to send."""

    id: Text = ""
    name: Annotated[Text, at("asset")] = ""
    version: Annotated[Text, at("name")] = ""
    uri: Annotated[Text, at("properties", "dataUri")] = ""
    description: Annotated[Text, at("properties", "description")] = ""
    created_at: Annotated[Text, at("systemData", "createdAt")] = ""
    bytes_sent: int = 0


class AsyncDatasets:
    """Training and validation files."""

    def __init__(self, arm: Arm, workspace: AsyncWorkspace) -> None:
        self._arm, self._workspace = arm, workspace

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
            partial(check_file, _existing(path), Checking(model=facts, task=task, role=role))
        )

    async def upload(
        self,
        path: str | PathLike[str],
        *,
        name: str | None = None,
        check: bool = True,
        model: str | None = None,
        task: Task | None = None,
        role: Role = "training",
        on_progress: OnProgress | None = None,
    ) -> Dataset:
        """Upload a file to the default datastore and register it as a data asset.

        The blob's path and the asset's version follow from the content, so that the same content is sent once, and
        Microsoft's SDK recognises it (and its uploads are recognised here).

        Args:
            path: a JSONL file.
            name: the data asset's name, by default made of the file's.
            check: check the rows first and refuse a file that the service would refuse.
            model: the base model to check for.
            task: chat or text; told from the rows when left out.
            role: training or validation.
            on_progress: called with a Progress (bytes sent, bytes in all), possibly from another thread.

        Returns:
            The data asset, which `jobs.create` takes as it is.

        Raises:
            DatasetRefused: the service would refuse the file; nothing was sent.
            InvalidInput: there is no such file, or the name is none for a data asset.
        """
        file = _existing(path)
        asset = check_name("data asset", name) if name else slug(file.stem)
        facts = find(model) if model else None
        checking = Checking(task=task, model=facts, role=role, survey=False)
        checker = checking.checker(name=file.name) if check else None
        reading = await self._arm.wire.call(partial(_read, file, checker))
        return await self._place(file, asset, reading, on_progress)

    async def get(self, name: str, version: str) -> Dataset:
        """Return a version of a data asset; raise NotFound without one."""
        return _dataset(name, await self._arm.get(_asset_path(name, version)))

    async def list(self, name: str) -> AsyncIterator[Dataset]:
        """Yield the versions of a data asset, newest first; pages are fetched as they are needed."""
        async for document in self._arm.pages(f"/data/{segment(name)}/versions"):
            yield _dataset(name, document)

    async def _place(self, file: Path, asset: str, reading: Fingerprint, on_progress: OnProgress | None) -> Dataset:
        """Send what the datastore does not have yet, then register it."""
        version = reading.sha256[:VERSION_LENGTH]
        blob = f"LocalUpload/{reading.sha256}/{file.name}"
        container = await self._workspace.container()
        metadata = {"upload_status": "completed", "name": asset, "version": version}
        sent = 0
        there = await container.head(blob)
        if there is None or there.get("x-ms-meta-upload_status") != "completed":
            sent = await send(
                container, blob, file, reading, metadata=metadata, overwrite=there is not None, on_progress=on_progress
            )
        path = _asset_path(asset, version)
        document = await self._arm.find(path)
        if document is None:
            uri = f"azureml://datastores/{DEFAULT_DATASTORE}/paths/{blob}"
            body = {"properties": {"dataType": "uri_file", "dataUri": uri, "isAnonymous": False, "isArchived": False}}
            document, _ = await self._arm.create(path, body)
        return _dataset(asset, document).model_copy(update={"bytes_sent": sent})


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


def _existing(path: str | PathLike[str]) -> Path:
    file = Path(path)
    if file.is_file():
        return file
    raise InvalidInput(f"there is no file {str(file)!r}" if not file.exists() else f"{str(file)!r} is no file")


def _read(file: Path, checker: Checker | None) -> Fingerprint:
    """Read a file once, for its fingerprint and for the check; raise DatasetRefused when the check says no."""
    listeners = [] if checker is None else [checker.feed]
    reading = fingerprint(file, block_size=block_size_for(file.stat().st_size), listeners=listeners)
    report = None if checker is None else checker.finish()
    if report is not None and not report.ok:
        raise DatasetRefused(report.refusal(str(file)), report)
    return reading
