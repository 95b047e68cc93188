"""Datasets of Foundry: the files of an account, each uploaded once and ready for jobs when it is processed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InvalidInput, NotFound, UnexpectedReply
from ..core.http_messages import Request
from ..core.json_fields import Document, text
from ..core.local_files import check_file_name
from ..core.names import slug
from ..core.redaction import redact
from ..core.secret_text import SecretText
from ..core.surfaces import Surface, not_offered
from ..core.url_paths import segment
from ..datasets.backend import ListView
from ..datasets.dataset import Dataset
from ..http.json_replies import document_of
from ..http.retry import NON_IDEMPOTENT
from ..transfers.file_identity import check_unchanged, identity_of
from ..transfers.file_slice import FileSlice
from ..transfers.progress import OnProgress, ProgressCounter, TransferProgress, reading_reporter, sending_reporter
from ..transfers.uploads.blocks import BLOCK, timeout_for
from ..transfers.uploads.hashing import Content, FileHashing, Verification
from ..transfers.uploads.options import Inspection, Options
from ..wire import Wire
from .connection import FoundryConnection
from .file_creation import PURPOSE, FileCreation, UploadedFile
from .file_names import (
    COPIED,
    VERSION_LENGTH,
    content_hash,
    dataset_of,
    file_name,
    is_id,
    missing,
    name_and_version,
    newest_first,
)
from .file_processing import until_processed
from .multipart import FormBody
from .url_import import import_from_url

if TYPE_CHECKING:
    from ..transfers.downloads.options import Options as DownloadOptions
    from ..transfers.downloads.result import Downloaded
    from .file_download import StoredFile
    from .large_uploads import LargeUploads

LARGEST_FILE = 512_000_000
"""Largest file in bytes that one request may upload (`MaxTrainingFileSize` of an account's capabilities)."""

LARGEST_UPLOAD = 9 << 30
"""Largest file in bytes that can be uploaded in parts."""


class FoundryFiles:
    """Implements DatasetBackend."""

    surface: Surface = "foundry"

    def __init__(self, connection: FoundryConnection) -> None:
        self._connection = connection
        self._creation = FileCreation(connection)

    @property
    def wire(self) -> Wire:
        """The I/O: it sends requests, sleeps and has the clock."""
        return self._connection.wire

    async def upload(self, file: Path, name: str, options: Options, *, inspection: Inspection | None) -> Dataset:
        """Upload a file's content, unless the account has it, and wait until it is processed.

        The file's name there contains the content's hash, so that the same content is uploaded once.
        """
        file_name(name, "")  # before the file is read
        wire = self.wire
        identity = await wire.call(partial(identity_of, file))
        is_large = identity.size > LARGEST_FILE
        if identity.size > LARGEST_UPLOAD:
            raise _too_large(str(file), identity.size, LARGEST_UPLOAD)
        if is_large:
            await self._large_uploads.refuse_changed(file, identity)
        reading = FileHashing(
            file,
            identity,
            block_size=max(identity.size, 1),
            checksums=is_large and options.checksums,
            listener=None if inspection is None else inspection.listener,
        )
        try:
            reporter = reading_reporter(wire, identity.size, options.on_progress, above=BLOCK)
            content = await wire.call(partial(reading.run, reporter))
            filename = file_name(name, content.sha256[:VERSION_LENGTH])
            approval = Verification(reading, inspection)
            send = self._large_uploads.send if is_large else self._send
            async with self._creation.turn(filename):
                uploaded = await send(content, filename, options, approval)
        finally:
            reading.close()
        document = await until_processed(self._connection, uploaded.document, f"the same upload of {str(file)!r}")
        dataset = dataset_of(document)
        return dataset.model_copy(update={"bytes_sent": uploaded.sent, "bytes_resumed": uploaded.resumed})

    @cached_property
    def _large_uploads(self) -> LargeUploads:
        from ..transfers.uploads.journal import own_journal
        from .large_uploads import LargeUploads

        return LargeUploads(self._connection, self._creation, own_journal())

    async def _send(self, content: Content, filename: str, options: Options, approval: Verification) -> UploadedFile:
        """Send a file in one request, unless the account has it; nothing is sent before the inspection's approval."""
        size = content.identity.size
        await self.wire.call(approval.wait)
        post = partial(self._post, filename, content, options.on_progress)
        created = await self._creation.once(filename, size, post)
        return UploadedFile(created.document, size if created.is_new else 0)

    async def _post(self, filename: str, content: Content, on_progress: OnProgress | None) -> Document:
        """Send a file in one request, and return its document; never twice if the outcome is unknown."""
        size = content.identity.size
        await self.wire.call(partial(check_unchanged, content.path, content.identity, "before it was sent"))
        body = FormBody(
            content=FileSlice(content.path, 0, size),
            name="file",
            filename=filename,
            fields={"purpose": PURPOSE},
            sha256=content.sha256,
            on_read=sending_reporter(self.wire, size, on_progress),
        )
        request = Request(
            "POST",
            self._connection.url("/files"),
            {"Accept": "application/json", "Content-Type": body.content_type},
            body,
            timeout=timeout_for(size),
        )
        reply = await self._connection.send(request, policy=NON_IDEMPOTENT)
        document = document_of(request, reply)
        if not text(document, "id"):
            raise UnexpectedReply("POST /files", status=reply.status, detail="the response has no id of the file")
        return document

    async def copy(
        self, url: SecretText, *, name: str | None, filename: str | None, parallel: int, on_progress: OnProgress | None
    ) -> Dataset:
        """Let the service import a file from a URL, and wait until it is processed.

        The content is not known here, so that the version follows from the URL and the state of the file there.
        """
        from ..transfers.uploads.remote_file import read_source

        del parallel  # one request
        remote = await read_source(self.wire, url, loopback=self._connection.settings.trust.loopback)
        source = filename or remote.name
        if not source or "/" in source:
            raise InvalidInput(f"{redact(remote.place)} has no file name; pass one without folders (`filename`)")
        check_file_name(source)
        if remote.size > LARGEST_FILE:
            raise _too_large(redact(remote.place), remote.size, LARGEST_FILE)
        stored = file_name(name or slug(Path(source).stem), f"{COPIED}{remote.digest}"[:VERSION_LENGTH])
        post = partial(import_from_url, self._connection, stored, url)
        async with self._creation.turn(stored):
            created = await self._creation.once(stored, remote.size, post)
        document = await until_processed(self._connection, created.document, "the same copy")
        if on_progress is not None:
            on_progress(TransferProgress(remote.size, remote.size))
        return dataset_of(document)

    async def download(self, data: str | Dataset, out: Path, options: DownloadOptions, *, into: bool) -> Downloaded:
        """Download a file's content to `out`, or under its name at the service into a folder."""
        from ..transfers.downloads.result import Downloaded
        from ..transfers.downloads.safe_paths import targets_below
        from .file_download import FileDownload

        dataset = await self.get(data if isinstance(data, str) else data.id, None)
        stored = _stored(dataset)
        into = into or await self.wire.call(out.is_dir)
        target = targets_below(out, [stored.filename], f"file {stored.id}")[0] if into else out
        progress = ProgressCounter(self.wire, stored.size, options.on_progress)
        file = await FileDownload(self._connection, stored, target).run(progress, overwrite=options.overwrite)
        return Downloaded(path=target, files=(file,))

    async def get(self, name: str, version: str | None) -> Dataset:
        """Return a file by its name and version, `NAME:VERSION`, `NAME@latest`, name (the newest version) or id."""
        if version is None and is_id(name):
            document = await self._connection.find(f"/files/{segment(name)}")
            if document is not None:
                return dataset_of(document)
        wanted, wanted_version = name_and_version(name, version)
        there = await self._all()
        for dataset in there:
            if wanted in (dataset.name, dataset.id) and wanted_version in (None, dataset.version):
                return dataset
        raise missing(f"GET {self._connection.url('/files')}", wanted, wanted_version, there)

    async def list(self, name: str | None, *, view: ListView) -> AsyncIterator[Dataset]:
        """Yield the newest version of each file for training, or the versions of one name, newest first."""
        if view != "ActiveOnly":
            raise not_offered(
                "a list of archived datasets", "foundry", offered_by="azureml", instead="Files are deleted instead."
            )
        there = await self._all()
        newest = dict.fromkeys(dataset.name for dataset in there)
        if name is not None and name not in newest:
            raise missing(f"GET {self._connection.url('/files')}", name, None, there)
        for dataset in there:
            if name is not None and dataset.name == name:
                yield dataset
            elif name is None and dataset.name in newest:
                del newest[dataset.name]
                yield dataset

    async def _all(self) -> Sequence[Dataset]:
        """Return the files for training, newest first; an account has a hundred at most."""
        listed = self._connection.pages("/files", {"purpose": PURPOSE})
        # A server may ignore the filter.
        documents = [document async for document in listed if text(document, "purpose") in {PURPOSE, ""}]
        return newest_first(map(dataset_of, documents))

    async def delete(self, name: str, version: str | None) -> Dataset:
        """Delete a file with its content, and return it as it was."""
        dataset = await self.get(name, version)
        path = f"/files/{segment(dataset.id)}"
        try:
            document, reply = await self._connection.request("DELETE", path)
        except NotFound:
            return dataset  # an attempt whose response was lost has deleted it
        if document and document.get("deleted") is not True:
            raise UnexpectedReply(f"DELETE {path}", status=reply.status, detail="the response does not confirm it")
        return dataset

    async def restore(self, name: str, version: str | None) -> Dataset:
        """Raise NotOffered: a deleted file is gone."""
        del name, version
        instead = "A deleted file is gone: upload it again."
        raise not_offered("datasets.restore", "foundry", offered_by="azureml", instead=instead)


def _stored(dataset: Dataset) -> StoredFile:
    """Return what a download needs to know; raise InvalidInput for a file whose size is not known yet."""
    from .file_download import StoredFile

    size, created = dataset.raw.get("bytes"), dataset.created
    if not isinstance(size, int) or size < 0:
        raise InvalidInput(f"{dataset.id} is {dataset.status or 'not processed'}: it has no content to download yet")
    filename = text(dataset.raw, "filename") or dataset.id
    return StoredFile(
        id=dataset.id,
        filename=filename,
        size=size,
        digest=content_hash(filename),
        created=None if created is None else int(created.timestamp()),
    )


def _too_large(file: str, size: int, most: int) -> InvalidInput:
    return InvalidInput(f"{file} has {size:,} bytes; Azure AI Foundry takes at most {most:,} this way")
