"""Datasets of an Azure Machine Learning workspace: files in its default datastore, registered as data assets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..azure.arm import Arm
from ..azure.workspace import DEFAULT_DATASTORE, AsyncWorkspace
from ..core.errors import InvalidInput
from ..core.local_files import check_file_name
from ..core.names import slug
from ..core.redaction import redact
from ..core.secret_text import SecretText
from ..core.surfaces import Surface
from ..transfers.progress import OnProgress
from ..transfers.uploads.journal import own_journal
from ..transfers.uploads.options import Inspection, Options
from ..transfers.uploads.uploader import UploadedBlob, Uploader, blob_target_for
from ..wire import Wire
from .backend import ListView
from .data_assets import DataAssets
from .dataset import Dataset

if TYPE_CHECKING:
    from ..transfers.downloads.datastore_uri import DatastorePath
    from ..transfers.downloads.options import Options as DownloadOptions
    from ..transfers.downloads.result import Downloaded


class AzureMLDatasets:
    """Implements DatasetBackend."""

    surface: Surface = "azureml"

    def __init__(self, arm: Arm, workspace: AsyncWorkspace) -> None:
        self._arm, self._workspace = arm, workspace
        self._assets = DataAssets(arm)
        self._uploader = Uploader(arm, workspace, own_journal())

    @property
    def wire(self) -> Wire:
        """The I/O: it sends requests, sleeps and has the clock."""
        return self._arm.wire

    async def upload(self, file: Path, name: str, options: Options, *, inspection: Inspection | None) -> Dataset:
        """Upload a file to the default datastore, and register it as a data asset.

        The blob's path and the asset's version follow from the content, so the same content is sent once, and
        Microsoft's SDK recognises it (and its uploads are recognised here).
        """
        placed = await self._uploader.upload_file(file, name, options, inspection=inspection)
        return await self._register(name, placed)

    async def copy(
        self, url: SecretText, *, name: str | None, filename: str | None, parallel: int, on_progress: OnProgress | None
    ) -> Dataset:
        """Let the service copy a file from a URL into the default datastore, and register it as a data asset.

        The file is fetched in ranges, all of one state; after an interruption the same call, in any process, copies
        what is missing (learn.microsoft.com/rest/api/storageservices/put-block-from-url).
        """
        from ..transfers.uploads.remote_file import read_source
        from ..transfers.uploads.url_copy import copy

        remote = await read_source(self._arm.wire, url, loopback=self._arm.settings.trust.loopback)
        file = filename or remote.name
        if not file or "/" in file:
            raise InvalidInput(f"{redact(remote.place)} has no file name; pass one without folders (`filename`)")
        check_file_name(file)
        asset = name or slug(Path(file).stem)
        goal = blob_target_for(remote.digest, file, asset, source=redact(remote.place))
        sent = await copy(self._arm.wire, self._workspace, goal, remote, parallel=parallel, on_progress=on_progress)
        return await self._register(asset, UploadedBlob(remote.digest, goal.blob, 0, sent.resumed))

    async def download(self, data: str | Dataset, out: Path, options: DownloadOptions, *, into: bool) -> Downloaded:
        """Download a data asset's file, or its folder."""
        from ..transfers.downloads.downloader import Downloader

        place = await self._place(data)
        return await Downloader(self._arm.wire, self._workspace).download(place, out, options, into=into)

    async def _place(self, data: str | Dataset) -> DatastorePath:
        """Return the path of a data asset's content."""
        from ..transfers.downloads.datastore_uri import datastore_path_of

        uri = data if isinstance(data, str) else data.uri
        if isinstance(data, str) and self._assets.names_version(data):
            uri = (await self.get(data, None)).uri
        place = datastore_path_of(uri, self._arm.settings)
        if place is None:
            raise InvalidInput(
                f"{uri!r} is not a data asset (NAME:VERSION, NAME@latest or its id), and nothing in a datastore of the "
                "workspace (azureml://datastores/…/paths/…)"
            )
        return place

    async def get(self, name: str, version: str | None) -> Dataset:
        """Return a version of a data asset."""
        return await self._assets.get(name, version)

    async def list(self, name: str | None, *, view: ListView) -> AsyncIterator[Dataset]:
        """Yield the data assets of the workspace, or the versions of one."""
        async for dataset in self._assets.list(name, view=view):
            yield dataset

    async def delete(self, name: str, version: str | None) -> Dataset:
        """Archive a version: there is no other deletion of data assets, because jobs refer to them."""
        return await self._assets.archive(name, version, archived=True)

    async def restore(self, name: str, version: str | None) -> Dataset:
        """List an archived version again."""
        return await self._assets.archive(name, version, archived=False)

    async def _register(self, asset: str, placed: UploadedBlob) -> Dataset:
        """Register a blob as a data asset, unless it is registered."""
        uri = f"azureml://datastores/{DEFAULT_DATASTORE}/paths/{placed.blob}"
        dataset = await self._assets.register(asset, placed.version, uri)
        return dataset.model_copy(update={"bytes_sent": placed.sent, "bytes_resumed": placed.resumed})
