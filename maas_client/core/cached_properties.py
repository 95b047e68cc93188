"""Copies of objects whose cached properties are made anew, for views of a client with other options."""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import TypeVar

T = TypeVar("T")


def without_cached(owner: T) -> T:
    """Return a copy whose cached properties are made anew: each resource knows the options of its client."""
    view = copy(owner)
    for name in [name for name in vars(view) if isinstance(getattr(type(owner), name, None), cached_property)]:
        del vars(view)[name]
    return view
