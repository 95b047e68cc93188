"""The error about a job that a platform cannot run."""

from __future__ import annotations

from ..core.errors import InvalidInput


class NotExportable(InvalidInput):
    """A job that the platform cannot run; nothing was written.

    `target` is the platform, `reason` why, with what to do instead.
    """

    def __init__(self, target: str, reason: str) -> None:
        self.target, self.reason = target, reason
        super().__init__(f"the job cannot be exported for {target}: {reason}. Nothing was written")
