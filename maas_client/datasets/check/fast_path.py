"""The fast path: finds clean rows while decoding them; all other rows go through the full check."""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Annotated, Any, Literal, Protocol

import msgspec

from ..rows.schemas import CHAT, Schema
from .line_batch import LineBatch

_Said = Annotated[str, msgspec.Meta(min_length=1)]


_Role = Literal["system", "user", "assistant"]
Roles = tuple[_Role, ...]
"""The roles of a conversation, turn by turn."""


class _Turn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: _Role
    content: _Said


class _Conversation(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    messages: list[_Turn]


_FIRST: Sequence[_Role] = "user", "system"
"""The first role of a clean conversation with an even, and with an odd, number of turns."""

_NEXT: Mapping[_Role, _Role] = {"system": "user", "user": "assistant", "assistant": "user"}
_FEWEST = 2
_WORTH_A_DECODER = 64
"""Consecutive rows of one shape after which the next rows are expected to have it too."""


class FastPath(Protocol):
    """Finds clean rows. `roles` counts their turns by role."""

    @property
    def roles(self) -> Counter[str]:
        """The turns of clean rows, by role."""
        ...

    def all_clean(self, batch: LineBatch) -> bool:
        """Return whether every line is a clean row; False only means that one of them needs the full check."""
        ...


class ChatFastPath:
    """Finds chat rows that contain only messages with role and text: a system message if the model has that role
    (`system`), then alternating user and assistant turns, ending with the assistant.

    Most files have conversations of one shape. A decoder for exactly that shape verifies the order of turns while
    decoding.
    """

    def __init__(self, *, system: bool) -> None:
        self._system = system
        self._any: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_Conversation)
        self._turns = 0
        self._shaped = self._any
        self._lengths: Counter[int] = Counter()

    @property
    def roles(self) -> Counter[str]:
        """The turns of clean rows, by role."""
        found: Counter[str] = Counter()
        for length, count in self._lengths.items():
            for role in _shape(length):
                found[role] += count
        return found

    def all_clean(self, batch: LineBatch) -> bool:
        """Return whether every line is a clean row; False only means that one of them needs the full check."""
        if self._turns:
            rows = batch.decoded(self._shaped)
            if rows is not None:
                return self._all_have_text(rows, may_be_blank=batch.may_have_blank_text)
            self._turns = 0
        rows = batch.decoded(self._any)
        return rows is not None and self._all_in_order(rows)

    def _all_have_text(self, rows: Sequence[Any], *, may_be_blank: bool) -> bool:
        """Return whether no text in conversations of the expected shape is only white space."""
        for row in rows if may_be_blank else ():
            for turn in row.messages:
                if turn.content.isspace():
                    return False
        self._lengths[self._turns] += len(rows)
        return True

    def _all_in_order(self, rows: Sequence[_Conversation]) -> bool:
        """Return whether conversations of any length are clean; if all have one length, expect it from now on.

        Plain loops: on Python 3.11 they are faster than building lists of roles and texts to compare.
        """
        for row in rows:
            expected = _FIRST[len(row.messages) % 2]
            for turn in row.messages:
                if turn.role != expected or turn.content.isspace():
                    return False
                expected = _NEXT[expected]
        counted = Counter([len(row.messages) for row in rows])
        if min(counted) < _FEWEST or not (self._system or all(length % 2 == 0 for length in counted)):
            return False
        self._lengths.update(counted)
        if len(counted) == 1 and len(rows) >= _WORTH_A_DECODER:
            self._turns = min(counted)
            self._shaped = _decoder(_shape(self._turns))
        return True


def _shape(length: int) -> Roles:
    """Return the roles of a clean conversation with this number of turns."""
    roles: list[_Role] = [_FIRST[length % 2]]
    while len(roles) < length:
        roles.append(_NEXT[roles[-1]])
    return tuple(roles)


@lru_cache(maxsize=64)
def _decoder(shape: Roles) -> msgspec.json.Decoder[Any]:
    """Return a decoder for rows whose conversation has exactly this shape; it rejects all others."""
    turns = types.GenericAlias(tuple, tuple(_turn(role) for role in shape))
    row = msgspec.defstruct("Shaped", [("messages", turns)], forbid_unknown_fields=True, gc=False)
    return msgspec.json.Decoder(row)


@lru_cache
def _turn(role: _Role) -> type:
    """Return the message type for one role."""
    return msgspec.defstruct(
        "Turn", [("content", _Said)], tag_field="role", tag=role, forbid_unknown_fields=True, gc=False
    )


class TextFastPath:
    """Finds text completion rows that contain only the schema's two columns, both non-empty."""

    def __init__(self, schema: Schema) -> None:
        self.roles: Counter[str] = Counter()
        fields = [(column, _Said) for column in schema.columns]
        row = msgspec.defstruct("Texts", fields, forbid_unknown_fields=True, gc=False)
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        self._texts = attrgetter(*schema.columns)

    def all_clean(self, batch: LineBatch) -> bool:
        """Return whether every line is a clean row; False only means that one of them needs the full check."""
        rows = batch.decoded(self._decoder)
        return rows is not None and not any(map(str.isspace, chain.from_iterable(map(self._texts, rows))))


def fast_path_for(schema: Schema, *, system: bool) -> FastPath:
    """Return the fast path of a schema; `system` says whether the model has that role."""
    return ChatFastPath(system=system) if schema is CHAT else TextFastPath(schema)
