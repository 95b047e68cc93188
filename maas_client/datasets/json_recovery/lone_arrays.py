"""Files that consist of one array on one line: its elements are the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .pieces import Item, Piece, RecoveredRow, decode_at, next_value_start


def open_lone_array(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the items; if the file consists only of an array, yield its elements instead."""
    lone: Piece | None = None
    begun = False
    for item in items:
        if isinstance(item, Piece) and item.kind != "blank":
            if not begun and isinstance(item.value, list):
                lone, begun = item, True
                continue
            begun = True
            if lone is not None:
                yield lone
                lone = None
        yield item
    if lone is not None:
        yield RecoveredRow("json-array", lone.line, "an array's elements were put on separate lines")
        yield from _elements(lone)


def _elements(array: Piece) -> Iterator[Piece]:
    """Yield the elements with their original bytes; a lone array within an array is replaced by its elements."""
    while True:
        text = array.data.decode()
        at = text.index("[") + 1
        elements: list[Piece] = []
        for _ in array.value if isinstance(array.value, list) else ():
            at = next_value_start(text, at, commas=True)
            value, end = decode_at(text, at)
            elements.append(Piece("value", array.line, text[at:end].encode(), value))
            at = end
        if len(elements) != 1 or not isinstance(elements[0].value, list):
            yield from elements
            return
        [array] = elements
