"""A part of a notebook's output that can be redrawn; lines of text outside notebooks."""

from __future__ import annotations

import sys
from typing import Any, Protocol


class DisplayHandle(Protocol):
    """Output that can be updated: in a notebook, showing again replaces what was shown."""

    every: float
    """Least seconds between two updates that are not urgent."""

    def show(self, html: str, line: str) -> None:
        """Show something, given as HTML and as a line of text. It may be called from any thread."""
        ...


def display_handle(html: str, line: str) -> DisplayHandle:
    """Return a place in the output of the cell that runs, or lines on stderr outside notebooks.

    Args:
        html: what a cell shows at once: whatever thread shows something later finds the place there.
        line: the same as text, for those who read the notebook without a browser.
    """
    ipython = sys.modules.get("IPython")  # a kernel has imported it; other programs need not
    shell: Any = ipython.get_ipython() if ipython is not None else None
    return _Cell(html, line) if shell is not None and getattr(shell, "kernel", None) is not None else _Lines()


class _Cell:
    """An output of a cell, redrawn by its display id."""

    every = 0.25

    def __init__(self, html: str, line: str) -> None:
        from IPython import display  # only a kernel comes here, and it has IPython

        shown: Any = display  # its functions have no types
        self._handle = shown.display(_bundle(html, line), raw=True, display_id=True)

    def show(self, html: str, line: str) -> None:
        self._handle.update(_bundle(html, line), raw=True)


def _bundle(html: str, line: str) -> dict[str, str]:
    return {"text/html": html, "text/plain": line}


class _Lines:
    """Lines of text; unchanged lines are not repeated."""

    every = 5.0

    def __init__(self) -> None:
        self._last = ""

    def show(self, html: str, line: str) -> None:
        del html
        if line != self._last:
            self._last = line
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
