"""A blob made of blocks: what the server has is left out, several are under way at once, then all is committed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

from ...azure.workspace import AsyncWorkspace
from ...core.errors import BadRequest, UnexpectedReply
from ...http.channel import OnAttempt
from ...wire import Wire
from ..adaptive_concurrency import AdaptiveLimit, ConcurrencyGate
from ..container_access import with_container
from ..progress import OnProgress, TransferProgress

PARALLEL = 4
"""Blocks under way at once."""


class Stageable(Protocol):
    """What becomes a block."""

    @property
    def id(self) -> str:
        """The block's id in base64, which tells its place and its content."""
        ...

    @property
    def size(self) -> int:
        """Its size in bytes."""
        ...


B = TypeVar("B", bound=Stageable)
Put = Callable[[B, OnAttempt], Awaitable[None]]
"""Stages a block, and lets a `OnAttempt` hear how each attempt ends."""


def no_check() -> None:
    """Let it be."""


@dataclass(frozen=True, slots=True)
class StagedBytes:
    """What an upload came to, in bytes: staged now, and found at the server."""

    sent: int
    resumed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobTarget:
    """What comes into being: a blob and its metadata; `source` is what it is made of, for errors."""

    source: str
    blob: str
    metadata: Mapping[str, str]
    overwrite: bool = False


class Staging(Generic[B]):
    """One blob on its way, in blocks.

    A block's id tells its content, so that what the server holds of another content is never taken for it. The blob
    comes into being with the last request. `processors` are those that send the blocks, if they pass through here.
    """

    def __init__(
        self,
        wire: Wire,
        workspace: AsyncWorkspace,
        goal: BlobTarget,
        blocks: Sequence[B],
        put: Put[B],
        *,
        parallel: int = PARALLEL,
        processors: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._wire, self._workspace, self._goal, self._blocks, self._put = wire, workspace, goal, blocks, put
        self._parallel, self._on_progress = parallel, on_progress
        self._size = sum(block.size for block in blocks)
        self._began = wire.clock()
        self._sent = self._resumed = 0
        self._counting = wire.lock()
        self._pace = AdaptiveLimit(parallel, processors)
        self._gate = ConcurrencyGate(wire, self._pace)

    async def run(
        self, *, may_go_on: Callable[[], None] = no_check, may_commit: Callable[[], None] = no_check
    ) -> StagedBytes:
        """Stage what the server does not have, and commit.

        `may_go_on` is called before each block, and `may_commit` when all have arrived; what they raise ends the
        upload, and nothing was committed.

        Raises TransportError or ServiceError.
        """
        await self._stage(may_go_on, may_commit)
        try:
            await self._commit()
        except BadRequest as error:
            if error.code != "InvalidBlockList":
                raise
            # The service forgets what is not committed within a week, or when somebody else commits the blob.
            in_vain, self._sent, self._resumed = self._sent, 0, 0
            await self._stage(may_go_on, may_commit)
            await self._commit()
            return StagedBytes(in_vain + self._sent, self._resumed)
        return StagedBytes(self._sent, self._resumed)

    async def _stage(self, may_go_on: Callable[[], None], may_commit: Callable[[], None]) -> None:
        held = await with_container(self._workspace, lambda container: container.uncommitted(self._goal.blob))
        asking = self._wire.lock()

        async def pass_on(block: B) -> None:
            async with asking:
                may_go_on()
            await self._pass_on(block, held)

        await self._wire.gather((partial(pass_on, block) for block in self._blocks), limit=self._parallel)
        await self._wire.call(may_commit)

    async def _pass_on(self, block: B, held: Mapping[str, int]) -> None:
        """Stage a block, unless the server has it."""
        if held.get(block.id) == block.size:
            await self._report(resumed=block.size)
            return
        async with self._gate.passed():
            began = self._wire.clock()
            await self._put(block, self._pace.on_attempt)
            self._pace.timed(block.size, self._wire.clock() - began)
        await self._report(sent=block.size)

    async def _commit(self) -> None:
        """Make the blob of its blocks, unless somebody else just did, and see that it is whole."""
        goal, ids = self._goal, [block.id for block in self._blocks]
        mine = await with_container(
            self._workspace,
            lambda container: container.commit(goal.blob, ids, metadata=goal.metadata, overwrite=goal.overwrite),
        )
        detail = await (self._differs_in_blocks() if mine else self._differs_in_size())
        if detail:
            raise UnexpectedReply(
                f"upload of {goal.source}",
                status=200,
                detail=detail,
                hint="Delete it and upload the file again.",
            )

    async def _differs_in_blocks(self) -> str:
        """Say how the blob differs from the blocks whose content the server has checked; nothing if it does not."""
        there = await with_container(self._workspace, lambda container: container.committed(self._goal.blob))
        ours = [(block.id, block.size) for block in self._blocks]
        return "" if there == ours else f"the blob should have {len(ours)} blocks of known content, and has others"

    async def _differs_in_size(self) -> str:
        """Say how the blob that somebody else made differs from ours; nothing if it does not."""
        there = await with_container(self._workspace, lambda container: container.head(self._goal.blob))
        size = "" if there is None else there.get("content-length", "")
        return "" if size == str(self._size) else f"the blob should have {self._size} bytes, and has {size or 'none'}"

    async def _report(self, *, sent: int = 0, resumed: int = 0) -> None:
        async with self._counting:
            self._sent += sent
            self._resumed += resumed
            if self._on_progress is not None:
                seconds = self._wire.clock() - self._began
                self._on_progress(TransferProgress(self._sent, self._size, self._resumed, seconds))
