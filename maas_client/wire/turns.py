"""Callers on several threads, one after the other: for callbacks, which come from whatever thread did the work."""

from __future__ import annotations

from contextlib import AbstractContextManager
from threading import Lock


def turns() -> AbstractContextManager[bool]:
    """Return what one thread at a time may hold, with `with`; nothing may be awaited under it."""
    return Lock()
