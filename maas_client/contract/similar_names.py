"""Which known field an unknown one may be under another name: the same words, written otherwise or with one more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
LONGEST = 60
"""Characters of a name that is compared."""

ALIKE = 0.8
"""How much of two names, without separators and case, has to be the same (see `difflib.SequenceMatcher.ratio`)."""


def similar_name(name: str, known: Iterable[str]) -> str:
    """Return the known name that a name is most like; empty if it is like none.

    Args:
        name: the unknown name.
        known: the names of known fields that the object does not have.
    """
    if len(name) > LONGEST:
        return ""
    found = max(((_likeness(name, one), one) for one in known), default=(0.0, ""))
    return found[1] if found[0] >= ALIKE else ""


def _likeness(name: str, known: str) -> float:
    """Return 1 for the same words, or for two and more that are the beginning or the end of the other name."""
    one, other = _words(name), _words(known)
    shorter, longer = sorted((one, other), key=len)
    if one == other or (len(shorter) > 1 and shorter in (longer[: len(shorter)], longer[-len(shorter) :])):
        return 1.0
    return SequenceMatcher(None, "".join(one), "".join(other), autojunk=False).ratio()


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]
