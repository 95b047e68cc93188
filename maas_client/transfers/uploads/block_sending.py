"""Sending of a file's blocks: several at a time, fewer on overload, without those that the service has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, Protocol, TypeVar

from ...http.channel import OnAttempt
from ...wire import Wire
from ...wire.thread_sharing import BusyFlag
from ..adaptive_concurrency import AdaptiveLimit, ConcurrencyGate
from ..progress import REPORT_EVERY, OnProgress, TransferProgress
from .options import PARALLEL

REPORT_PAUSE = 0.005
"""Seconds until another look whether a report on another thread has ended."""


class Sized(Protocol):
    """The source of a block."""

    @property
    def size(self) -> int:
        """Its size in bytes."""
        ...


B = TypeVar("B", bound=Sized)
Put = Callable[[B, OnAttempt], Awaitable[None]]
"""Sends a block, and calls an `OnAttempt` with the outcome of each attempt."""


def no_check() -> None:
    """Do nothing."""


class BlockSending(Generic[B]):
    """Sends blocks with `put`. `processors` is the number of CPUs that send them, if this machine does.

    `sent` and `resumed` are the bytes that were sent, and those of blocks that the service had.
    """

    def __init__(
        self,
        wire: Wire,
        blocks: Sequence[B],
        put: Put[B],
        *,
        parallel: int = PARALLEL,
        processors: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._wire, self._blocks, self._put = wire, blocks, put
        self._parallel, self._on_progress = parallel, on_progress
        self._size = sum(block.size for block in blocks)
        self._began = wire.clock()
        self.sent = self.resumed = 0
        self._lock = wire.lock()
        self._partly: dict[int, int] = {}
        self._reporting = BusyFlag()
        self._limit = AdaptiveLimit(parallel, processors)
        self._gate = ConcurrencyGate(wire, self._limit)

    async def run(self, is_held: Callable[[B], bool], may_go_on: Callable[[], None] = no_check) -> None:
        """Send the blocks for which `is_held` is false; `may_go_on` is called before each and may raise."""
        asking = self._wire.lock()

        async def send_block(block: B) -> None:
            async with asking:
                may_go_on()
            await self._send(block, is_held=is_held(block))

        await self._wire.gather((partial(send_block, block) for block in self._blocks), limit=self._parallel)

    async def _send(self, block: B, *, is_held: bool) -> None:
        if is_held:
            await self._report(block, resumed=block.size)
            return
        async with self._gate.passed():
            began = self._wire.clock()
            await self._put(block, self._limit.on_attempt)
            self._limit.timed(block.size, self._wire.clock() - began)
        await self._report(block, sent=block.size)

    def partly(self, block: B, sent: int) -> None:
        """Report the bytes of a block that one attempt has sent so far; for a `put` of large blocks, on any thread.

        A report is skipped while another is made, and a new attempt takes nothing back.
        """
        if sent - self._partly.get(id(block), 0) >= REPORT_EVERY and sent < block.size:
            self._partly[id(block)] = sent
            if self._reporting.take():
                try:
                    self._report_progress()
                finally:
                    self._reporting.release()

    async def _report(self, block: B, *, sent: int = 0, resumed: int = 0) -> None:
        async with self._lock:
            while not self._reporting.take():
                await self._wire.sleep(REPORT_PAUSE)
            try:
                self._partly.pop(id(block), None)
                self.sent += sent
                self.resumed += resumed
                self._report_progress()
            finally:
                self._reporting.release()

    def _report_progress(self) -> None:
        if self._on_progress is not None:
            sent = self.sent + sum(self._partly.copy().values())
            seconds = self._wire.clock() - self._began
            self._on_progress(TransferProgress(sent, self._size, self.resumed, seconds))
