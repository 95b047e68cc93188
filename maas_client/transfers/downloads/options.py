"""Options of a download: the same for every platform."""

from __future__ import annotations

from dataclasses import dataclass

from ..progress import OnProgress
from .ranges import PARALLEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of a download: whether to overwrite existing files, concurrent ranges, and the progress callback."""

    overwrite: bool = False
    parallel: int = PARALLEL
    on_progress: OnProgress | None = None
