"""What there is instead: an error about a name that nothing has, with the nearest names or the latest."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from .error_sentences import missing_thing
from .errors import NotFound
from .text import one_line

PAGES = 5
"""Pages of a listing that are read for the names."""

SHOWN = 3
"""Names that an error lists."""

_PLACES = ("no workspace ", "no account ", "no project ")
"""Beginnings of errors about the place of a resource, in which there are no other names."""


def with_names(error: NotFound, name: str, there: Sequence[str]) -> NotFound:
    """Return an error about a missing resource with what there is.

    Args:
        error: the error of the service, which is returned unchanged if it is about something else.
        name: the name that was asked for.
        there: the names of the resources of this kind, the latest first.
    """
    missing = missing_thing(error.request, status=error.status, code=error.code, detail=error.detail)
    if not missing or missing.startswith(_PLACES):
        return error
    return NotFound(
        error.request,
        status=error.status,
        code=error.code,
        detail=error.detail,
        param=error.param,
        request_id=error.request_id,
        correlation_id=error.correlation_id,
        body=error.body,
        retry_after=error.retry_after,
        summary=f"{missing}; {names_there(name, there)}",
    )


def names_there(name: str, there: Sequence[str], *, order: str = "latest") -> str:
    """Return the names that are near to one, else the latest (or what `order` says), as the end of a sentence."""
    known = [one_line(each) for each in there]
    if nearest := get_close_matches(name, known, n=2, cutoff=0.7):
        return f"did you mean {' or '.join(map(repr, nearest))}?"
    if len(known) < 2:
        return f"the only one is {known[0]}" if known else "there are none"
    *others, last = known[:SHOWN]
    return f"the {order} are {', '.join(others)} and {last}"
