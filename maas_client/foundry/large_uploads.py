"""Uploads of large files in parts: several at a time, resumed by any process for two hours, completed as one file."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..core.errors import BadRequest, InvalidInput, MaasError, NotFound, ServiceError, UnexpectedReply
from ..core.http_messages import Request
from ..core.json_fields import Document, part, text
from ..core.url_paths import segment
from ..http.channel import OnAttempt
from ..http.json_replies import document_of
from ..http.retry import NON_IDEMPOTENT
from ..transfers.file_identity import FileIdentity, check_unchanged
from ..transfers.file_slice import FileSlice
from ..transfers.uploads.block_sending import BlockSending
from ..transfers.uploads.blocks import timeout_for
from ..transfers.uploads.hashing import Content, Verification
from ..transfers.uploads.journal import Entry, Journal
from ..transfers.uploads.options import Options
from .connection import FoundryConnection
from .file_creation import PURPOSE, CreatedFile, FileCreation, UploadedFile
from .multipart import FormBody

PART = 64 << 20
"""Bytes of a part, as in openai 3.57."""

VALID = 7200.0
"""Seconds for which an upload is valid, if the service does not say until when."""

LEAST_TIME = 60.0
"""Seconds that an interrupted upload must still be valid to be resumed."""

MIME_TYPE = "application/jsonl"

_ENDED = "unexpectedEntityState"
"""The code of errors about an upload that was completed, was canceled or has expired."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part of a file, with its offset and size in bytes."""

    number: int
    offset: int
    size: int


class LargeUploads:
    """Uploads of one account, on its dated API, which alone has them.

    A part that was sent twice and an upload that was begun twice do no harm: `complete` names the parts of the file,
    and the service forgets the rest after two hours. Only `complete` creates a file, and is never repeated blindly.
    """

    def __init__(self, connection: FoundryConnection, creation: FileCreation, journal: Journal) -> None:
        self._connection, self._creation, self._journal = connection, creation, journal
        self._wire = connection.wire

    async def refuse_changed(self, file: Path, identity: FileIdentity) -> None:
        """Raise FileChanged, once, if the upload of a file was interrupted that is another one now."""
        entry = await self._wire.call(partial(self._journal.recall, file, self._place))
        if entry is not None and (how := entry.identity.differs(identity)):
            await self._cancel(entry)
            raise self._journal.changed(file, self._place, how)

    async def send(self, content: Content, filename: str, options: Options, approval: Verification) -> UploadedFile:
        """Upload a file unless the account has it, and return the file, which may not be processed yet.

        Args:
            content: a file and its hash, as one block whose checksum is that of the file, if it was requested.
            filename: its name at the service.
            options: of the upload; `remember` lets another process resume it.
            approval: of the inspection, for which `complete` waits.

        Raises:
            InvalidInput: the inspection rejects the file, or the file changed; the upload is canceled.
            TransportError, ServiceError: the same call resumes.
        """
        size = content.identity.size
        if (found := await self._creation.existing(filename, size)) is not None:
            await self._wire.call(approval.wait)
            self._journal.forget(content.path, self._place)  # of an upload that was killed once it was complete
            return UploadedFile(found)
        entry = await self._resumable(content, filename)
        discarded = 0
        while True:
            is_resumed = entry is not None
            entry = entry or await self._begin(content, filename)
            sending = _Sending(self._connection, self._journal if options.remember else None, content, entry, options)
            try:
                await sending.run(approval)
                created = await self._complete(sending, content, approval)
            except InvalidInput:
                await self._discard(sending.entry)
                raise
            except (BadRequest, NotFound) as error:
                if _is_ended(error):
                    self._forget(sending.entry)
                if not (_is_ended(error) and is_resumed):
                    raise
                entry, discarded = None, discarded + sending.sent
                continue
            self._forget(sending.entry)
            return UploadedFile(created.document, discarded + sending.sent, sending.resumed)

    @property
    def _place(self) -> str:
        return self._connection.settings.account_url

    async def _resumable(self, content: Content, filename: str) -> Entry | None:
        """Return the interrupted upload of a content, if it is still valid; raise FileChanged for another content."""
        entry = await self._wire.call(partial(self._journal.recall, content.path, self._place))
        if entry is None:
            return None
        if entry.sha256 != content.sha256:
            await self._cancel(entry)
            raise self._journal.changed(content.path, self._place, "its content differs")
        is_valid = entry.upload_id and entry.blob == filename
        return entry if is_valid and (entry.expires or 0.0) - LEAST_TIME > self._wire.now() else None

    async def _begin(self, content: Content, filename: str) -> Entry:
        """Begin an upload."""
        body = {"purpose": PURPOSE, "filename": filename, "bytes": content.identity.size, "mime_type": MIME_TYPE}
        document, reply = await self._connection.request("POST", "/uploads", body, base="dated", repeatable=True)
        upload_id, expires, now = text(document, "id"), document.get("expires_at"), self._wire.now()
        if not upload_id:
            raise UnexpectedReply("POST /uploads", status=reply.status, detail="the response has no id of the upload")
        return Entry(
            file=str(content.path.absolute()),
            identity=content.identity,
            sha256=content.sha256,
            workspace=self._place,
            blob=filename,
            began=now,
            upload_id=upload_id,
            expires=float(expires) if isinstance(expires, int | float) else now + VALID,
        )

    async def _complete(self, sending: _Sending, content: Content, approval: Verification) -> CreatedFile:
        """Make the parts a file, once the inspection has approved of it and if it has not changed."""
        await self._wire.call(approval.wait)
        await self._wire.call(partial(check_unchanged, content.path, content.identity, "while it was sent"))
        entry, size, checksum = sending.entry, content.identity.size, content.blocks[0].md5.hex()
        body: dict[str, object] = {"part_ids": sending.part_ids}
        if checksum:
            body["md5"] = checksum
        path = _path(entry, "/complete")

        async def complete() -> Document:
            try:
                document, reply = await self._connection.request(
                    "POST", path, body, base="dated", policy=NON_IDEMPOTENT, timeout=timeout_for(size)
                )
            except (BadRequest, NotFound) as error:
                refused = error
            else:
                if text(document, "file", "id"):
                    return part(document, "file")
                raise UnexpectedReply(f"POST {path}", status=reply.status, detail="the response has no file")
            # Another request, or another process with the same upload, may have completed it: then the file is there.
            found = await self._creation.existing(entry.blob, size)
            if found is not None:
                return found
            if not _is_ended(refused):
                await self._discard(entry)  # with other bytes than those that were hashed
            raise refused

        return await self._creation.once(entry.blob, size, complete)

    async def _discard(self, entry: Entry) -> None:
        """Forget an upload that cannot be completed, and cancel it."""
        self._forget(entry)
        await self._cancel(entry)

    async def _cancel(self, entry: Entry) -> None:
        """Cancel an upload; one that cannot be canceled expires."""
        if not entry.upload_id:
            return
        try:
            await self._connection.request("POST", _path(entry, "/cancel"), base="dated", repeatable=True)
        except MaasError:
            return

    def _forget(self, entry: Entry) -> None:
        self._journal.forget(Path(entry.file), self._place)


