"""Download of a file's content: one stream to a part file, resumed after an interruption, verified by its name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..core.errors import ReplyLost, UnexpectedReply
from ..core.http_messages import Request
from ..core.text import one_line
from ..core.url_paths import segment
from ..http.error_responses import request_name
from ..http.retry import poll_intervals
from ..transfers.downloads.existing_files import has_content
from ..transfers.downloads.part_file import PartFile, PartWriter, refuse_existing
from ..transfers.downloads.part_journal import Header
from ..transfers.downloads.ranges import (
    LEAST_PROGRESS,
    TRIES,
    WRITE_SIZE,
    ByteRange,
    byte_ranges,
    range_size_for,
    time_limit_for,
)
from ..transfers.downloads.result import DownloadedFile, Proof
from ..transfers.file_slice import read_slice
from ..transfers.progress import ProgressCounter
from ..wire import Incoming
from ..wire.httpx_adapter import raise_if_stopped
from .connection import FoundryConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file at the service: its id, name, size in bytes, and time of creation in seconds since 1970.

    `digest` is the beginning of the content's SHA-256, empty for a file that was not uploaded by this library. The
    content behind an id never changes.
    """

    id: str
    filename: str
    size: int
    digest: str = ""
    created: int | None = None

    @property
    def proof(self) -> Proof:
        """How the content can be verified."""
        return "sha256" if self.digest else "size"


class NameDigest:
    """The SHA-256 of a content, whose beginning is in its file name."""

    def __init__(self, stored: StoredFile) -> None:
        self._stored, self._sha256 = stored, hashlib.sha256()

    @property
    def any(self) -> bool:
        """Whether there is a hash to compute."""
        return bool(self._stored.digest)

    def add(self, chunk: bytes | memoryview) -> None:
        """Add the next bytes of the content."""
        if self.any:
            self._sha256.update(chunk)

    def mismatch(self) -> str:
        """Return a message if the hash does not match, else an empty string."""
        if not self.any or self._sha256.hexdigest().startswith(self._stored.digest):
            return ""
        return f"its name {self._stored.filename!r} contains the content hash, but the content has another"


class _Receiver:
    """Writes a stream to the part file, range by range, so that another process can resume it."""

    def __init__(self, part: PartFile, stored: StoredFile) -> None:
        self._part, self._checks = part, NameDigest(stored)
        self._spans: Iterator[ByteRange] = byte_ranges(stored.size, range_size_for(stored.size))
        self._buffer = bytearray()
        self._span = next(self._spans)
        self._writer = PartWriter(part.path, self._span)

    def resume(self) -> None:
        """Skip the ranges at the beginning that are complete."""
        while self._writer.left and self._part.has(self._span):
            for chunk in read_slice(self._part.path, self._span.start, self._span.size):
                self._checks.add(chunk)
            self._next_span()

    @property
    def at(self) -> int:
        """The offset of the next missing byte."""
        return self._writer.at + len(self._buffer)

    def take(self, chunk: bytes) -> bool:
        """Buffer a chunk; return whether the buffer should be written."""
        self._buffer += chunk
        return len(self._buffer) >= WRITE_SIZE

    def write(self) -> int:
        """Write the buffer; return its size."""
        size = len(self._buffer)
        with memoryview(self._buffer) as gathered:
            start = 0
            while start < size:
                with gathered[start : start + self._writer.left] as piece:
                    self._writer.take(piece.tobytes())
                    self._checks.add(piece)
                    start += len(piece)
                self._writer.write()
                if not self._writer.left:
                    self._part.note(self._span, self._writer.crc)
                    self._next_span()
        self._buffer.clear()
        return size

    def mismatch(self) -> str:
        """Return a message if the content does not match its name."""
        return self._checks.mismatch()

    def _next_span(self) -> None:
        end = ByteRange(self._span.number + 1, self._span.end, 0)
        self._span = next(self._spans, end)
        self._writer = PartWriter(self._part.path, self._span)


