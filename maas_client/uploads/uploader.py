"""A file's way into the datastore: recognised by its content, sent in one request or in blocks, taken up again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..arm import Arm
from ..errors import BadRequest, DatasetRefused, FileChanged, InvalidInput
from ..storage import FileSlice
from ..workspace import AsyncWorkspace
from . import plan
from .authorized import authorized
from .engine import PARALLEL, Goal, Sending
from .identity import Identity, identity_of, still
from .journal import Entry, Journal
from .progress import OnProgress, Progress
from .reader import FileReader, Listener, content_hash

VERSION_LENGTH = 16
"""Characters of the content hash that make a data asset's version."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a file's content is: its hash, the blob's path, the bytes that were sent, and those found at the server."""

    sha256: str
    blob: str
    sent: int = 0
    resumed: int = 0

    @property
    def version(self) -> str:
        """The version that a data asset with this content has."""
        return self.sha256[:VERSION_LENGTH]


def _no_objection() -> None:
    """Let everything be committed."""


class Uploader:
    """Places files in a workspace's default datastore, laid out as Microsoft's SDK lays them out."""

    def __init__(self, arm: Arm, workspace: AsyncWorkspace, journal: Journal) -> None:
        self._arm, self._workspace, self._journal = arm, workspace, journal

    async def place(
        self,
        file: Path,
        asset: str,
        *,
        listeners: Sequence[Listener] = (),
        may_commit: Callable[[], None] = _no_objection,
        parallel: int = PARALLEL,
        on_progress: OnProgress | None = None,
        remember: bool = True,
    ) -> Placed:
        """Bring a file's content to the datastore, unless it is there.

        Args:
            file: an existing file.
            asset: the data asset's name, which the blob's metadata mentions.
            listeners: are given the file's bytes in order.
            may_commit: is called when they have them all; what it raises ends the upload, and nothing is committed.
            parallel: blocks under way at once.
            on_progress: is told how far it is, possibly from another thread.
            remember: keep in mind what is under way, for a file that will still be there tomorrow.

        Raises:
            InvalidInput: the file cannot be read or has a name that no blob can have, or no block may be under way.
            FileChanged: the file is not the one that its interrupted upload began with, or changes meanwhile; the next
                call begins anew.
            TransportError, ServiceError: the upload can be taken up where it stopped, by any process.
        """
        _check(file, parallel)
        identity = await self._arm.wire.call(partial(identity_of, file))
        known = await self._arm.wire.call(partial(self._known, file, identity))
        if identity.size <= plan.BLOCK:
            return await self._place_small(file, asset, identity, listeners, may_commit, on_progress)
        if known is None:
            known = await self._arm.wire.call(partial(content_hash, file))
        sha256, identity = known
        goal = _goal(file, asset, identity, sha256)
        there = await authorized(self._workspace, lambda container: container.head(goal.blob))
        sending = Sending(
            self._arm.wire,
            self._workspace,
            replace(goal, overwrite=there is not None),
            parallel=parallel,
            listeners=listeners,
            may_commit=may_commit,
            on_progress=on_progress,
        )
        placed = Placed(sha256, goal.blob)
        try:
            if there is None or not _is_complete(there):
                placed = await self._send(sending, goal, remember=remember)
            elif listeners:
                await sending.read_only()
        except (DatasetRefused, FileChanged):
            self._journal.forget(file, self._where)  # what is staged will never be committed
            raise
        self._journal.forget(file, self._where)
        return placed

    @property
    def _where(self) -> str:
        return self._arm.settings.workspace_path

    def _known(self, file: Path, identity: Identity) -> tuple[str, Identity] | None:
        """Return what an upload that was interrupted knew of the file; FileChanged, once, if it is another one now."""
        entry = self._journal.recall(file, self._where)
        if entry is None:
            return None
        how = entry.identity.differs(identity)
        if not how and entry.identity == identity:
            return entry.sha256, identity
        if not how:  # it was touched: whoever writes to a file can set its time back, but not hide that
            content, identity = content_hash(file)
            if content == entry.sha256:
                return content, identity
            how = "its content is another"
        self._journal.forget(file, self._where)
        raise FileChanged(
            f"{file} is not the file whose upload was interrupted: {how}. Nothing was sent; "
            "upload it again to begin anew."
        )

    async def _send(self, sending: Sending, goal: Goal, *, remember: bool) -> Placed:
        """Send a file in blocks, remembered until it is committed."""
        entry = Entry(
            file=str(goal.path.absolute()),
            identity=goal.identity,
            sha256=goal.sha256,
            workspace=self._where,
            blob=goal.blob,
            began=self._arm.wire.now(),
        )
        if remember:
            await self._arm.wire.call(partial(self._journal.remember, entry))
        sent = await sending.run()
        return Placed(goal.sha256, goal.blob, sent.sent, sent.resumed)

    async def _place_small(
        self,
        file: Path,
        asset: str,
        identity: Identity,
        listeners: Sequence[Listener],
        may_commit: Callable[[], None],
        on_progress: OnProgress | None,
    ) -> Placed:
        """Read a small file, then send it in one request if it is not there."""
        block, sha256 = await self._arm.wire.call(partial(_read_whole, file, identity, listeners))
        may_commit()
        goal = _goal(file, asset, identity, sha256)
        there = await authorized(self._workspace, lambda container: container.head(goal.blob))
        if there is not None and _is_complete(there):
            return Placed(sha256, goal.blob)
        body, overwrite = FileSlice(file, 0, identity.size), there is not None
        try:
            await authorized(
                self._workspace,
                lambda container: container.put(
                    goal.blob, body, md5=block.checksum, metadata=goal.metadata, overwrite=overwrite
                ),
            )
        except BadRequest:
            await self._arm.wire.call(partial(still, file, identity, "while it was sent"))
            raise
        if on_progress is not None:
            on_progress(Progress(identity.size, identity.size))
        return Placed(sha256, goal.blob, identity.size)


def _check(file: Path, parallel: int) -> None:
    """Raise InvalidInput for what would only fail on the way."""
    if parallel < 1:
        raise InvalidInput(f"at least one block has to be under way at once, and `parallel` is {parallel}")
    try:
        file.name.encode()
    except UnicodeEncodeError:
        raise InvalidInput(
            f"the name {file.name!r} holds bytes that are no text, and a blob's is text; rename it"
        ) from None


def _goal(file: Path, asset: str, identity: Identity, sha256: str) -> Goal:
    metadata = {"upload_status": "completed", "name": asset, "version": sha256[:VERSION_LENGTH]}
    blob = f"LocalUpload/{sha256}/{file.name}"
    return Goal(path=file, identity=identity, sha256=sha256, blob=blob, metadata=metadata)


def _is_complete(headers: Mapping[str, str]) -> bool:
    """Say whether a blob is whole: Microsoft's SDK writes so into its metadata when it has sent it."""
    return headers.get("x-ms-meta-upload_status") == "completed"


def _read_whole(file: Path, identity: Identity, listeners: Sequence[Listener]) -> tuple[plan.Block, str]:
    """Read a small file in one piece: its checksum, and its content hash."""
    md5 = hashlib.md5(usedforsecurity=False)
    reader = FileReader(file, identity, max(identity.size, 1), listeners=(md5.update, *listeners))
    try:
        piece = reader.next()
        return plan.Block(piece.number, piece.offset, piece.size, md5.digest()), reader.finish()
    finally:
        reader.close()
