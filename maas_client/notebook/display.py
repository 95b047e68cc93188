"""A place in a notebook's output that can be drawn anew; lines of text where there is no notebook."""

from __future__ import annotations

import sys
from typing import Any, Protocol


class Place(Protocol):
    """Where something is shown; showing again replaces what was there, in a notebook."""

    every: float
    """Seconds between two showings that nobody needs sooner."""

    def show(self, html: str, line: str) -> None:
        """Show something, given as HTML and as a line of text."""
        ...


def place() -> Place:
    """Return a place in the output of the cell that runs, or lines on stderr outside notebooks."""
    ipython = sys.modules.get("IPython")  # a kernel has imported it; nobody else has to
    shell: Any = ipython.get_ipython() if ipython is not None else None
    return _Cell() if shell is not None and getattr(shell, "kernel", None) is not None else _Lines()


class _Cell:
    """An output of a cell, redrawn by its display id."""

    every = 0.25

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, html: str, line: str) -> None:
        from IPython import display  # only a kernel comes here, and it has IPython

        shown: Any = display  # its functions have no types
        bundle = {"text/html": html, "text/plain": line}
        if self._handle is None:
            self._handle = shown.display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


class _Lines:
    """Lines of text."""

    every = 5.0

    def show(self, html: str, line: str) -> None:
        del html
        sys.stderr.write(f"{line}\n")
