"""Which names a request's body has where the recording has placeholders, by walking both side by side."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import unescape

from mock_server.core.json_values import Json, child, is_array, is_object, text
from mock_server.replay.placeholders import PLACEHOLDER, Bindings, unified
from mock_server.replay.requests import ReplayRequest

TEXT_NODE = re.compile(r">([^<>]+)<")


@dataclass(frozen=True, slots=True)
class Compared:
    """A body beside the recorded one: the bindings that follow, and how many places contradict the recording."""

    bindings: Bindings
    contradictions: int


def compared(recorded: Json | None, request: ReplayRequest, bindings: Bindings) -> Compared:
    """Walk a recorded body and a request's side by side.

    A place that contradicts the recording binds nothing and is counted: bodies do not decide whether a request fits,
    but which of several recorded exchanges fits best.
    """
    contradictions = 0
    for template, given in _pairs(recorded, request):
        if isinstance(template, str) and isinstance(given, str):
            found = unified(template, given, bindings)
            contradictions += found is None
            bindings = bindings if found is None else found
        else:
            contradictions += template != given
    return Compared(bindings, contradictions)


def _pairs(recorded: Json | None, request: ReplayRequest) -> Iterator[tuple[object, object]]:
    if recorded is None:
        return
    if "json" in recorded:
        yield from _json_pairs(recorded["json"], request.json)
    elif "xml" in recorded:
        given = request.body.decode("utf-8", "replace")
        yield from zip(_texts(recorded["xml"]), _texts(given), strict=False)
    elif "form" in recorded:
        yield from _form_pairs(recorded, request)


def _texts(xml: str) -> list[str]:
    return [unescape(found) for found in TEXT_NODE.findall(xml)]


def _form_pairs(recorded: Json, request: ReplayRequest) -> Iterator[tuple[object, object]]:
    given = {part.name: part for part in request.form}
    for part in recorded["form"]:
        sent = given.get(text(part, "name"))
        if sent is None:
            continue
        if sent.filename is not None and text(part, "filename"):
            yield text(part, "filename"), sent.filename
        if isinstance(part.get("json"), str):
            yield part["json"], sent.content.decode("utf-8", "replace")


def _json_pairs(recorded: object, given: object) -> Iterator[tuple[object, object]]:
    if is_object(recorded) and is_object(given):
        yield from _object_pairs(recorded, given)
    elif is_array(recorded) and is_array(given):
        for one, other in zip(recorded, given, strict=False):
            yield from _json_pairs(one, other)
    else:
        yield recorded, given


def _object_pairs(recorded: Json, given: Json) -> Iterator[tuple[object, object]]:
    """Pair the members of two objects by name; names that are placeholders take what is left, in order."""
    left = [name for name in given if name not in recorded]
    for name, value in recorded.items():
        if name in given:
            yield from _json_pairs(value, given[name])
        elif PLACEHOLDER.search(name) and left:
            other = left.pop(0)
            yield name, other
            yield from _json_pairs(value, given[other])


def uploaded_bytes(recorded: Json | None) -> int | None:
    """Return the size of the file in a recorded form; None if it has none."""
    parts: list[Mapping[str, object]] = (recorded or {}).get("form") or []
    sizes = [child(dict(part), "data").get("bytes") for part in parts]
    return next((size for size in sizes if isinstance(size, int)), None)
