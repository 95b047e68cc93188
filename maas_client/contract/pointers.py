"""JSON pointers (RFC 6901) into answers, in which `*` stands for every array index and every name of a map."""

from __future__ import annotations

ANY = "*"


def below(pointer: str, key: str) -> str:
    """Return the pointer of a field of the value at `pointer`."""
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"


def every(pointer: str) -> str:
    """Return the pointer of every item of the array or map at `pointer`."""
    return f"{pointer}/{ANY}"
