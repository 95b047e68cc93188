"""How far a download is, over all of its files."""

from __future__ import annotations

from ..transfers.progress import OnProgress, Progress
from ..wire import Wire


class Tally:
    """Adds up the bytes that came over the network and those that were there already, and tells whoever asked."""

    def __init__(self, wire: Wire, total: int, on_progress: OnProgress | None = None) -> None:
        self._wire, self._total, self._on_progress = wire, total, on_progress
        self._began = wire.clock()
        self._fetched = self._resumed = 0
        self._lock = wire.lock()

    async def add(self, *, fetched: int = 0, resumed: int = 0) -> None:
        """Count more bytes; `on_progress` is called by one caller at a time, possibly on another thread."""
        async with self._lock:
            self._fetched += fetched
            self._resumed += resumed
            if self._on_progress is not None:
                seconds = self._wire.clock() - self._began
                self._on_progress(Progress(self._fetched, self._total, self._resumed, seconds))
