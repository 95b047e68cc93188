"""Staging of a blob's blocks: those on the server are skipped, the others sent concurrently, then all committed."""

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
from .options import PARALLEL


class Stageable(Protocol):
    """The source of a block."""

    @property
    def id(self) -> str:
        """The block's id in base64, which identifies its position and content."""
        ...

    @property
    def size(self) -> int:
        """Its size in bytes."""
        ...


B = TypeVar("B", bound=Stageable)
Put = Callable[[B, OnAttempt], Awaitable[None]]
"""Stages a block, and calls an `OnAttempt` with the outcome of each attempt."""


def no_check() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class StagedBytes:
    """The result of an upload in bytes: staged now, and found on the server."""

    sent: int
    resumed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobTarget:
    """The blob to create and its metadata; `source` names its origin in errors."""

    source: str
    blob: str
    metadata: Mapping[str, str]
    overwrite: bool = False


class Staging(Generic[B]):
    """The upload of one blob in blocks.

    A block's id identifies its content, so that blocks of other content on the server are never mistaken for it. The
    blob is created by the last request. `processors` is the number of CPUs that send the blocks, if this machine does.
    """

    def __init__(
        self,
        wire: Wire,
        workspace: AsyncWorkspace,
        target: BlobTarget,
        blocks: Sequence[B],
        put: Put[B],
        *,
        parallel: int = PARALLEL,
        processors: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._wire, self._workspace, self._target, self._blocks, self._put = wire, workspace, target, blocks, put
        self._parallel, self._on_progress = parallel, on_progress
        self._size = sum(block.size for block in blocks)
        self._began = wire.clock()
        self._sent = self._resumed = 0
        self._lock = wire.lock()
        self._limit = AdaptiveLimit(parallel, processors)
        self._gate = ConcurrencyGate(wire, self._limit)

    async def run(
        self, *, may_go_on: Callable[[], None] = no_check, may_commit: Callable[[], None] = no_check
    ) -> StagedBytes:
        """Stage the missing blocks, and commit.

        `may_go_on` is called before each block, and `may_commit` once all are staged; their exceptions end the upload
        before anything is committed.

        Raises TransportError or ServiceError.
        """
        await self._stage(may_go_on, may_commit)
        try:
            await self._commit()
        except BadRequest as error:
            if error.code != "InvalidBlockList":
                raise
            # The service discards blocks that are not committed within a week, or when another client commits the blob.
            discarded, self._sent, self._resumed = self._sent, 0, 0
            await self._stage(may_go_on, may_commit)
            await self._commit()
            return StagedBytes(discarded + self._sent, self._resumed)
        return StagedBytes(self._sent, self._resumed)

    async def _stage(self, may_go_on: Callable[[], None], may_commit: Callable[[], None]) -> None:
        held = await with_container(self._workspace, lambda container: container.uncommitted(self._target.blob))
        asking = self._wire.lock()

        async def stage_block(block: B) -> None:
            async with asking:
                may_go_on()
            await self._stage_block(block, held)

        await self._wire.gather((partial(stage_block, block) for block in self._blocks), limit=self._parallel)
        await self._wire.call(may_commit)

    async def _stage_block(self, block: B, held: Mapping[str, int]) -> None:
        """Stage a block unless the server has it."""
        if held.get(block.id) == block.size:
            await self._report(resumed=block.size)
            return
        async with self._gate.passed():
            began = self._wire.clock()
            await self._put(block, self._limit.on_attempt)
            self._limit.timed(block.size, self._wire.clock() - began)
        await self._report(sent=block.size)

    async def _commit(self) -> None:
        """Commit the blob, unless another client just did, and verify that it is complete."""
        target, ids = self._target, [block.id for block in self._blocks]
        mine = await with_container(
            self._workspace,
            lambda container: container.commit(target.blob, ids, metadata=target.metadata, overwrite=target.overwrite),
        )
        detail = await (self._differs_in_blocks() if mine else self._differs_in_size())
        if detail:
            raise UnexpectedReply(
                f"upload of {target.source}",
                status=200,
                detail=detail,
                hint="Delete it and upload the file again.",
            )

    async def _differs_in_blocks(self) -> str:
        """Return how the blob differs from our blocks, whose content the server has verified; empty if it does not."""
        there = await with_container(self._workspace, lambda container: container.committed(self._target.blob))
        ours = [(block.id, block.size) for block in self._blocks]
        return "" if there == ours else f"the blob should consist of the {len(ours)} uploaded blocks, but has others"

    async def _differs_in_size(self) -> str:
        """Return how a blob that another client committed differs from ours; empty if it does not."""
        there = await with_container(self._workspace, lambda container: container.head(self._target.blob))
        size = "" if there is None else there.get("content-length", "")
        return "" if size == str(self._size) else f"the blob should have {self._size} bytes, but has {size or 'none'}"

    async def _report(self, *, sent: int = 0, resumed: int = 0) -> None:
        async with self._lock:
            self._sent += sent
            self._resumed += resumed
            if self._on_progress is not None:
                seconds = self._wire.clock() - self._began
                self._on_progress(TransferProgress(self._sent, self._size, self._resumed, seconds))
