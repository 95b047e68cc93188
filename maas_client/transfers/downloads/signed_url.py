"""Download of a job's log by the signed URL from run history: one response of whatever length it has by now."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ...azure.signers import for_signed_url
from ...core.errors import ReplyLost, UnexpectedReply
from ...core.http_messages import Request
from ...core.secret_text import SecretText
from ...http.channel import Channel
from ...http.retry import poll_intervals
from ...http.trusted_hosts import Audience
from ..file_slice import read_slice
from .part_file import PartFile, refuse_existing
from .part_journal import Header
from .ranges import TRIES, WRITE_SIZE
from .result import DownloadedFile

LARGEST_LOG = 4 << 30
"""Maximum size in bytes, so that an endless response cannot fill the disk."""


class SignedLogDownload:
    """A log file that grows while its job runs, so that no fixed version of it can be requested."""

    def __init__(self, channel: Channel, name: str, url: SecretText, target: Path) -> None:
        self._channel, self._name, self._url, self._target = channel, name, url, target
        self._wire = channel.wire

    async def download(self, *, overwrite: bool) -> DownloadedFile:
        """Fetch the current log; a target with the same content is not written again.

        Raises InvalidInput if another file exists there and may not be overwritten, ReplyLost if every response was
        interrupted, else as `Channel.open` does.
        """
        part = PartFile(self._target, Header(url="", etag="", size=0, range=1))
        try:
            await self._wire.call(part.open)
            size = await self._download(part, overwrite)
        finally:
            part.close()
        return DownloadedFile(name=self._name, path=self._target, size=size, fetched=size, proof="size")

    async def _download(self, part: PartFile, overwrite: bool) -> int:
        try:
            size = await self._fetch(part.path)
            await self._wire.call(partial(self._finish, part, overwrite))
        except BaseException:
            part.discard()
            raise
        return size

    async def _fetch(self, path: Path) -> int:
        """Write the log to a file, restarting if the response is interrupted; return its size in bytes."""
        pauses = poll_intervals(0.5, 8.0)
        for left in reversed(range(TRIES)):
            size, broken = await self._ask(path)
            if broken is None:
                return size
            if not left:
                raise broken
            await self._wire.sleep(next(pauses))
        raise AssertionError("unreachable: the last try returns or raises")

    async def _ask(self, path: Path) -> tuple[int, ReplyLost | None]:
        """Request the log once and write it; return its size, and the error if the response was interrupted."""
        size, gathered = 0, bytearray()
        request, signer = for_signed_url(self._url, Request("GET", ""))
        await self._wire.call(partial(path.write_bytes, b""))
        async with self._channel.open(request, audience=Audience.BLOB, signer=signer) as incoming:
            try:
                async for chunk in incoming.chunks:
                    gathered += chunk
                    if len(gathered) >= WRITE_SIZE:
                        size += await self._wire.call(partial(_append, path, gathered))
                    if size > LARGEST_LOG:
                        why = f"the log is larger than {LARGEST_LOG} bytes"
                        raise UnexpectedReply(f"GET {self._name}", status=incoming.status, detail=why)
            except ReplyLost as error:
                return size, error
        return size + await self._wire.call(partial(_append, path, gathered)), None

    def _finish(self, part: PartFile, overwrite: bool) -> None:
        if _are_same(part.path, self._target):
            part.discard()
        else:
            refuse_existing(self._target, overwrite=overwrite)
            part.commit(overwrite=overwrite, modified=None)


def _append(path: Path, gathered: bytearray) -> int:
    size = len(gathered)
    with path.open("ab") as file:
        file.write(gathered)
    gathered.clear()
    return size


def _are_same(one: Path, other: Path) -> bool:
    """Return whether two files have the same content; a link never counts as the same."""
    if other.is_symlink() or not other.is_file() or other.stat().st_size != one.stat().st_size:
        return False
    size = one.stat().st_size
    return all(
        mine == theirs for mine, theirs in zip(read_slice(one, 0, size), read_slice(other, 0, size), strict=True)
    )
