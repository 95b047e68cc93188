"""Upload of a hashed file in blocks, each with the checksum it had when it was hashed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial

from ...azure.blob_container import BlobContainer
from ...azure.workspace import AsyncWorkspace
from ...core.errors import BadRequest, FileChanged
from ...http.channel import OnAttempt
from ...http.retry import ATTEMPTS
from ...wire import Wire
from ..container_access import with_container
from ..file_identity import check_unchanged
from ..file_slice import FileSlice
from ..progress import OnProgress
from .block_sending import no_check
from .blocks import Block, timeout_for
from .hashing import Content
from .options import PARALLEL
from .staging import BlobTarget, StagedBytes, Staging


class FileUpload:
    """One upload of a file, in blocks.

    Each block is sent with its MD5 from the same pass as the content hash: the server rejects different content,
    whether a bit was flipped on the way or the file was modified. Nothing is committed unless the file is still the one
    that was hashed.
    """

    def __init__(
        self,
        wire: Wire,
        workspace: AsyncWorkspace,
        target: BlobTarget,
        content: Content,
        *,
        parallel: int = PARALLEL,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._wire, self._workspace, self._target, self._content = wire, workspace, target, content
        self._staging = Staging(
            wire,
            workspace,
            target,
            content.blocks,
            self._send,
            parallel=parallel,
            processors=os.cpu_count(),
            on_progress=on_progress,
        )

    async def run(
        self, *, may_go_on: Callable[[], None] = no_check, may_commit: Callable[[], None] = no_check
    ) -> StagedBytes:
        """Send the missing blocks, and commit; both callbacks are called as described in `Staging.run`.

        Raises FileChanged, TransportError or ServiceError; then nothing was committed.
        """

        def still_may_commit() -> None:
            may_commit()
            self._still()

        return await self._staging.run(may_go_on=may_go_on, may_commit=still_may_commit)

    def _still(self) -> None:
        check_unchanged(self._content.path, self._content.identity, "while it was sent")

    async def _send(self, block: Block, on_attempt: OnAttempt) -> None:
        """Send one block; on a checksum mismatch, send it once more unless the file has changed."""
        sent = 0

        def count_attempt(status: int) -> None:
            nonlocal sent
            sent += 1
            on_attempt(status)

        put = partial(self._put, block, count_attempt)
        try:
            await with_container(self._workspace, put)
        except BadRequest as error:
            if error.code != "Md5Mismatch" or sent > ATTEMPTS:  # at most twice as often as a retry
                raise
            await self._wire.call(partial(self._compare, block))
            await put(await self._workspace.container())

    async def _put(self, block: Block, on_attempt: OnAttempt, container: BlobContainer) -> None:
        await container.put_block(
            self._target.blob,
            block.id,
            FileSlice(self._content.path, block.offset, block.size),
            md5=block.checksum,
            timeout=timeout_for(block.size),
            on_attempt=on_attempt,
        )

    def _compare(self, block: Block) -> None:
        """Raise FileChanged if a block's content has changed, even if the file's times have not."""
        self._still()
        md5 = hashlib.md5(usedforsecurity=False)
        for chunk in FileSlice(self._content.path, block.offset, block.size):
            md5.update(chunk)
        if md5.digest() != block.md5:
            raise FileChanged(f"{self._content.path} changed after it was hashed; nothing was committed")
