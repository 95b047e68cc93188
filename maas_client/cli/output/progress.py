"""The callback protocol of progress displays."""

from __future__ import annotations

from typing import Protocol


class ProgressCallback(Protocol):
    """Receives the transferred and the total number of bytes."""

    def __call__(self, done: int, total: int, doing: str = "") -> None:
        """Show progress; `doing` names the phase, such as reading, if it is not the transfer itself."""
        ...
