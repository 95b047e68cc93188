"""JSON values without names: each string is decided by its place in the contract, keys of maps are names, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..contract.shapes import ANYTHING, Anything, ArrayOf, Either, MapOf, Member, Record, Shape, Text
from ..core.json_fields import is_array, is_object
from .strings import Place, Strings

_FIRST = ("id", "name", "runId")
"""Fields that say what kind of name a value is: they are decided before the others."""


class JsonValues:
    """Replaces what is not to be shared in parsed JSON."""

    def __init__(self, strings: Strings) -> None:
        self._strings = strings

    def value(self, value: Any, shape: Shape | None, place: Place, *, is_service: bool = False) -> Any:
        """Return a JSON value as it is written.

        Args:
            value: the parsed JSON.
            shape: what the contract says of it; None if it says nothing.
            place: where it is.
            is_service: whether the service wrote it, so that a field that the contract lacks is a new one.
        """
        if isinstance(value, str):
            words = shape.words if isinstance(shape, Text) else place.words
            return self._strings.text(value, replace(place, words=words, is_service=is_service))
        if is_array(value):
            item = _item_of(shape)
            return [self.value(one, item, place, is_service=is_service) for one in value]
        if is_object(value):
            return self._object(value, shape, place, is_service=is_service)
        return value

    def _object(
        self, value: Mapping[str, Any], shape: Shape | None, place: Place, *, is_service: bool
    ) -> dict[str, Any]:
        if isinstance(shape, Either):
            shape = next((one for one in shape.shapes if isinstance(one, Record | MapOf)), None)
        is_map = isinstance(shape, MapOf) or (shape is None and place.field == "tags")
        known: Mapping[str, Member] = shape.members_for(value.get(shape.by)) if isinstance(shape, Record) else {}
        is_field = isinstance(shape, Record) and is_service and not place.is_content
        done: dict[str, tuple[str, Any]] = {}
        for name in _in_order(value):
            inner = shape.item if isinstance(shape, MapOf) else known[name].shape if name in known else None
            if isinstance(shape, Anything):
                inner = ANYTHING
            key = self._strings.key(name, is_map=is_map, is_field=is_field, is_public=place.is_public)
            below = replace(place.at(name), is_entry=is_map)
            done[name] = (key, self.value(value[name], inner, below, is_service=is_service))
        return dict(done[name] for name in value)


def _in_order(value: Mapping[str, Any]) -> Sequence[str]:
    return [*(name for name in _FIRST if name in value), *(name for name in value if name not in _FIRST)]


def _item_of(shape: Shape | None) -> Shape | None:
    if isinstance(shape, ArrayOf):
        return shape.item
    if isinstance(shape, Either):
        return next((one.item for one in shape.shapes if isinstance(one, ArrayOf)), None)
    return shape if isinstance(shape, Anything) else None
