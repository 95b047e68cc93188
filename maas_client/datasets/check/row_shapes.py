"""The shape of a chat row with tools: two rows of one shape have the same findings, but for their texts.

Rows with tools have findings that are only counted after the first few. So a row whose shape is known from an earlier
one, which was read closely, does not have to be read again: msgspec proves the types while it decodes.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, NamedTuple

import msgspec

from .line_batch import LineBatch

RowShape = tuple[Hashable, ...]
"""By turn the role, and what else decides on findings: tool calls, missing text, and further keys."""


class ShapedRow(NamedTuple):
    """The shape of a row, and its tool definitions as they are written."""

    shape: RowShape
    tools: bytes


_NO_TOOLS = msgspec.Raw(b"")


class _Function(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    name: str
    arguments: str


class _Call(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    id: str
    type: str
    function: _Function


class _Turn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: str
    content: str
    tool_calls: Annotated[list[_Call], msgspec.Meta(min_length=1)] | None = None
    tool_call_id: str | None = None
    name: str | None = None


class _Row(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    messages: list[_Turn]
    tools: msgspec.Raw = _NO_TOOLS


_decoder = msgspec.json.Decoder(_Row)


def shaped_rows(batch: LineBatch) -> list[ShapedRow] | None:
    """Return the shape of each row; None if one of the lines is no such row."""
    rows = batch.decoded(_decoder)
    if rows is None:
        return None
    return [ShapedRow(tuple(map(_turn_shape, row.messages)), bytes(row.tools)) for row in rows]


def _turn_shape(turn: _Turn) -> Hashable:
    shape: Hashable = turn.role
    if turn.tool_calls is not None:
        shape = (shape, "calls")
    elif not turn.content or turn.content.isspace():
        shape = (shape, "blank" if turn.content else "empty")
    if turn.tool_call_id is None and turn.name is None:
        return shape
    return shape, turn.tool_call_id is None, turn.name is None
