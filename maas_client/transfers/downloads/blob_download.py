"""Download of one blob in concurrent ranges; ranges from an earlier attempt are reused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...azure.blob_container import BlobContainer
from ...azure.workspace import AsyncWorkspace
from ...core.errors import Conflict, ReplyLost, UnexpectedReply
from ...core.text import one_line
from ...http.retry import poll_intervals
from ...wire import Incoming, Wire
from ...wire.httpx_adapter import raise_if_stopped
from ..container_access import with_container
from ..progress import ProgressCounter
from .blob_properties import BlobProperties
from .checksums import Checksums, InOrderChecksum
from .datastore_uri import DatastorePath
from .part_file import PartFile, PartWriter
from .part_journal import Header
from .ranges import LEAST_PROGRESS, TRIES, ByteRange, byte_ranges, range_size_for, time_limit_for


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadTarget:
    """A blob with its properties when the download began, and the file to write."""

    place: DatastorePath
    properties: BlobProperties
    target: Path
    overwrite: bool = False


class BlobDownload:
    """The download of one blob.

    Every request states the expected version of the blob, so that two versions are never mixed. The file gets its name
    in the last step, once it is complete and its hashes match those of the service.
    """

    def __init__(
        self, wire: Wire, workspace: AsyncWorkspace, goal: DownloadTarget, progress: ProgressCounter, *, parallel: int
    ) -> None:
        self._wire, self._workspace, self._goal, self._progress = wire, workspace, goal, progress
        self._parallel = parallel
        self._range = range_size_for(goal.properties.size)
        self._checksums = Checksums(goal.properties)
        self._lock = wire.lock()
        self._fetched = 0

    async def run(self) -> int:
        """Fetch the missing ranges, and return how many bytes were fetched.

        Raises Conflict if the blob changes meanwhile, UnexpectedReply if a response does not match its request or the
        service's hash, InvalidInput if the target is in use, TransportError or ServiceError. Then the target is
        unchanged, and repeating the call resumes the download.
        """
        container = await self._workspace.container(self._goal.place.datastore)
        properties = self._goal.properties
        url = f"{container.url}/{self._goal.place.path}"
        part = PartFile(
            self._goal.target, Header(url=url, etag=properties.etag, size=properties.size, range=self._range)
        )
        try:
            await self._wire.call(part.open)
            await self._download_all(part)
            await self._wire.call(partial(self._finish, part))
        finally:
            part.close()
        return self._fetched

    async def _download_all(self, part: PartFile) -> None:
        order = InOrderChecksum(part.path, self._checksums)
        ranges = byte_ranges(self._goal.properties.size, self._range)
        try:
            await self._wire.gather(
                (partial(self._download, part, order, span) for span in ranges), limit=self._parallel
            )
        except Conflict as error:
            if error.status != 412:
                raise
            await self._wire.call(part.discard)
            raise Conflict(
                error.request,
                status=error.status,
                code=error.code,
                detail="the blob changed during the download; the partial file was deleted",
                request_id=error.request_id,
                hint="Download it again",
            ) from None

    async def _download(self, part: PartFile, order: InOrderChecksum, span: ByteRange) -> None:
        """Fetch a range unless the part file has it, and add the ranges so far to the hashes."""
        if await self._wire.call(partial(part.has, span)):
            await self._progress.add(resumed=span.size)
        else:
            await self._fetch(part, span)
        async with self._lock:
            following = order.arrived(span)
        while following is not None:
            await self._wire.call(partial(order.add, following))
            async with self._lock:
                following = order.following()

    async def _fetch(self, part: PartFile, span: ByteRange) -> None:
        """Fetch a range; after an interrupted response, its bytes are kept and the rest is requested."""
        writing, pauses = PartWriter(part.path, span), poll_intervals(0.5, 8.0)
        futile, left = 0, span.size
        ask: Callable[[BlobContainer], Awaitable[ReplyLost | None]] = partial(self._ask, writing)
        while (broken := await with_container(self._workspace, ask, self._goal.place.datastore)) is not None:
            if left - writing.left < LEAST_PROGRESS:
                futile += 1
            if futile == TRIES:
                raise broken
            left = writing.left
            await self._wire.sleep(next(pauses))
        async with self._lock:
            part.note(span, writing.crc)

    async def _ask(self, writing: PartWriter, container: BlobContainer) -> ReplyLost | None:
        """Request the rest of a range and write it; return the error if the response was interrupted."""
        broken: ReplyLost | None = None
        place, asked = self._goal.place, ByteRange(0, writing.at, writing.left)
        raise_if_stopped(f"GET {place}")
        patience = time_limit_for(asked.size)
        deadline = self._wire.clock() + patience
        async with container.open(
            place.path, self._goal.properties.etag, offset=asked.start, size=asked.size
        ) as incoming:
            _check(incoming, place, self._goal.properties, asked)
            try:
                async for chunk in incoming.chunks:
                    if len(chunk) > writing.left:
                        raise _mismatch(place, incoming, "it has more bytes than requested")
                    if writing.take(chunk):
                        await self._write(writing)
                    raise_if_stopped(f"GET {place}")
                    if self._wire.clock() > deadline:
                        raise ReplyLost(f"GET {place}", f"{asked.size} bytes did not arrive within {patience:.0f} s")
            except ReplyLost as error:
                broken = error
        await self._write(writing)
        if asked.size and not writing.left:
            return None
        if writing.left and broken is None:
            broken = ReplyLost(f"GET {place}", f"the response ended {writing.left} bytes early")
        return broken

    async def _write(self, writing: PartWriter) -> None:
        if written := await self._wire.call(writing.write):
            async with self._lock:
                self._fetched += written
            await self._progress.add(fetched=written)

    def _finish(self, part: PartFile) -> None:
        if mismatch := self._checksums.mismatch():
            part.discard()
            raise UnexpectedReply(
                f"download of {self._goal.place}",
                status=200,
                detail=mismatch,
                hint="The partial file was deleted; download it again",
            )
        part.commit(overwrite=self._goal.overwrite, modified=self._goal.properties.modified)


def _check(incoming: Incoming, place: DatastorePath, properties: BlobProperties, asked: ByteRange) -> None:
    """Raise UnexpectedReply unless a response is the requested range of the expected version of the blob."""
    headers = incoming.headers
    wanted = f"bytes {asked.start}-{asked.end - 1}/{properties.size}"
    if headers.get("content-encoding", "identity") != "identity":
        raise _mismatch(place, incoming, f"it is encoded as {headers['content-encoding'][:40]!r}")
    if headers.get("etag", properties.etag) != properties.etag:
        raise _mismatch(place, incoming, "it is of another version of the blob")
    if incoming.status == 206 and headers.get("content-range", "") != wanted:
        raise _mismatch(place, incoming, f"requested {wanted!r}, got {headers.get('content-range', '')[:80]!r}")
    if incoming.status != 206 and asked.size != properties.size:
        raise _mismatch(place, incoming, f"requested {wanted!r}, got the whole blob")


def _mismatch(place: DatastorePath, incoming: Incoming, why: str) -> UnexpectedReply:
    return UnexpectedReply(
        f"GET {place}",
        status=incoming.status,
        detail=f"the response does not match the request: {why}",
        request_id=one_line(incoming.headers.get("x-ms-request-id", "")),
        hint="The completed ranges are kept; repeat the call to resume",
    )
