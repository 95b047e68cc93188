"""A command on a terminal of a known size, and what a person sees there."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

import pexpect
import pyte

PATIENCE = 60.0
"""Seconds after which a screen counts as stuck; nobody waits for so long unless something is wrong."""

VIEWS = re.compile(rb"(?=\r\x1b\[2K)")
"""What comes before a view that is drawn anew, so that the one before can be seen as a whole."""


class Screen:
    """A running command and its screen."""

    def __init__(self, command: Sequence[str], columns: int, lines: int, environment: dict[str, str]) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
        settings = {**kept, "TERM": "xterm-256color", **environment}
        self._screen = pyte.HistoryScreen(columns, lines, history=1000)
        self._stream = pyte.ByteStream(self._screen)
        self._pieces: list[bytes] = []
        first, *rest = command
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            first, rest, env=settings, dimensions=(lines, columns), timeout=PATIENCE
        )

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, line by line."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self.lines)

    @property
    def colours(self) -> set[str]:
        """The colours of all that stands on the screen, foreground and background."""
        cells = [cell for row in self._screen.buffer.values() for cell in row.values()]
        return {cell.fg for cell in cells} | {cell.bg for cell in cells}

    def until(self, seen: Callable[[str], object]) -> str:
        """Read until the screen is as it should be, and return it."""
        end = time.monotonic() + PATIENCE
        while not seen(self.text):
            assert time.monotonic() < end, f"the screen stays as it is:\n{self.text}"
            if not self._read():
                assert seen(self.text), f"the command has ended, with the screen:\n{self.text}"
        return self.text

    def shows(self, text: str) -> str:
        """Read until the screen shows a text, and return the screen."""
        return self.until(lambda screen: text in screen)

    def resize(self, columns: int, lines: int) -> None:
        """Make the terminal another size."""
        self._screen.resize(lines, columns)
        self._child.setwinsize(lines, columns)  # pyright: ignore[reportUnknownMemberType] -- its stub lacks them

    def type(self, keys: str) -> None:
        """Press keys."""
        self._child.send(keys)

    def end(self) -> int:
        """Read all that comes until the command ends; return its exit code."""
        while self._read():
            pass
        self._child.wait()
        return self._child.exitstatus if self._child.exitstatus is not None else 128 + (self._child.signalstatus or 0)

    def close(self) -> None:
        """End the command if it still runs."""
        self._child.close(force=True)

    def _read(self) -> bool:
        """Draw what comes next, one view after another; False when the command has closed its terminal."""
        if not self._pieces:
            try:
                self._pieces = VIEWS.split(self._child.read_nonblocking(1 << 16, timeout=PATIENCE))
            except pexpect.EOF:
                return False
        self._stream.feed(self._pieces.pop(0))
        return True


@contextmanager
def screen(*words: str, columns: int = 100, lines: int = 30, **environment: str) -> Generator[Screen]:
    """Run a command line of `maas` on a terminal for as long as the block lasts."""
    shown = Screen([sys.executable, "-m", "maas_client", *words], columns, lines, environment)
    try:
        yield shown
    finally:
        shown.close()
