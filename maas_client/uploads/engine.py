"""Sending a file in blocks: read once, several blocks under way, what the server has already is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..errors import BadRequest, FileChanged, UnexpectedReply
from ..storage import Container, FileSlice
from ..wire import Thunk, Wire
from ..workspace import AsyncWorkspace
from .authorized import authorized
from .gate import Gate
from .identity import Identity, still
from .pace import Pace
from .plan import Block, block_size_for, timeout_for
from .progress import OnProgress, Progress
from .reader import FileReader, Listener, block_of

PARALLEL = 4
"""Blocks under way at once."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What an upload came to, in bytes: over the network, and found at the server."""

    sent: int
    resumed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What goes where: a file as it was when it was hashed, and the blob that it becomes."""

    path: Path
    identity: Identity
    sha256: str
    blob: str
    metadata: Mapping[str, str]
    overwrite: bool = False


class Sending:
    """One upload in blocks.

    The file is read in order for its hash and for the listeners, while its pieces are on their way. A piece's MD5 goes
    with it, so that the server refuses a bit that flipped, and is in its id, so that what the server holds of another
    content is never taken for it. The blob comes into being with the last request, and only if the file is the one that
    was hashed, and `may_commit` raises nothing.
    """

    def __init__(
        self,
        wire: Wire,
        workspace: AsyncWorkspace,
        goal: Goal,
        *,
        parallel: int = PARALLEL,
        listeners: Sequence[Listener] = (),
        may_commit: Callable[[], None] = lambda: None,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._wire, self._workspace, self._goal = wire, workspace, goal
        self._parallel, self._listeners, self._may_commit = parallel, listeners, may_commit
        self._on_progress = on_progress
        self._block_size = block_size_for(goal.identity.size)
        self._began = wire.clock()
        self._sent = self._resumed = 0
        self._reading, self._counting = wire.lock(), wire.lock()
        self._pace = Pace(parallel)
        self._gate = Gate(wire, self._pace)

    async def run(self) -> Sent:
        """Send what the server does not have, and commit.

        Raises FileChanged, what `may_commit` raises, TransportError or ServiceError; then nothing was committed.
        """
        blocks = await self._send_blocks(self._listeners)
        self._may_commit()
        try:
            await self._commit(blocks)
        except BadRequest as error:
            if error.code != "InvalidBlockList":
                raise
            # The service forgets what is not committed within a week, or when somebody else commits the blob.
            in_vain, self._sent, self._resumed = self._sent, 0, 0
            await self._commit(await self._send_blocks(()))
            return Sent(in_vain + self._sent, self._resumed)
        return Sent(self._sent, self._resumed)

    async def read_only(self) -> None:
        """Read the file for the listeners alone, and hold it against its hash: the blob is there already."""
        await self._wire.call(self._read_all)
        self._may_commit()

    def _read_all(self) -> None:
        reader = self._reader(self._listeners)
        try:
            for _ in self._numbers():
                reader.next()
            self._compare(reader)
        finally:
            reader.close()

    def _reader(self, listeners: Sequence[Listener]) -> FileReader:
        return FileReader(self._goal.path, self._goal.identity, self._block_size, listeners=listeners)

    def _numbers(self) -> range:
        return range(-(-self._goal.identity.size // self._block_size))

    def _compare(self, reader: FileReader) -> None:
        """Raise FileChanged unless the reader has read what the goal's hash is of."""
        if reader.finish() != self._goal.sha256:
            raise FileChanged(f"{self._goal.path} is not what it was when it was hashed; nothing was committed")

    async def _send_blocks(self, listeners: Sequence[Listener]) -> list[Block]:
        held = await authorized(self._workspace, lambda container: container.uncommitted(self._goal.blob))
        reader = self._reader(listeners)
        try:
            # One worker more than there are blocks under way: while they are sent, the next is read.
            blocks = await self._wire.gather(self._thunks(reader, held), limit=self._parallel + 1)
            await self._wire.call(partial(self._compare, reader))
        finally:
            reader.close()
        return sorted(blocks, key=lambda block: block.number)

    def _thunks(self, reader: FileReader, held: Mapping[str, int]) -> Iterator[Thunk[Block]]:
        for _ in self._numbers():
            yield partial(self._pass_on, reader, held)

    async def _pass_on(self, reader: FileReader, held: Mapping[str, int]) -> Block:
        """Read the next piece and send it, unless the server has it."""
        async with self._reading:
            piece = await self._wire.call(reader.next)
        block = await self._wire.call(partial(block_of, self._goal.path, piece))
        if held.get(block.id) == block.size:
            await self._report(resumed=block.size)
            return block
        async with self._gate.passed():
            await self._send(block)
        await self._report(sent=block.size)
        return block

    async def _send(self, block: Block) -> None:
        """Send one block; when other bytes arrived than were summed up, once more, unless the file has changed."""
        put = partial(self._put, block)
        try:
            await authorized(self._workspace, put)
        except BadRequest as error:
            if error.code != "Md5Mismatch":
                raise
            await self._wire.call(partial(still, self._goal.path, self._goal.identity, "while it was sent"))
            await authorized(self._workspace, put)

    async def _put(self, block: Block, container: Container) -> None:
        part = FileSlice(self._goal.path, block.offset, block.size)
        await container.put_block(
            self._goal.blob,
            block.id,
            part,
            md5=block.checksum,
            timeout=timeout_for(block.size),
            heed=self._pace.heed,
        )

    async def _commit(self, blocks: Sequence[Block]) -> None:
        """Make the blob of its blocks, unless somebody else just did, and see that it is whole."""
        goal, ids = self._goal, [block.id for block in blocks]
        await authorized(
            self._workspace,
            lambda container: container.commit(goal.blob, ids, metadata=goal.metadata, overwrite=goal.overwrite),
        )
        there = await authorized(self._workspace, lambda container: container.head(goal.blob))
        size = "" if there is None else there.get("content-length", "")
        if size != str(goal.identity.size):
            raise UnexpectedReply(
                f"upload of {goal.path}",
                status=200,
                detail=f"the blob should have {goal.identity.size} bytes, and has {size or 'none'}",
                hint="Delete it and upload the file again.",
            )

    async def _report(self, *, sent: int = 0, resumed: int = 0) -> None:
        async with self._counting:
            self._sent += sent
            self._resumed += resumed
            if self._on_progress is not None:
                seconds = self._wire.clock() - self._began
                self._on_progress(Progress(self._sent, self._goal.identity.size, self._resumed, seconds))