class _Sending:
    """The sending of one upload's parts; `entry` has the ids of those that are there."""

    def __init__(
        self, connection: FoundryConnection, journal: Journal | None, content: Content, entry: Entry, options: Options
    ) -> None:
        self._connection, self._journal, self._content, self.entry = connection, journal, content, entry
        self._wire = connection.wire
        self._lock = connection.wire.lock()
        self._parts = _parts_of(content.identity.size)
        self._sending = BlockSending(
            connection.wire,
            self._parts,
            self._put,
            parallel=options.parallel,
            processors=os.cpu_count(),
            on_progress=options.on_progress,
        )

    @property
    def part_ids(self) -> list[str]:
        """The ids of the parts, in their order in the file."""
        return [self.entry.parts[str(each.number)] for each in self._parts]

    @property
    def sent(self) -> int:
        """Bytes that were sent."""
        return self._sending.sent

    @property
    def resumed(self) -> int:
        """Bytes that an interrupted upload had sent."""
        return self._sending.resumed

    async def run(self, approval: Verification) -> None:
        """Send the missing parts; an objection of the inspection ends it before the next one."""
        await self._remember()
        await self._sending.run(lambda each: str(each.number) in self.entry.parts, approval.raise_if_rejected)

    async def _put(self, each: FilePart, on_attempt: OnAttempt) -> None:
        body = FormBody(
            content=FileSlice(self._content.path, each.offset, each.size),
            name="data",
            filename="upload",
            on_read=partial(self._sending.partly, each),
        )
        path = _path(self.entry, "/parts")
        request = Request(
            "POST",
            self._connection.url(path, base="dated"),
            {"Accept": "application/json", "Content-Type": body.content_type},
            body,
            repeatable=True,
            timeout=timeout_for(each.size),
        )
        reply = await self._connection.send(request, on_attempt=on_attempt)
        part_id = text(document_of(request, reply), "id")
        if not part_id:
            raise UnexpectedReply(f"POST {path}", status=reply.status, detail="the response has no id of the part")
        async with self._lock:
            self.entry = replace(self.entry, parts={**self.entry.parts, str(each.number): part_id})
            await self._remember()

    async def _remember(self) -> None:
        if self._journal is not None:
            await self._wire.call(partial(self._journal.remember, self.entry))


def _parts_of(size: int) -> list[FilePart]:
    return [FilePart(number, offset, min(PART, size - offset)) for number, offset in enumerate(range(0, size, PART))]


def _is_ended(error: ServiceError) -> bool:
    """Return whether an error says that an upload was completed, was canceled or has expired."""
    return isinstance(error, NotFound) or error.code == _ENDED


def _path(entry: Entry, action: str) -> str:
    return f"/uploads/{segment(entry.upload_id)}{action}"
