"""A transfer's progress as a bar that is redrawn in place; as lines of text outside notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rendering.html import card, escaped
from ..wire.thread_sharing import callback_lock
from .display import DisplayHandle, display_handle

if TYPE_CHECKING:
    from ..transfers.progress import TransferProgress


class ProgressBar:
    """Shows progress in the cell that creates it: pass it as `on_progress`, or its `count` to evaluations.

    It may be called from any thread. It is drawn at most four times a second, and printed every five seconds
    outside notebooks, by the seconds in the progress itself. A bar is for one transfer.

    Args:
        label: what is transferred.
        into: where it is shown, by default in the cell that runs, and outside notebooks on stderr.
    """

    def __init__(self, label: str = "", *, into: DisplayHandle | None = None) -> None:
        self._label = label or "transfer"
        waiting = f"{self._label}: waiting"
        self._place = display_handle(_bar(waiting, 0.0), waiting) if into is None else into
        self._doing, self._shown, self._most = "", 0.0, -1
        self._turns = callback_lock()

    def __call__(self, progress: TransferProgress) -> None:
        """Show a transfer's progress, unless it was shown a moment ago; always the first and the last one."""
        doing = "reading" if progress.read else "transferring"
        done = progress.read or progress.done
        rate = f"{progress.rate / 1e6:.1f} MB/s" if progress.rate else ""
        self._take(doing, done, progress.total, unit=" bytes", seconds=progress.seconds, rate=rate)

    def count(self, done: int, total: int) -> None:
        """Show how many of all are done; each percentage is shown once."""
        seconds = self._place.every * (100 * done // max(total, 1))
        self._take("done", done, total, unit="", seconds=seconds, rate="")

    def _take(self, doing: str, done: int, total: int, *, unit: str, seconds: float, rate: str) -> None:
        """Show a state that is due, never one that is behind the one shown."""
        share = 100 * done / total if total else 100.0
        line = f"{self._label}: {doing}, {done:,} of {total:,}{unit}"
        with self._turns:
            begins = doing != self._doing
            is_due = done >= total or seconds - self._shown >= self._place.every
            if begins or (done > self._most and is_due):
                self._doing, self._shown, self._most = doing, seconds, done
                self._place.show(_bar(line, share, rate), line)


def _bar(title: str, share: float, rate: str = "") -> str:
    """Draw a bar for a percentage."""
    attributes = f'role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{share:.0f}"'
    bar = f'<div class="track" {attributes}><div class="done" style="width:{share:.1f}%"></div></div>'
    return card(title, bar, f"<p>{share:.0f} %{', ' + escaped(rate) if rate else ''}</p>")
