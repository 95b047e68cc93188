"""Datasets: check, upload, download, get, list. Uploads are identified by content, so each is sent once."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from ..catalog.lookup import find_model
from ..catalog.tuning_methods import TuningMethod
from ..core.arguments import COUNT, takes_numbers
from ..core.blocking import Blocking, blocking
from ..core.local_files import check_path, reports_file_errors
from ..core.names import check_name, slug
from ..core.secret_arguments import takes_secrets
from ..core.secret_text import SecretText, SecretUrl, is_url
from ..transfers.progress import OnProgress
from ..transfers.sources import Source, as_file, is_on_disk
from ..transfers.uploads.options import PARALLEL, Inspection, Options
from .backend import DatasetBackend, ListView
from .check.checker import Checker, CheckOptions
from .check.report import Role
from .dataset import Dataset
from .errors import DatasetRefused
from .local import LocalDatasets
from .rows.schemas import Task

if TYPE_CHECKING:
    from ..transfers.downloads.result import Downloaded


class AsyncDatasets(LocalDatasets):
    """Training and validation files."""

    def __init__(self, backend: DatasetBackend) -> None:
        super().__init__(backend.wire, backend.surface)
        self._backend = backend

    @takes_secrets("source", kind=SecretUrl, only=is_url)
    @takes_numbers(parallel=COUNT)
    @reports_file_errors
    async def upload(
        self,
        source: Source,
        *,
        name: str | None = None,
        filename: str | None = None,
        check: bool = True,
        model: str | None = None,
        task: Task | None = None,
        method: TuningMethod | None = None,
        role: Role = "training",
        parallel: int = PARALLEL,
        checksums: bool = True,
        on_progress: OnProgress | None = None,
    ) -> Dataset:
        """Upload a file: to the default datastore, as a data asset, or to the files of a Foundry account.

        Its name and version follow from the content, so the same content is sent once; on Azure Machine Learning
        Microsoft's SDK recognises it (and its uploads are recognised here). The file is read once, for its hash, the
        check and the checksums, and then sent. A large file is sent in parts; after an interruption the same call, in
        any process, sends what the server does not have.

        Args:
            source: a JSONL file's path; or its content as bytes, an open binary file, rows from any iterable (with the
                asynchronous client from an asynchronous one, too), or a URL that fsspec opens: these are written to a
                temporary file first.
            name: the data asset's name, by default made of the file's.
            filename: the file's name in the datastore, where the source has none (data.jsonl).
            check: check the rows first and reject a file that the service would reject.
            model: the base model to check for.
            task: chat or text; detected from the rows by default.
            method: Foundry: the method that the rows are for; detected from them by default.
            role: training or validation.
            parallel: most blocks in flight; fewer while the service or the network is overloaded, and no
                more than there are processors (at least two) where the network is not the bottleneck.
            checksums: let the service verify each block's MD5, computed as it was read. Without them reading is two
                to three times as fast, only TLS protects the content, and only the file's times reveal changes.
            on_progress: called with a TransferProgress (bytes), possibly from another thread; for a file of more than
                8 MiB it first reports how far it was read.

        Returns:
            The data asset, which `jobs.create` accepts.

        Raises:
            DatasetRefused: the service would reject the file; nothing was committed. One of up to 8 MiB was not sent;
                of a larger one blocks may have been, until the check ended, which the service forgets.
            FileChanged: the file changed since its upload was interrupted, or changes while it is sent.
            InvalidInput: there is no such file, or the name is not valid for a data asset.
        """
        asset = check_name("data asset", name) if name else None
        surface = self._backend.surface
        checking = CheckOptions(
            task=task,
            model=find_model(model) if model and surface == "azureml" else None,
            role=role,
            survey=False,
            surface=surface,
            method=method,
            foundry_model=model if surface == "foundry" else None,
        )
        async with as_file(self._wire, source, filename) as file:
            asset = asset or slug(file.stem)
            options = Options(
                parallel=parallel, checksums=checksums, on_progress=on_progress, remember=is_on_disk(source)
            )
            inspection = None
            if check:
                checker = checking.checker(name=file.name)
                inspection = Inspection(checker.feed, partial(_verdict, file if is_on_disk(source) else None, checker))
            return await self._backend.upload(file, asset, options, inspection=inspection)

    @takes_secrets("url", kind=SecretUrl)
    @takes_numbers(parallel=COUNT)
    @reports_file_errors
    async def copy(
        self,
        url: str | SecretText,
        *,
        name: str | None = None,
        filename: str | None = None,
        parallel: int = PARALLEL,
        on_progress: OnProgress | None = None,
    ) -> Dataset:
        """Let the service copy a file from a URL into the default datastore, and register it as a data asset.

        No data passes through this machine, so nothing is checked here, and the asset's version follows from the
        URL and the state of the file there, not from the content. The file is fetched in ranges, all of one
        state; after an interruption the same call, in any process, copies what is missing
        (learn.microsoft.com/rest/api/storageservices/put-block-from-url).

        On Foundry the account imports the file, of up to 512 MB, in one request, and the call waits for the end of it.

        Args:
            url: an https URL that the service can read as it is: public, or with a SAS.
            name: the data asset's name, by default made of the file's.
            filename: the file's name in the datastore, by default that of the URL.
            parallel: ranges of 64 MiB in flight at once.
            on_progress: called with a TransferProgress (bytes), possibly from another thread.

        Returns:
            The data asset, which `jobs.create` accepts.

        Raises:
            InvalidInput: the source sends no ETag or Last-Modified, or there is no name for it.
            UntrustedHost: the URL is not https.
            NotFound, PermissionDenied: from the source. BadRequest: it does not answer HEAD, or redirects.
            Conflict: the source changed while it was copied.
            TransportError, ServiceError: the same call resumes; `CannotVerifyCopySource` is the code if
                the service cannot read the source.
            OperationFailed: Foundry could not import the file, with its reason.
        """
        asset = check_name("data asset", name) if name else None
        return await self._backend.copy(
            SecretUrl.of(url), name=asset, filename=filename, parallel=parallel, on_progress=on_progress
        )

    @takes_numbers(parallel=COUNT)
    @reports_file_errors
    async def download(
        self,
        data: str | Dataset,
        out: str | PathLike[str],
        *,
        overwrite: bool = False,
        parallel: int = PARALLEL,
        on_progress: OnProgress | None = None,
    ) -> Downloaded:
        """Download a data asset's file, or its folder, or the content of a file of Foundry.

        It is downloaded in ranges to a temporary file next to its target, which is renamed once it is complete and
        matches the hashes of the service. After an interruption the same call, in any process, downloads what is
        missing. An existing file with the same content is left as it is. Files are readable only by their owner.
        Foundry has no hashes: a file that was uploaded here has one in its name, and of others the size is compared.

        Args:
            data: `NAME:VERSION`, `NAME@latest` or the id of a data asset or file, what `upload` returned, or an
                `azureml://` URI of a file or folder in a datastore.
            out: the file to write; a folder, or a path that ends with a slash, for the file under its own name or for
                the files of a folder. Folders are made as needed.
            overwrite: replace existing files that have other content.
            parallel: ranges, or small files, in flight at once.
            on_progress: called with a TransferProgress (bytes), possibly from another thread; `sent` was downloaded,
                and `resumed` was already here.

        Returns:
            Each file with its path, its size, and how its content was verified.

        Raises:
            InvalidInput: a file exists with other content; another workspace's data; another download to this path.
            NotFound: there is no such asset, or no content where it points.
            Conflict: the content changed while it was downloaded.
            UnexpectedReply: the content does not match the service's hash, or a name could lead out of the folder.
            TransportError, ServiceError: the same call resumes.
        """
        from ..transfers.downloads.options import Options as DownloadOptions

        options = DownloadOptions(overwrite=overwrite, parallel=parallel, on_progress=on_progress)
        check_path(out)
        into = os.fspath(out).endswith(("/", os.sep))
        return await self._backend.download(data, Path(out), options, into=into)

    async def get(self, name: str, version: str | None = None) -> Dataset:
        """Return a version of a data asset.

        Args:
            name: the asset's name; without `version` also `NAME:VERSION`, `NAME@latest`, which a name alone means too,
                or the id of a version.
            version: the version.

        Raises:
            NotFound: there is no such version; the message has the nearest names that there are.
        """
        return await self._backend.get(name, version)

    async def list(self, name: str | None = None, *, view: ListView = "ActiveOnly") -> AsyncIterator[Dataset]:
        """Yield data assets, or the files for training of a Foundry account; pages are fetched as they are needed.

        Args:
            name: an asset, for its versions, newest first; without it, every asset of the workspace, as its latest
                version and without its `uri`. A file of another client of Foundry has its file name as name, and its
                id as version.
            view: chooses archived ones.

        Raises:
            NotFound: there is no asset of this name.
            NotOffered: archived files of Foundry, which has none.
        """
        async for dataset in self._backend.list(name, view=view):
            yield dataset

    async def delete(self, name: str, version: str | None = None) -> Dataset:
        """Archive a version of a data asset, or delete a file of Foundry, and return it as it was.

        Azure Machine Learning has no other deletion of data assets, because jobs refer to them: the data is kept. An
        archived version is not listed, can still be used, and `restore` or an upload of the same content lists it
        again. A file of Foundry is gone with its content. Arguments and errors are those of `get`.
        """
        return await self._backend.delete(name, version)

    async def restore(self, name: str, version: str | None = None) -> Dataset:
        """List an archived version of a data asset again, and return it; arguments and errors are those of `get`.

        Raises NotOffered on Foundry, which deletes files.
        """
        return await self._backend.restore(name, version)


class Datasets(Blocking[AsyncDatasets]):
    """Training and validation files."""

    check = blocking(AsyncDatasets.check)
    fix = blocking(AsyncDatasets.fix)
    convert = blocking(AsyncDatasets.convert)
    split = blocking(AsyncDatasets.split)
    estimate = blocking(AsyncDatasets.estimate)
    upload = blocking(AsyncDatasets.upload)
    copy = blocking(AsyncDatasets.copy)
    download = blocking(AsyncDatasets.download)
    get = blocking(AsyncDatasets.get)
    list = blocking(AsyncDatasets.list)
    delete = blocking(AsyncDatasets.delete)
    restore = blocking(AsyncDatasets.restore)


def _verdict(file: Path | None, checker: Checker) -> None:
    """Raise DatasetRefused if the check of the whole content failed; `file` is None for content without a file."""
    report = checker.finish()
    if not report.ok:
        name = "the data" if file is None else str(file)
        raise DatasetRefused(report.refusal(name, is_file=file is not None), report)
