"""A wire that lets somebody look around before every pause, so that a view is fed while a wait sleeps."""

from __future__ import annotations

from collections.abc import Callable

from ..wire import BlockingWire


class LookingWire(BlockingWire):
    """A blocking wire that calls `look` before it sleeps, except for the pauses of a look itself."""

    def __init__(self, look: Callable[[], None]) -> None:
        super().__init__()
        self._look, self._looking = look, False

    async def sleep(self, seconds: float, /) -> None:
        """Look, then let that many seconds pass."""
        if not self._looking:
            self._looking = True
            try:
                self._look()
            finally:
                self._looking = False
        await super().sleep(seconds)
