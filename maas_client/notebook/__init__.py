"""Values in notebooks: what they look like there, and progress that is redrawn in place."""

from __future__ import annotations

from .live import Live, follow
from .progress import ProgressBar
from .tables import Table

__all__ = ["Live", "ProgressBar", "Table", "follow"]
