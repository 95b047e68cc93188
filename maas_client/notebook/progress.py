"""A transfer's progress as a bar that is redrawn in place; as lines of text where there is no notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .display import Place, place
from .html import card, text

if TYPE_CHECKING:
    from ..uploads.progress import Progress


class ProgressBar:
    """Shows how far a transfer is: give it as `on_progress`. It may be called from any thread.

    Args:
        label: what is transferred.
    """

    def __init__(self, label: str = "") -> None:
        self._label = label
        self._place: Place | None = None
        self._shown: tuple[bool, float] | None = None

    def __call__(self, progress: Progress) -> None:
        """Show a state, unless one was shown a moment ago; the first and the last one always."""
        doing = "reading" if progress.read else "transferring"
        done = progress.read or progress.done
        key = bool(progress.read), progress.seconds
        if self._place is None:
            self._place = place()
        last = self._shown
        recent = last is not None and last[0] == key[0] and key[1] - last[1] < self._place.every
        if recent and done < progress.total:
            return
        self._shown = key
        line = f"{self._label or 'transfer'}: {doing}, {done:,} of {progress.total:,} bytes"
        self._place.show(_bar(line, done, progress), line)


def _bar(line: str, done: int, progress: Progress) -> str:
    share = 100 * done / max(progress.total, 1)
    rate = f", {progress.rate / 1e6:.1f} MB/s" if progress.rate else ""
    bar = (
        '<div style="border:1px solid currentColor;border-radius:3px;width:20em;height:.9em">'
        f'<div style="width:{share:.1f}%;height:100%;background:currentColor;opacity:.55"></div></div>'
    )
    return card(line, bar, f"<p>{share:.0f} %{text(rate) if rate else ''}</p>")
