"""The quick look: whether rows are clean, decided while they are decoded; whatever is not is read closely elsewhere."""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Annotated, Any, Protocol

import msgspec

from .rows import CHAT, Schema

Roles = tuple[str, ...]
"""The roles of a conversation, turn by turn."""

_Said = Annotated[str, msgspec.Meta(min_length=1)]
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _System(msgspec.Struct, tag_field="role", tag="system", forbid_unknown_fields=True, gc=False):
    content: _Said


class _User(msgspec.Struct, tag_field="role", tag="user", forbid_unknown_fields=True, gc=False):
    content: _Said


class _Assistant(msgspec.Struct, tag_field="role", tag="assistant", forbid_unknown_fields=True, gc=False):
    content: _Said


class _Conversation(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    messages: list[_System | _User | _Assistant]


_TURNS: dict[str, type] = {"system": _System, "user": _User, "assistant": _Assistant}
_ROLES = {kind: role for role, kind in _TURNS.items()}
_WORTH_A_DECODER = 64
"""Rows of one shape in a row, from which on the next are expected to have it, too."""


class _Orders(dict[int, tuple[type, ...]]):
    """By its length, the one order of turns that a clean conversation has; a KeyError where there is none."""

    def __init__(self, *, system: bool) -> None:
        super().__init__()
        self._system = system

    def __missing__(self, length: int) -> tuple[type, ...]:
        if length < 2 or (length % 2 and not self._system):
            raise KeyError(length)
        self[length] = (_System,) * (length % 2) + (_User, _Assistant) * (length // 2)
        return self[length]


class Quick(Protocol):
    """What finds clean rows. `roles` counts the turns of the rows that it found clean."""

    @property
    def roles(self) -> Counter[str]:
        """The turns of clean rows, by role."""
        ...

    def all_clean(self, lines: Sequence[bytes]) -> bool:
        """Say whether every line is a clean row; False means only that one of them needs a closer look."""
        ...


class QuickChat:
    """Finds chat rows of nothing but messages of role and text: a system message where the model has that role
    (`system`), then user and assistant in turn, ending with the assistant.

    Most files have one shape of conversation. A decoder for just that shape proves a row clean as it decodes it.
    """

    def __init__(self, *, system: bool) -> None:
        self._orders = _Orders(system=system)
        self._any = msgspec.json.Decoder(_Conversation).decode
        self._shape: Roles = ()
        self._shaped: Callable[[bytes], Any] = self._any
        self._lengths: Counter[int] = Counter()

    @property
    def roles(self) -> Counter[str]:
        """The turns of clean rows, by role."""
        found: Counter[str] = Counter()
        for length, count in self._lengths.items():
            for kind in self._orders[length]:
                found[_ROLES[kind]] += count
        return found

    def all_clean(self, lines: Sequence[bytes]) -> bool:
        """Say whether every line is a clean row; False means only that one of them needs a closer look."""
        try:
            conversations = [row.messages for row in map(self._shaped, lines)]
        except _UNREADABLE:
            if not self._shape:
                return False
            self._decode_shape(())
            return self.all_clean(lines)
        turns = list(chain.from_iterable(conversations))
        if any(map(str.isspace, [turn.content for turn in turns])):
            return False
        if self._shape:
            self._lengths[len(self._shape)] += len(lines)
            return True
        return self._all_in_order(list(map(len, conversations)), list(map(type, turns)))

    def _all_in_order(self, lengths: list[int], turns: list[type]) -> bool:
        """Say whether conversations of these lengths have these turns when all is well.

        If there is one length only, its shape is expected from now on.
        """
        try:
            if turns != list(chain.from_iterable(map(self._orders.__getitem__, lengths))):
                return False
        except KeyError:
            return False
        counted = Counter(lengths)
        self._lengths.update(counted)
        if len(counted) == 1 and len(lengths) >= _WORTH_A_DECODER:
            self._decode_shape(tuple(_ROLES[kind] for kind in self._orders[lengths[0]]))
        return True

    def _decode_shape(self, shape: Roles) -> None:
        """Expect conversations of one shape, or of any shape."""
        self._shape = shape
        self._shaped = _decoder(shape) if shape else self._any


@lru_cache(maxsize=64)
def _decoder(shape: Roles) -> Callable[[bytes], Any]:
    """Return what decodes rows whose conversation has just this shape, and refuses others."""
    turns = types.GenericAlias(tuple, tuple(_TURNS[role] for role in shape))
    row = msgspec.defstruct("Shaped", [("messages", turns)], forbid_unknown_fields=True, gc=False)
    return msgspec.json.Decoder(row).decode


class QuickText:
    """Finds text completion rows of nothing but the schema's two columns, both with text."""

    def __init__(self, schema: Schema) -> None:
        self.roles: Counter[str] = Counter()
        fields = [(column, _Said) for column in schema.columns]
        self._decode = msgspec.json.Decoder(
            msgspec.defstruct("Texts", fields, forbid_unknown_fields=True, gc=False)
        ).decode
        self._texts = attrgetter(*schema.columns)

    def all_clean(self, lines: Sequence[bytes]) -> bool:
        """Say whether every line is a clean row; False means only that one of them needs a closer look."""
        try:
            rows = list(map(self._decode, lines))
        except _UNREADABLE:
            return False
        return not any(map(str.isspace, chain.from_iterable(map(self._texts, rows))))


def quick_for(schema: Schema, *, system: bool) -> Quick:
    """Return what finds the clean rows of a schema; `system` says whether the model has that role."""
    return QuickChat(system=system) if schema is CHAT else QuickText(schema)
