"""Upload of a file to the datastore: skipped if its content is there, in one request or in blocks, resumable."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ...azure.arm import Arm
from ...azure.workspace import AsyncWorkspace
from ...core.errors import FileChanged, InvalidInput
from ..azureml_layout import SALT, VERSION_LENGTH
from ..container_access import with_container
from ..file_identity import identity_of
from ..file_slice import FileSlice
from ..progress import TransferProgress, reading_reporter
from . import blocks as plan
from .file_upload import FileUpload
from .hashing import Content, FileHashing, Verification
from .journal import Entry, Journal
from .options import Inspection, Options
from .staging import BlobTarget, StagedBytes


@dataclass(frozen=True, slots=True)
class UploadedBlob:
    """The blob of a file's content: its hash, path, the bytes that were sent, and those found on the server."""

    sha256: str
    blob: str
    sent: int = 0
    resumed: int = 0

    @property
    def version(self) -> str:
        """The version that a data asset with this content has."""
        return self.sha256[:VERSION_LENGTH]


class Uploader:
    """Uploads files to a workspace's default datastore, in the layout of Microsoft's SDK."""

    def __init__(self, arm: Arm, workspace: AsyncWorkspace, journal: Journal) -> None:
        self._arm, self._workspace, self._journal = arm, workspace, journal

    async def upload_file(
        self,
        file: Path,
        asset: str,
        options: Options,
        *,
        inspection: Inspection | None = None,
    ) -> UploadedBlob:
        """Upload a file's content to the datastore, unless it is there.

        Args:
            file: an existing file.
            asset: the data asset's name, for the blob's metadata.
            options: options of the upload.
            inspection: receives the file in the same pass as the hash and the checksums. If it objects, nothing is
                committed; a file of one block is sent only after the inspection, a larger one meanwhile.

        Raises:
            InvalidInput: the file cannot be read, its name is not valid for a blob, or `parallel` is less than 1.
            FileChanged: the file differs from the one whose upload was interrupted, or changes meanwhile; the next
                call starts over.
            TransportError, ServiceError: any process can resume the upload where it stopped.
        """
        _check(file)
        wire = self._arm.wire
        identity = await wire.call(partial(identity_of, file))
        entry = await wire.call(partial(self._journal.resumable, file, self._workspace_path, identity))
        listener = None if inspection is None else inspection.listener
        reading = FileHashing(file, identity, checksums=options.checksums, listener=listener, salt=SALT)

        approval = Verification(reading, inspection)
        try:
            content = await wire.call(
                partial(reading.run, reading_reporter(wire, identity.size, options.on_progress, above=plan.BLOCK))
            )
            if entry is not None and entry.sha256 != content.sha256:
                raise self._journal.changed(file, self._workspace_path, "its content differs")
            placed = await self._upload(content, asset, options, approval)
        except InvalidInput:
            self._journal.forget(file, self._workspace_path)  # the staged blocks will never be committed
            raise
        finally:
            reading.close()
        self._journal.forget(file, self._workspace_path)
        return placed

    @property
    def _workspace_path(self) -> str:
        return self._arm.settings.workspace_path

    async def _upload(self, content: Content, asset: str, options: Options, approval: Verification) -> UploadedBlob:
        """Send the content unless the datastore has it; in any case raise the inspection's objection."""
        target = _blob_target_for(content, asset)
        if len(content.blocks) == 1:
            await self._arm.wire.call(approval.wait)  # no part of a small file is sent before it is approved
        there = await with_container(self._workspace, lambda container: container.head(target.blob))
        if there is not None and _is_complete(there, content):
            await self._arm.wire.call(approval.wait)
            return UploadedBlob(content.sha256, target.blob)
        target = replace(target, overwrite=there is not None)
        if len(content.blocks) > 1:
            sent = await self._send(target, content, options, approval)
        else:
            sent = await self._send_at_once(target, content, options)
        return UploadedBlob(content.sha256, target.blob, sent.sent, sent.resumed)

    async def _send(
        self, target: BlobTarget, content: Content, options: Options, approval: Verification
    ) -> StagedBytes:
        """Send a file in blocks, with a journal entry until it is committed, unless the inspection objects."""
        entry = Entry(
            file=str(content.path.absolute()),
            identity=content.identity,
            sha256=content.sha256,
            workspace=self._workspace_path,
            blob=target.blob,
            began=self._arm.wire.now(),
        )
        if options.remember:
            await self._arm.wire.call(partial(self._journal.remember, entry))
        wire, parallel, on_progress = self._arm.wire, options.parallel, options.on_progress
        sending = FileUpload(wire, self._workspace, target, content, parallel=parallel, on_progress=on_progress)
        return await sending.run(may_go_on=approval.raise_if_rejected, may_commit=approval.wait)

    async def _send_at_once(self, target: BlobTarget, content: Content, options: Options) -> StagedBytes:
        """Send a small file in one request."""
        (block,) = content.blocks
        body = await self._arm.wire.call(partial(_read_verified, content))
        await with_container(
            self._workspace,
            lambda container: container.put(
                target.blob, body, md5=block.checksum, metadata=target.metadata, overwrite=target.overwrite
            ),
        )
        if options.on_progress is not None:
            options.on_progress(TransferProgress(block.size, block.size))
        return StagedBytes(block.size, 0)


def _read_verified(content: Content) -> bytes:
    """Return a small file's bytes if they still match its hash; raise FileChanged if they do not.

    They are sent from memory: between two reads a file may change without any change of time or size.
    """
    body = b"".join(FileSlice(content.path, 0, content.identity.size))
    if hashlib.sha256(SALT + body).hexdigest() != content.sha256:
        raise FileChanged(
            f"{content.path} changed before it was sent. Nothing was sent; upload it again once nothing writes to it."
        )
    return body


def _check(file: Path) -> None:
    """Raise InvalidInput for a file name that would fail later."""
    try:
        file.name.encode()
    except UnicodeEncodeError:
        raise InvalidInput(
            f"the file name {file.name!r} cannot be encoded as UTF-8, as a blob name must be; rename it"
        ) from None


def _blob_target_for(content: Content, asset: str) -> BlobTarget:
    return blob_target_for(content.sha256, content.path.name, asset, source=str(content.path))


def blob_target_for(digest: str, name: str, asset: str, *, source: str) -> BlobTarget:
    """Return the blob for content with this hash, with the path and metadata of Microsoft's SDK."""
    metadata = {"upload_status": "completed", "name": asset, "version": digest[:VERSION_LENGTH]}
    return BlobTarget(source=source, blob=f"LocalUpload/{digest}/{name}", metadata=metadata)


def _is_complete(headers: Mapping[str, str], content: Content) -> bool:
    """Return whether a blob has this content and is complete.

    Microsoft's SDK marks a complete blob in its metadata; size and checksum, if there is one, have to match.
    """
    stored = headers.get("content-md5", "")
    known = content.blocks[0].checksum if len(content.blocks) == 1 else ""
    return (
        headers.get("x-ms-meta-upload_status") == "completed"
        and headers.get("content-length") == str(content.identity.size)
        and (not stored or not known or stored == known)
    )
