"""The shape of an answer's body: JSON types and words by place, from JSON, events, XML and data alike."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract.operation import Answer, Body, Events, Opaque, Operation, Xml
from ..contract.pointers import below
from ..contract.shape_of import BodyShape, shape_of
from ..contract.shapes import Shape
from ..core.json_fields import items, text
from .exchange import BodyKind, ComparedExchange

NOTHING = BodyShape({}, {})


def answer_shape(exchange: ComparedExchange) -> BodyShape:
    """Return the shape of an exchange's answer; of a stream, that of all its events."""
    kind, body = exchange.body_kind, exchange.body
    if body is None:
        return NOTHING
    if kind is BodyKind.JSON:
        return shape_of(body["json"], expected_shape(exchange.contract, exchange.status, kind))
    if kind is BodyKind.EVENTS:
        expected = expected_shape(exchange.contract, exchange.status, kind)
        return merged(shape_of(event, expected) for event in items(body, "events"))
    if kind is BodyKind.XML:
        return BodyShape({pointer: frozenset({"element"}) for pointer in _elements(text(body, "xml"))}, {})
    return NOTHING


def expected_shape(operation: Operation | None, status: int | None, kind: BodyKind) -> Shape | None:
    """Return what the contract says of an answer's JSON, or of a stream's events; None if it says nothing."""
    answer = operation.answers.get(status) if operation is not None and status is not None else None
    if operation is not None and answer is None and status is not None and status >= 400:
        return next((_json(one, kind) for one in operation.error_bodies if _json(one, kind) is not None), None)
    return None if answer is None else _of_answer(answer, kind)


def _of_answer(answer: Answer, kind: BodyKind) -> Shape | None:
    shapes = (_json(one, kind) for one in (answer.body, *answer.alternatives))
    return next((one for one in shapes if one is not None), None)


def _json(body: Body, kind: BodyKind) -> Shape | None:
    if isinstance(body, Events):
        return body.chunk if kind is BodyKind.EVENTS else None
    return None if isinstance(body, Opaque | Xml) or kind is BodyKind.EVENTS else body


def merged(shapes: Iterator[BodyShape]) -> BodyShape:
    """Return what several bodies have together."""
    types: dict[str, frozenset[str]] = {}
    words: dict[str, frozenset[str]] = {}
    for shape in shapes:
        for pointer, found in shape.types.items():
            types[pointer] = types.get(pointer, frozenset()) | found
        for pointer, found in shape.words.items():
            words[pointer] = words.get(pointer, frozenset()) | found
    return BodyShape(types, words)


def _elements(document: str) -> Iterator[str]:
    """Yield the place of each element of an XML document, in one pass; what is not well-formed ends it."""
    opened = [""]
    for piece in document.split("<")[1:]:
        tag = piece.partition(">")[0]
        if tag.startswith(("?", "!")):
            continue
        if tag.startswith("/"):
            if len(opened) > 1:
                opened.pop()
            continue
        name = tag.rstrip("/").split(maxsplit=1)[0] if tag.strip("/ ") else ""
        pointer = below(opened[-1], name)
        yield pointer
        if not tag.endswith("/"):
            opened.append(pointer)
