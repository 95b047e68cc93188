"""Options of an upload, and what inspects a file while it is read: the same for every platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..progress import OnProgress

PARALLEL = 4
"""Number of concurrent blocks."""

Listener = Callable[[memoryview], object]
"""Receives the bytes of a file in order; the memory is only valid until it returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of an upload.

    `parallel` is the number of concurrent blocks; `checksums` makes the service verify an MD5 of each; `on_progress` is
    called with the progress, possibly from another thread; `remember` records the upload in the journal, for a file
    that will still exist when it is resumed.
    """

    parallel: int = PARALLEL
    checksums: bool = True
    on_progress: OnProgress | None = None
    remember: bool = True


@dataclass(frozen=True, slots=True)
class Inspection:
    """Receives all bytes of a file and may then reject it: an exception from `objection` ends the upload."""

    listener: Listener
    objection: Callable[[], None]
