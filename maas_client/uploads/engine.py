"""Sending a file in blocks: several under way at once, what the server has already is left out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from ..errors import BadRequest, FileChanged, UnexpectedReply
from ..storage import Container, FileSlice
from ..wire import Wire
from ..workspace import AsyncWorkspace
from .authorized import authorized
from .gate import Gate
from .identity import still
from .pace import Pace
from .plan import Block, timeout_for
from .progress import OnProgress, Progress
from .summing import Content

PARALLEL = 4
"""Blocks under way at once."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What an upload came to, in bytes: over the network, and found at the server."""

    sent: int
    resumed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What goes where: a file as it was read, and the blob that it becomes."""

    content: Content
    blob: str
    metadata: Mapping[str, str]
    overwrite: bool = False


class Sending:
    """One upload in blocks.

    A block's MD5, from the reading that the content hash is of, goes with it: the server refuses what is not that very
    content, whether a bit flipped on the way or the file was written to. The MD5 is in the block's id, too, so that
    what the server holds of another content is never taken for it. The blob comes into being with the last request,
    and only if the file is still the one that was read.
    """

    def __init__(
        self,
        wire: Wire,
        workspace: AsyncWorkspace,
        goal: Goal,
        *,
        parallel: int = PARALLEL,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._wire, self._workspace, self._goal = wire, workspace, goal
        self._parallel, self._on_progress = parallel, on_progress
        self._size = goal.content.identity.size
        self._began = wire.clock()
        self._sent = self._resumed = 0
        self._counting = wire.lock()
        self._pace = Pace(parallel)
        self._gate = Gate(wire, self._pace)

    async def run(self) -> Sent:
        """Send what the server does not have, and commit.

        Raises FileChanged, TransportError or ServiceError; then nothing was committed.
        """
        await self._send_blocks()
        try:
            await self._commit()
        except BadRequest as error:
            if error.code != "InvalidBlockList":
                raise
            # The service forgets what is not committed within a week, or when somebody else commits the blob.
            in_vain, self._sent, self._resumed = self._sent, 0, 0
            await self._send_blocks()
            await self._commit()
            return Sent(in_vain + self._sent, self._resumed)
        return Sent(self._sent, self._resumed)

    async def _send_blocks(self) -> None:
        held = await authorized(self._workspace, lambda container: container.uncommitted(self._goal.blob))
        thunks = (partial(self._pass_on, block, held) for block in self._goal.content.blocks)
        await self._wire.gather(thunks, limit=self._parallel)
        await self._wire.call(self._still)

    def _still(self) -> None:
        still(self._goal.content.path, self._goal.content.identity, "while it was sent")

    async def _pass_on(self, block: Block, held: Mapping[str, int]) -> None:
        """Send a block, unless the server has it."""
        if held.get(block.id) == block.size:
            await self._report(resumed=block.size)
            return
        async with self._gate.passed():
            await self._send(block)
        await self._report(sent=block.size)

    async def _send(self, block: Block) -> None:
        """Send one block; when other bytes arrived than were read before, once more, unless the file has changed."""
        put = partial(self._put, block)
        try:
            await authorized(self._workspace, put)
        except BadRequest as error:
            if error.code != "Md5Mismatch":
                raise
            await self._wire.call(partial(self._compare, block))
            await authorized(self._workspace, put)

    def _compare(self, block: Block) -> None:
        """Raise FileChanged if a block of the file is another than it was, even if no time tells."""
        self._still()
        md5 = hashlib.md5(usedforsecurity=False)
        for chunk in FileSlice(self._goal.content.path, block.offset, block.size):
            md5.update(chunk)
        if md5.digest() != block.md5:
            path = self._goal.content.path
            raise FileChanged(f"{path} is not what it was when it was hashed; nothing was committed")

    async def _put(self, block: Block, container: Container) -> None:
        await container.put_block(
            self._goal.blob,
            block.id,
            FileSlice(self._goal.content.path, block.offset, block.size),
            md5=block.checksum,
            timeout=timeout_for(block.size),
            heed=self._pace.heed,
        )

    async def _commit(self) -> None:
        """Make the blob of its blocks, unless somebody else just did, and see that it is whole."""
        goal, ids = self._goal, [block.id for block in self._goal.content.blocks]
        mine = await authorized(
            self._workspace,
            lambda container: container.commit(goal.blob, ids, metadata=goal.metadata, overwrite=goal.overwrite),
        )
        detail = await (self._differs_in_blocks() if mine else self._differs_in_size())
        if detail:
            raise UnexpectedReply(
                f"upload of {goal.content.path}",
                status=200,
                detail=detail,
                hint="Delete it and upload the file again.",
            )

    async def _differs_in_blocks(self) -> str:
        """Say how the blob differs from the blocks whose content the server has checked; nothing if it does not."""
        there = await authorized(self._workspace, lambda container: container.committed(self._goal.blob))
        ours = [(block.id, block.size) for block in self._goal.content.blocks]
        return "" if there == ours else f"the blob should have {len(ours)} blocks of known content, and has others"

    async def _differs_in_size(self) -> str:
        """Say how the blob that somebody else made differs from the file; nothing if it does not."""
        there = await authorized(self._workspace, lambda container: container.head(self._goal.blob))
        size = "" if there is None else there.get("content-length", "")
        return "" if size == str(self._size) else f"the blob should have {self._size} bytes, and has {size or 'none'}"

    async def _report(self, *, sent: int = 0, resumed: int = 0) -> None:
        async with self._counting:
            self._sent += sent
            self._resumed += resumed
            if self._on_progress is not None:
                seconds = self._wire.clock() - self._began
                self._on_progress(Progress(self._sent, self._size, self._resumed, seconds))
