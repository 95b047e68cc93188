"""Repairs of rows for Azure AI Foundry: of keys and roles, and of what its rules for tool calls refuse."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from ...catalog.tuning_methods import TuningMethod
from ..foundry_rows.row_problems import problems_in
from ..foundry_rows.schemas import PREFERENCE, SCHEMAS, resembles, schemas_of
from ..foundry_rows.tool_calls import calls_of, make_one_turn
from ..rows.excerpt import Json, pointer
from ..rows.lines import lone_surrogate
from ..rows.schemas import Row, Schema, alias_problem, schemas as azure_ml_schemas
from .loading import Changes, without_half_pairs
from .renaming import rename_columns, rename_keys, rename_roles
from .row_repairs import Edit

_Messages = list[Json]
_OUTPUTS = ("preferred_output", "non_preferred_output")


class FoundryRowRepair:
    """Repairs rows in the order of a file, each under the schema that it fits.

    A row is judged and repaired repeatedly until nothing more can be repaired in it.
    """

    def __init__(self, *, method: TuningMethod | None) -> None:
        self._schemas = schemas_of(method)
        self.followed: TuningMethod | None = None
        """The method of the first row that fits one."""

    def repair(self, row: Row, *, suspicious: bool = False) -> tuple[Row, list[Edit]]:
        """Return the repaired row and its changes; the same row if nothing was changed."""
        edits: list[Edit] = []
        schema = self._schema_of(row)
        if schema is None:
            return row, edits
        if not schema.fits(row):
            row, renamed = rename_columns(row, schema.columns)
            edits += [Edit("schema-misspelt", where, what) for where, what in renamed]
        self.followed = self.followed or schema.method
        left = dict(_REPAIRS)
        while rule := self._next(row, schema, left):
            repair = left.pop(rule)
            row, changes = _in_messages(row, schema, repair)
            edits += [Edit(rule, where, what) for where, what in changes]
        if suspicious and lone_surrogate(row) is not None:
            row = without_half_pairs(row)
            edits.append(Edit("lone-surrogate", "", "halves of surrogate pairs were replaced by U+FFFD"))
        return row, edits

    def is_row(self, value: Row) -> bool:
        """Return whether an object is a row of any method, or of another service."""
        return self._schema_of(value) is not None or any(
            schema.fits(value) for schema in (*SCHEMAS, *azure_ml_schemas(None))
        )

    def _schema_of(self, row: Row) -> Schema | None:
        """Return the schema that a row fits, best by what it looks like; else the one whose keys it misspells.

        A row with misspelt keys is for the schema that it looks like once they are right, as it will be when the
        repaired file is read.
        """
        fitting = [(schema, row) for schema in self._schemas if schema.fits(row)]
        meant = fitting or [
            (schema, rename_columns(row, schema.columns)[0])
            for schema in self._schemas
            if alias_problem(row, schema) is not None
        ]
        best = (schema for schema, renamed in meant if resembles(renamed, schema))
        return next(best, None) or next((schema for schema, _ in meant), None)

    def _next(self, row: Row, schema: Schema, left: Mapping[str, object]) -> str | None:
        """Return the next rule to repair, of those that are left."""
        found = {problem.rule for problem in problems_in(row, schema)}
        return next((rule for rule in left if rule in found), None)


def _in_messages(
    row: Row, schema: Schema, repair: Callable[[_Messages], tuple[_Messages, Changes]]
) -> tuple[Row, Changes]:
    """Repair every list of messages of a row."""
    changes = Changes()

    def repaired(messages: Json, *path: str) -> Json:
        if not isinstance(messages, list):
            return messages
        found, done = repair(messages)
        changes.extend((pointer(*path) + where, what) for where, what in done)
        return found

    if schema is not PREFERENCE:
        return {**row, "messages": repaired(row["messages"], "messages")}, changes
    given = row["input"]
    if isinstance(given, dict):
        row = {**row, "input": {**given, "messages": repaired(given.get("messages"), "input", "messages")}}
    for name in _OUTPUTS:
        row = {**row, name: repaired(row[name], name)}
    return row, changes


def _drop_content(messages: _Messages) -> tuple[_Messages, Changes]:
    """Remove the content of messages that call tools."""
    return _without(messages, "content", lambda turn: bool(calls_of(turn)), "content was removed beside tool calls")


def _drop_weights(messages: _Messages) -> tuple[_Messages, Changes]:
    """Remove the weight of messages that are not the assistant's, and a weight that is null."""
    return _without(messages, "weight", _is_misplaced, "the weight was removed")


def _is_misplaced(turn: Row) -> bool:
    return turn.get("role") != "assistant" or turn["weight"] is None


def _spell_keys(messages: _Messages) -> tuple[_Messages, Changes]:
    return rename_keys(messages, where="")


def _name_roles(messages: _Messages) -> tuple[_Messages, Changes]:
    return rename_roles(messages, any_role=True, where="")


def _without(messages: _Messages, key: str, applies: Callable[[Row], bool], done: str) -> tuple[_Messages, Changes]:
    repaired, changes = _Messages(), Changes()
    for index, turn in enumerate(messages):
        if isinstance(turn, dict) and key in turn and applies(turn):
            changes.append((pointer(index, key), done))
            turn = {name: value for name, value in turn.items() if name != key}
        repaired.append(turn)
    return repaired, changes


def _write_arguments(messages: _Messages) -> tuple[_Messages, Changes]:
    """Write arguments of calls that are objects as strings of JSON."""
    repaired, changes = _Messages(), Changes()
    for index, turn in enumerate(messages):
        calls = calls_of(turn) if isinstance(turn, dict) else []
        written: list[Json] = [_written(call) for call in calls]
        if isinstance(turn, dict) and written != calls:
            changes.append((pointer(index, "tool_calls"), "the arguments became a string of JSON"))
            renewed: Row = {**turn, "tool_calls": written}
            turn = renewed
        repaired.append(turn)
    return repaired, changes


def _written(call: Json) -> Json:
    function = call.get("function") if isinstance(call, dict) else None
    arguments = function.get("arguments") if isinstance(function, dict) else None
    if not (isinstance(call, dict) and isinstance(function, dict) and isinstance(arguments, dict)):
        return call
    return {**call, "function": {**function, "arguments": json.dumps(arguments, ensure_ascii=False)}}


def _merge_calls(messages: _Messages) -> tuple[_Messages, Changes]:
    """Merge successive messages that call tools into one, unless they use the same ids."""
    merged, changes = _Messages(), Changes()
    for index, turn in enumerate(messages):
        before = merged[-1] if merged else None
        if isinstance(turn, dict) and isinstance(before, dict) and make_one_turn(before, turn):
            changes.append((pointer(index), "the calls were moved into the message before"))
            merged[-1] = {**before, "tool_calls": [*calls_of(before), *calls_of(turn)]}
        else:
            merged.append(turn)
    return merged, changes


_REPAIRS: Mapping[str, Callable[[_Messages], tuple[_Messages, Changes]]] = {
    "chat-message-misspelt": _spell_keys,
    "chat-role-misnamed": _name_roles,
    "chat-content-beside-calls": _drop_content,
    "chat-content-null-beside-calls": _drop_content,
    "chat-weight-misplaced": _drop_weights,
    "chat-tool-arguments-not-text": _write_arguments,
    "chat-calls-in-several-turns": _merge_calls,
}
"""Repairs of the messages of a row, by rule."""
