"""The comparison of what two recordings show of the same operation and status."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract.operation import OUTAGE
from ..contract.shapes import Shape, Text
from .answer_shapes import expected_shape
from .contract_places import shape_at
from .exchange import BodyKind
from .finding import DriftKind, Finding, between
from .observations import Observed

RELIED_ON = frozenset({"location", "azure-asyncoperation", "operation-location", "retry-after", "etag"})
"""Headers that clients follow or obey; another one that is missing changes nothing."""

TRANSPORT = frozenset({"content-length", "date", "server", "vary", "x-ms-client-request-id"})
"""Headers that say how an answer was sent, or repeat what was asked, and do not describe the service."""

_KINDS = (BodyKind.JSON, BodyKind.EVENTS, BodyKind.XML)


def compare(left: Observed, right: Observed) -> Iterator[Finding]:
    """Yield where two sides of one operation and status differ."""
    if left.status in OUTAGE:
        return  # a gateway may have written it
    yield from _headers(left, right)
    if left.bodies and right.bodies:
        yield from _bodies(left, right)
        yield from _places(left, right)


def _headers(left: Observed, right: Observed) -> Iterator[Finding]:
    if not left.answers or not right.answers:
        return
    for name in sorted(left.headers.keys() | right.headers.keys()):
        on_left, on_right = left.headers.get(name, 0), right.headers.get(name, 0)
        if name in TRANSPORT or name.startswith("header-") or (on_left and on_right):
            continue
        is_always = (on_left or on_right) == (left.answers if on_left else right.answers)
        relied_on = is_always and on_left and name in RELIED_ON
        kind = DriftKind.MISSING_HEADER if relied_on else DriftKind.HEADER
        there = [f"{name}" if count else "nothing" for count in (on_left, on_right)]
        yield between(left.operation, kind, f"{left.status} header {name}", there)


def _bodies(left: Observed, right: Observed) -> Iterator[Finding]:
    """Compare what the bodies are: JSON against a page of text breaks code that parses it."""
    if left.bodies.keys() & right.bodies.keys():
        return
    kind = DriftKind.ERROR_SHAPE if left.is_error else DriftKind.OTHER_BODY
    names = [", ".join(sorted(side.bodies)) for side in (left, right)]
    yield between(left.operation, kind, f"{left.status} body", names)


def _places(left: Observed, right: Observed) -> Iterator[Finding]:
    kind = next((one for one in _KINDS if one in left.bodies and one in right.bodies), None)
    if kind is None:
        return
    shape = expected_shape(left.contract, left.status, kind)
    for pointer in sorted(left.types.keys() | right.types.keys()):
        if pointer and not _has_parent(pointer, left, right):
            continue  # its parent is on one side only, and is said
        if pointer not in left.types or pointer not in right.types:
            if not pointer.endswith("/*") and _said(left.types.get(pointer) or right.types[pointer]):
                yield _one_sided(left, right, pointer, shape)
        else:
            yield from _types(left, right, pointer, shape)
            yield from _words(left, right, pointer, shape)


def _has_parent(pointer: str, left: Observed, right: Observed) -> bool:
    """Whether both sides have something that the place could be in; an empty list and null have no places."""
    parent = pointer.rpartition("/")[0]
    return all(_said(side.types.get(parent, frozenset())) for side in (left, right))


def _one_sided(left: Observed, right: Observed, pointer: str, shape: Shape | None) -> Finding:
    """Say that a field is on one side only.

    It is missing where the first side always had it, and the contract needs it or does not have the operation.
    """
    place = shape_at(shape, pointer)
    is_needed = place.is_needed if left.contract is not None else not left.is_error
    is_missing = is_needed and left.is_always_at(pointer)
    kinds = (DriftKind.ERROR_SHAPE if left.is_error else DriftKind.MISSING_FIELD, DriftKind.FIELD)
    return _finding(left, right, kinds[0 if is_missing else 1], pointer)


def _types(left: Observed, right: Observed, pointer: str, shape: Shape | None) -> Iterator[Finding]:
    on_left, on_right = _said(left.types[pointer]), _said(right.types[pointer])
    if not on_left or not on_right or on_left == on_right:
        return
    if {*on_left, *on_right} <= {"integer", "number"} and not shape_at(shape, pointer).is_integer:
        return  # JSON writes 1.0 and 1 for the same number
    may_be_either = shape_at(shape, pointer).is_free
    if on_left & on_right or may_be_either:
        kind = DriftKind.TYPE_TOO
    else:
        kind = DriftKind.ERROR_SHAPE if left.is_error else DriftKind.OTHER_TYPE
    yield _finding(left, right, kind, pointer)


def _said(types: frozenset[str]) -> frozenset[str]:
    """Return types without null, which only says that there is nothing."""
    return types - {"null"}


def _words(left: Observed, right: Observed, pointer: str, shape: Shape | None) -> Iterator[Finding]:
    """Compare words of enumerations, without those that the contract knows: which of them come is a matter of state."""
    place = shape_at(shape, pointer).shape
    known = {word.lower() for word in place.words} if isinstance(place, Text) else set[str]()
    on_left, on_right = ({word.lower(): word for word in side.words.get(pointer, ())} for side in (left, right))
    for word in sorted((on_left.keys() ^ on_right.keys()) - known):
        there = [side.get(word, "nothing") for side in (on_left, on_right)]
        yield between(left.operation, DriftKind.VALUE, f"{left.status} {pointer}", there)


def _finding(left: Observed, right: Observed, kind: DriftKind, pointer: str) -> Finding:
    found = [", ".join(sorted(side.types.get(pointer, {"nothing"}))) for side in (left, right)]
    return between(left.operation, kind, f"{left.status} {pointer or '/'}", found)
