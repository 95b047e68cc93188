"""Values in notebooks, and progress that is redrawn in place."""

from __future__ import annotations

from .live import Live, follow
from .progress import ProgressBar
from .tables import Table

__all__ = ["Live", "ProgressBar", "Table", "follow"]
