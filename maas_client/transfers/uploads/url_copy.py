"""What lies at an address becomes a blob without passing through here: the service fetches it, range by range."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ...azure.blob_container import BlobContainer
from ...azure.signers import at_address
from ...azure.workspace import AsyncWorkspace
from ...core.errors import InvalidInput
from ...core.http_messages import Request
from ...core.redaction import redact
from ...core.secret_text import SecretText
from ...http.channel import Channel, OnAttempt
from ...http.error_responses import unexpected
from ...http.trusted_hosts import Audience, Trust
from ...wire import Wire
from ..container_access import with_container
from ..progress import OnProgress
from .blocks import block_id, block_size_for, timeout_for
from .staging import PARALLEL, BlobTarget, StagedBytes, Staging

RANGE = 64 << 20
"""Bytes that the service is asked to fetch at a time, at least: no memory of ours pays for it."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file at an address, as it was when it was looked at: its size in bytes, and the condition that it is unchanged.

    `version` is the content's name there: an entity tag or a time.
    """

    url: SecretText
    size: int
    version: str
    condition: Mapping[str, str]

    @property
    def place(self) -> str:
        """The address without its query, which may be a signature of any cloud."""
        return _place(self.url)

    @property
    def name(self) -> str:
        """The last part of its path, empty if there is none."""
        return PurePosixPath(unquote(urlsplit(self.place).path)).name

    @property
    def digest(self) -> str:
        """What stands for the content hash, which nobody here can know: where it is, and in which state."""
        place = urlsplit(self.place)
        told = f"{place.scheme}://{place.netloc}{place.path}\n{self.version}\n{self.size}"
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Range:
    """A range of a remote file that becomes a block, in bytes."""

    id: str
    offset: int
    size: int


async def read_source(wire: Wire, url: SecretText, *, loopback: str) -> RemoteFile:
    """Ask an address for the size and the state of what lies there (HEAD); nothing of ours goes with it.

    `loopback` is the service's origin where it is on this machine, and reaches no other.

    Raises InvalidInput if it tells no size or no state, UntrustedHost for an address that is not https, ServiceError
    for what it answers.
    """
    trust = Trust({Audience.BLOB: frozenset({_host(_place(url))})}, {}, loopback)
    request, signer = at_address(url, Request("HEAD", "", {"Accept": "*/*", "Accept-Encoding": "identity"}))
    reply = await Channel(wire, trust).send(request, audience=Audience.BLOB, signer=signer)
    length, tag = reply.headers.get("content-length", ""), reply.headers.get("etag", "")
    changed = reply.headers.get("last-modified", "")
    if not length.isdecimal():
        raise unexpected(request, reply, "the source does not tell its size")
    if tag and not tag.startswith("W/"):
        return RemoteFile(url, int(length), tag, {"x-ms-source-if-match": tag})
    if changed:
        return RemoteFile(url, int(length), changed, {"x-ms-source-if-unmodified-since": changed})
    raise InvalidInput(
        f"{redact(_place(url))} tells neither a strong ETag nor when it was changed, so that parts of two contents "
        "could be mixed; download it and upload the file"
    )


def _place(url: SecretText) -> str:
    """Return an address without its query, which may be a signature of any cloud."""
    return url.reveal().partition("?")[0]


def _host(url: str) -> str:
    """Return the one host that may be asked, in the form that `Trust` compares; none for what is no URL."""
    try:
        return urlsplit(url).netloc.lower().removesuffix(":443")
    except ValueError:
        return ""


def ranges_of(remote: RemoteFile) -> Sequence[Range]:
    """Divide a remote file into ranges."""
    size = max(RANGE, block_size_for(remote.size))
    mark = bytes.fromhex(remote.digest)[:16]
    return [
        Range(block_id(number, length, mark), offset, length)
        for number, offset in enumerate(range(0, remote.size, size))
        for length in [min(size, remote.size - offset)]
    ]


async def copy(
    wire: Wire,
    workspace: AsyncWorkspace,
    goal: BlobTarget,
    remote: RemoteFile,
    *,
    parallel: int = PARALLEL,
    on_progress: OnProgress | None = None,
) -> StagedBytes:
    """Let the service make a blob of a remote file, unless it has it.

    Raises Conflict (412) when the file has changed since it was looked at, TransportError, or ServiceError with the
    code CannotVerifyCopySource when the service may not or cannot read it.
    """
    there = await with_container(workspace, lambda container: container.head(goal.blob))
    if there is not None and there.get("content-length") == str(remote.size):
        return StagedBytes(0, 0)

    async def put(part: Range, on_attempt: OnAttempt) -> None:
        async def ask(container: BlobContainer) -> None:
            await container.put_block_from(
                goal.blob,
                part.id,
                remote.url,
                offset=part.offset,
                size=part.size,
                condition=remote.condition,
                timeout=timeout_for(part.size),
                on_attempt=on_attempt,
            )

        await with_container(workspace, ask)

    goal = replace(goal, overwrite=there is not None)
    staging = Staging(wire, workspace, goal, ranges_of(remote), put, parallel=parallel, on_progress=on_progress)
    return await staging.run()
