"""Base of the frozen values that are read from the service's documents; they keep the whole document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo

from .json_fields import Document, dig, is_object
from .plain_values import brief, hashable, to_json
from .redaction import redact_document
from .text import one_line, printable


@dataclass(frozen=True, slots=True)
class At:
    """The path of a field's value in the service's document; by default the field's own name."""

    path: tuple[str, ...]


def at(*path: str) -> At:
    """Declare the path of a field's value in the service's document."""
    return At(path)


class Value(BaseModel):
    """A frozen value read from a document of the service. `raw` is the whole document, without secrets."""

    # A schema is built when its first value is read: a command that lists jobs builds the one of Job only.
    model_config = ConfigDict(frozen=True, defer_build=True)

    # Empty defaults are values and not factories: pydantic copies a value, but inspects a factory's signature whenever
    # a document lacks the field, which takes as long as all the rest, and ten times as long on Python 3.13.
    raw: dict[str, Any] = Field(default={}, repr=False, exclude=True)

    _shown_first: ClassVar[tuple[str, ...]] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, without `raw`: times in ISO 8601."""
        return self.model_dump(mode="json")

    def to_json(self, *, indent: int | None = None) -> str:
        """Return `to_dict()` as JSON."""
        return to_json(self.to_dict(), indent=indent)

    def __hash__(self) -> int:
        return hash((type(self), *(hashable(getattr(self, name)) for name in type(self).model_fields if name != "raw")))

    def __repr__(self) -> str:
        names = dict.fromkeys((*self._shown_first, *type(self).model_fields))
        shown = {name: getattr(self, name) for name in names if name != "raw"}
        return brief(type(self).__name__, {name: value for name, value in shown.items() if value not in (None, "", {})})

    @classmethod
    def read(cls, document: Document) -> Self:
        """Read a document; fields of an unexpected type are treated as absent.

        Each field's cleaner returns a value of the field's type for any input. That leaves nothing for pydantic to
        validate, and building its validators would cost a command 40 ms.
        """
        document, shown = redact_document(document)
        found = {
            name: clean(value) for name, path, clean in _fields(cls) if (value := dig(document, *path)) is not None
        }
        return cls.model_construct(raw=dict(shown), **found)


@cache
def _fields(kind: type[Value]) -> tuple[tuple[str, tuple[str, ...], Callable[[Any], Any]], ...]:
    """The fields of a value class: name, path in the document, and cleaner."""

    def path(name: str, metadata: Sequence[object]) -> tuple[str, ...]:
        return next((entry.path for entry in metadata if isinstance(entry, At)), (name,))

    def cleaner(info: FieldInfo) -> Any:  # pydantic has two kinds of validator; ours are plain ones
        plain = _count if info.annotation is int else _unchanged
        return next((entry.func for entry in info.metadata if isinstance(entry, BeforeValidator)), plain)

    fields = kind.model_fields.items()
    return tuple((name, path(name, info.metadata), cleaner(info)) for name, info in fields if name != "raw")


def _unchanged(value: Any) -> Any:
    return value


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _text(value: object) -> str:
    return one_line(value) if isinstance(value, str) else ""


def _lines(value: object) -> str:
    return printable(value) if isinstance(value, str) else ""


def _mapping(value: object) -> dict[str, str]:
    if not is_object(value):
        return {}
    return {one_line(key): _as_text(item) for key, item in value.items()}


def _as_text(value: object) -> str:
    return one_line(value) if isinstance(value, str) else "" if value is None else str(value)


Text = Annotated[str, BeforeValidator(_text)]
"""A one-line string; anything else becomes an empty one."""

Lines = Annotated[str, BeforeValidator(_lines)]
"""A string of any number of lines, such as a chat answer; anything else becomes an empty one."""

TextMap = Annotated[dict[str, str], BeforeValidator(_mapping)]
"""A mapping of strings; numbers become strings, and anything but an object becomes empty."""


class OpenEnum(StrEnum):
    """An enum that keeps unknown values, so that a new one from the service never causes an error."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        for member in cls:
            if member.value.lower() == value.lower():
                return member
        return cls._unknown(value)

    @classmethod
    def verbatim(cls, word: str) -> Self:
        """Return the member of exactly this word; another spelling of a member, such as `running`, is kept as it is."""
        exact = next((member for member in cls if member.value == word), None)
        return cls._unknown(word) if exact is None else exact

    @classmethod
    def _unknown(cls, word: str) -> Self:
        unknown = str.__new__(cls, one_line(word))
        unknown._name_ = unknown._value_ = one_line(word)
        return unknown

    def __reduce_ex__(self, _protocol: object) -> tuple[object, ...]:
        """Copy and pickle the word as it is."""
        return type(self).verbatim, (self.value,)