class FileDownload:
    """The download of one file to a local path."""

    def __init__(self, connection: FoundryConnection, stored: StoredFile, target: Path) -> None:
        self._connection, self._wire = connection, connection.wire
        self._stored, self._target = stored, target
        self._url = connection.url(f"/files/{segment(stored.id)}/content")

    async def run(self, progress: ProgressCounter, *, overwrite: bool) -> DownloadedFile:
        """Fetch what is missing; an existing file with the same content is left as it is.

        Raises InvalidInput if a file with other content exists and may not be overwritten, or another download writes
        it, UnexpectedReply for content of another size or hash, TransportError or ServiceError. Then the target is
        unchanged, and repeating the call resumes the download.
        """
        stored, fetched = self._stored, 0
        check = partial(has_content, self._target, stored.size, NameDigest(stored), stored.created)
        if await self._wire.call(check):
            await progress.add(resumed=stored.size)
        else:
            await self._wire.call(partial(refuse_existing, self._target, overwrite=overwrite))
            await self._wire.call(partial(self._target.parent.mkdir, parents=True, exist_ok=True))
            fetched = await self._fetch(progress, overwrite=overwrite)
        return DownloadedFile(
            name=stored.filename, path=self._target, size=stored.size, fetched=fetched, proof=stored.proof
        )

    async def _fetch(self, progress: ProgressCounter, *, overwrite: bool) -> int:
        stored = self._stored
        header = Header(url=self._url, etag=stored.id, size=stored.size, range=range_size_for(stored.size))
        part = PartFile(self._target, header)
        try:
            await self._wire.call(part.open)
            receiver = _Receiver(part, stored)
            await self._wire.call(receiver.resume)
            began = receiver.at
            await progress.add(resumed=began)
            await self._stream(receiver, progress)
            await self._wire.call(partial(self._finish, part, receiver, overwrite=overwrite))
        finally:
            part.close()
        return stored.size - began

    async def _stream(self, receiver: _Receiver, progress: ProgressCounter) -> None:
        """Receive the rest of the content; after an interrupted response, request what is still missing."""
        pauses, futile = poll_intervals(0.5, 8.0), 0
        while receiver.at < self._stored.size:
            before = receiver.at
            broken = await self._ask(receiver, progress)
            if broken is None:
                continue
            futile += receiver.at - before < LEAST_PROGRESS
            if futile == TRIES:
                raise broken
            await self._wire.sleep(next(pauses))

    async def _ask(self, receiver: _Receiver, progress: ProgressCounter) -> ReplyLost | None:
        """Request the content from the next missing byte on; return the error if the response was interrupted.

        A service that ignores `Range` sends all of it, and what is here already is skipped.
        """
        at, size = receiver.at, self._stored.size
        headers = {"Accept": "application/octet-stream", "Accept-Encoding": "identity"}
        request = Request("GET", self._url, headers | ({"Range": f"bytes={at}-"} if at else {}))
        broken: ReplyLost | None = None
        raise_if_stopped(request_name(request))
        async with self._connection.open(request) as incoming:
            skipped = _skipped(request, incoming, at=at, size=size)
            patience = time_limit_for(size - at + skipped)
            deadline = self._wire.clock() + patience
            try:
                async for chunk in incoming.chunks:
                    kept, skipped = chunk[skipped:], max(skipped - len(chunk), 0)
                    if receiver.at + len(kept) > size:
                        raise _mismatch(request, incoming, f"it has more than the {size} bytes of the file")
                    if receiver.take(kept):
                        await progress.add(fetched=await self._wire.call(receiver.write))
                    raise_if_stopped(request_name(request))
                    if self._wire.clock() > deadline:
                        raise ReplyLost(request_name(request), f"it was not complete after {patience:.0f} s")
            except ReplyLost as error:
                broken = error
        await progress.add(fetched=await self._wire.call(receiver.write))
        left = size - receiver.at
        if left and broken is None:
            broken = ReplyLost(request_name(request), f"the response ended {left} bytes early")
        return broken if left else None

    def _finish(self, part: PartFile, receiver: _Receiver, *, overwrite: bool) -> None:
        if mismatch := receiver.mismatch():
            part.discard()
            raise UnexpectedReply(
                f"download of {self._stored.id}",
                status=200,
                detail=mismatch,
                hint="The partial file was deleted; download it again",
            )
        part.commit(overwrite=overwrite, modified=self._stored.created)


def _skipped(request: Request, incoming: Incoming, *, at: int, size: int) -> int:
    """Return how many bytes of a response are here already; raise UnexpectedReply for one that is another content."""
    headers = incoming.headers
    if headers.get("content-encoding", "identity") != "identity":
        raise _mismatch(request, incoming, f"it is encoded as {headers['content-encoding'][:40]!r}")
    if incoming.status == 206:
        found = headers.get("content-range", "")
        if found != f"bytes {at}-{size - 1}/{size}":
            raise _mismatch(request, incoming, f"requested the bytes from {at} of {size}, got {found[:80]!r}")
        return 0
    # Assumption: The content of a file has as many bytes as `bytes` of the file says.
    # Shown wrong by: A `Content-Length` that is another number.
    # Verified by: read file
    # If wrong: UnexpectedReply; the file is not written.
    length = headers.get("content-length", str(size))
    if length != str(size):
        raise _mismatch(request, incoming, f"it has {length[:20]} bytes, the file {size}")
    return at


def _mismatch(request: Request, incoming: Incoming, why: str) -> UnexpectedReply:
    return UnexpectedReply(
        request_name(request),
        status=incoming.status,
        detail=f"the response does not match the request: {why}",
        request_id=one_line(incoming.headers.get("apim-request-id", "")),
    )
