"""What shows how far a transfer is."""

from __future__ import annotations

from typing import Protocol


class ProgressCallback(Protocol):
    """Takes what is done and what there is to do, in bytes."""

    def __call__(self, done: int, total: int, doing: str = "") -> None:
        """Show it; `doing` says what is done where that is not plain, and counts for itself."""
        ...
