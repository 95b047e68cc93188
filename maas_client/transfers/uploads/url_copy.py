"""Server-side copy of a URL to a blob: the service fetches it range by range, without a local download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...azure.blob_container import BlobContainer
from ...azure.workspace import AsyncWorkspace
from ...http.channel import OnAttempt
from ...wire import Wire
from ..container_access import with_container
from ..progress import OnProgress
from .blocks import block_id, block_size_for, timeout_for
from .options import PARALLEL
from .remote_file import RemoteFile
from .staging import BlobTarget, StagedBytes, Staging

RANGE = 64 << 20
"""Minimum bytes that the service fetches per request; they use no local memory."""


@dataclass(frozen=True, slots=True)
class Range:
    """A range of a remote file that becomes a block, in bytes."""

    id: str
    offset: int
    size: int


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
    target: BlobTarget,
    remote: RemoteFile,
    *,
    parallel: int = PARALLEL,
    on_progress: OnProgress | None = None,
) -> StagedBytes:
    """Let the service copy a remote file to a blob, unless the blob exists.

    Raises Conflict (412) if the file has changed since it was checked, TransportError, or ServiceError with the code
    CannotVerifyCopySource if the service cannot read it or is not allowed to.
    """
    there = await with_container(workspace, lambda container: container.head(target.blob))
    if there is not None and there.get("content-length") == str(remote.size):
        return StagedBytes(0, 0)

    async def put(part: Range, on_attempt: OnAttempt) -> None:
        async def ask(container: BlobContainer) -> None:
            await container.put_block_from(
                target.blob,
                part.id,
                remote.url,
                offset=part.offset,
                size=part.size,
                condition=remote.condition,
                timeout=timeout_for(part.size),
                on_attempt=on_attempt,
            )

        await with_container(workspace, ask)

    target = replace(target, overwrite=there is not None)
    staging = Staging(wire, workspace, target, ranges_of(remote), put, parallel=parallel, on_progress=on_progress)
    return await staging.run()
