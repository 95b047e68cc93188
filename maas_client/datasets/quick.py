"""The quick look: whether rows are clean, decided while they are decoded; whatever is not is read closely elsewhere."""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
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
        self._system = system
        self._any = msgspec.json.Decoder(_Conversation).decode
        self._shape: Roles = ()
        self._shaped: Callable[[bytes], Any] = self._any
        self._known: dict[tuple[type, ...], bool] = {}
        self._shapes: Counter[Roles] = Counter()

    @property
    def roles(self) -> Counter[str]:
        """The turns of clean rows, by role."""
        found: Counter[str] = Counter()
        for shape, count in self._shapes.items():
            for role in shape:
                found[role] += count
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
        if any(map(str.isspace, [turn.content for turns in conversations for turn in turns])):
            return False
        if self._shape:
            self._shapes[self._shape] += len(lines)
            return True
        return self._all_in_order(conversations)

    def _all_in_order(self, conversations: Iterable[Iterable[object]]) -> bool:
        """Count the shapes of conversations if all are clean; if there is one shape only, expect it from now on."""
        shapes = Counter([tuple(map(type, messages)) for messages in conversations])
        known = self._known
        for shape in shapes:
            if shape not in known:
                known[shape] = _is_in_order([_ROLES[kind] for kind in shape], system=self._system)
            if not known[shape]:
                return False
        named: dict[Roles, int] = {tuple(_ROLES[kind] for kind in shape): count for shape, count in shapes.items()}
        self._shapes.update(named)
        if len(named) == 1 and sum(named.values()) >= _WORTH_A_DECODER:
            self._decode_shape(*named)
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


def _is_in_order(roles: Sequence[str], *, system: bool) -> bool:
    """Say whether these are a system turn, if there may be one, then user and assistant in turn."""
    turns = roles[1:] if roles and roles[0] == "system" and system else roles
    return bool(turns) and list(turns) == ["user", "assistant"] * (len(turns) // 2)
