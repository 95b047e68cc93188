"""What every public value can do: become plain data or JSON, be hashed, and show itself in a line or two."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any, cast

from .secret_text import SecretText

LONGEST_REPR = 200
"""Characters of a value's `repr`, so that a list of values is readable."""

_LONGEST_PART = 48


class PlainValue:
    """Base of the frozen dataclasses that users get; what `repr` hides is in neither `to_dict` nor `to_json`."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # Set on each class: the dataclass decorator replaces what is only inherited.
        for name in ("__hash__", "__repr__"):
            if name not in vars(cls):
                setattr(cls, name, getattr(PlainValue, name))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: times in ISO 8601, spans in seconds, paths as text."""
        return {name: plain(value) for name, value in _shown_fields(self).items()}

    def to_json(self, *, indent: int | None = None) -> str:
        """Return `to_dict()` as JSON."""
        return to_json(self.to_dict(), indent=indent)

    def __hash__(self) -> int:
        return hash((type(self), *(hashable(getattr(self, name)) for name in _names(self))))

    def __repr__(self) -> str:
        return brief(type(self).__name__, _shown_fields(self))


def to_json(document: Mapping[str, Any], *, indent: int | None = None) -> str:
    """Write plain values as JSON, in which every character stays readable."""
    return json.dumps(document, indent=indent, ensure_ascii=False)


def plain(value: object) -> Any:
    """Return a value as JSON has it; a number that JSON does not have becomes None."""
    match value:
        case SecretText() | PurePath():
            return str(value)
        case Enum():
            return plain(value.value)
        case bool() | int() | str() | None:
            return value
        case float():
            return value if math.isfinite(value) else None
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(key): plain(each) for key, each in cast("Mapping[object, object]", value).items()}
        case _:
            return _plain_object(value)


def _plain_object(value: object) -> Any:
    to_dict = getattr(value, "to_dict", None)
    if to_dict is not None:
        return to_dict()
    if is_dataclass(value):
        return {name: plain(each) for name, each in _shown_fields(value).items()}
    if names := getattr(value, "_fields", None):
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Sequence | set | frozenset):
        return [plain(each) for each in cast("Iterable[object]", value)]
    return str(value)


def hashable(value: object) -> object:
    """Return what a value is hashed by: equal values have equal ones, and mappings and lists have one, too."""
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        return frozenset((key, hashable(each)) for key, each in items)
    if isinstance(value, list | tuple):
        return tuple(hashable(each) for each in cast("Iterable[object]", value))
    if is_dataclass(value) and not isinstance(value, PlainValue | type):  # a part of a value, such as a cell of a sweep
        return (type(value), *(hashable(getattr(value, name)) for name in _names(value)))
    return value


def brief(name: str, shown: Mapping[str, object]) -> str:
    """Show a value's fields; where that is too long, without empty ones, and the others shortened."""
    whole = _written(name, [f"{field}={value!r}" for field, value in shown.items()])
    if len(whole) <= LONGEST_REPR:
        return whole
    parts = [f"{field}={_short(value)}" for field, value in shown.items() if value not in (None, "", (), False)]
    while len(short := _written(name, [*parts, "…"])) > LONGEST_REPR:
        parts.pop()
    return short


def _written(name: str, parts: Iterable[str]) -> str:
    return f"{name}({', '.join(parts)})"


def _short(value: object) -> str:
    text = repr(value)
    if len(text) <= _LONGEST_PART:
        return text
    if isinstance(value, Mapping | list | tuple):
        return f"<{len(cast('Sequence[object]', value))} entries>"
    return f"{text[: _LONGEST_PART - 2]}…{text[-1]}"


def _names(value: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(value))


def _shown_fields(value: Any) -> dict[str, object]:
    """Return the fields of a dataclass that are not hidden."""
    return {field.name: getattr(value, field.name) for field in fields(value) if field.repr}
