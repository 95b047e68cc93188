"""Staging of a blob's blocks: those on the server are skipped, the others sent concurrently, then all committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ...azure.workspace import AsyncWorkspace
from ...core.errors import BadRequest, UnexpectedReply
from ...wire import Wire
from ..container_access import with_container
from ..progress import OnProgress
from .block_sending import BlockSending, Put, Sized, no_check
from .options import PARALLEL


class Stageable(Sized, Protocol):
    """The source of a block."""

    @property
    def id(self) -> str:
        """The block's id in base64, which identifies its position and content."""
        ...


B = TypeVar("B", bound=Stageable)


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
        self._wire, self._workspace, self._target, self._blocks = wire, workspace, target, blocks
        self._size = sum(block.size for block in blocks)
        self._sending = BlockSending(
            wire, blocks, put, parallel=parallel, processors=processors, on_progress=on_progress
        )

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
            discarded, self._sending.sent, self._sending.resumed = self._sending.sent, 0, 0
            await self._stage(may_go_on, may_commit)
            await self._commit()
            return StagedBytes(discarded + self._sending.sent, self._sending.resumed)
        return StagedBytes(self._sending.sent, self._sending.resumed)

    async def _stage(self, may_go_on: Callable[[], None], may_commit: Callable[[], None]) -> None:
        held = await with_container(self._workspace, lambda container: container.uncommitted(self._target.blob))
        await self._sending.run(lambda block: held.get(block.id) == block.size, may_go_on)
        await self._wire.call(may_commit)

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
