"""Repairs within a row: misspelled columns, keys and roles, and unsupported system messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from ...catalog.model_facts import ModelFacts
from ...openai_api.system_message import merge_system
from ..rows.aliases import column_aliases, message_key_aliases, role_alias
from ..rows.chat import judge_chat
from ..rows.column_types import ColumnPath
from ..rows.excerpt import Json, escape, pointer
from ..rows.lines import lone_surrogate
from ..rows.schemas import CHAT, Row, Schema, Task, alias_problem, schemas
from .loading import Changes, fill_content, join_parts, without_columns, without_half_pairs


class Edit(NamedTuple):
    """One change in a row: the rule, the location, and what was done."""

    rule: str
    pointer: str
    done: str


class RowRepair:
    """Repairs rows in the order of a file, under the schema of the first row that fits one.

    A row is checked and repaired repeatedly until the check finds nothing more to repair in it.
    """

    def __init__(
        self, *, task: Task | None, model: ModelFacts | None, removed: frozenset[ColumnPath] = frozenset()
    ) -> None:
        self._schemas, self._model, self._removed = schemas(task), model, removed
        self._followed: Schema | None = None
        system = model is None or model.template.renders("system")
        self._plain_roles = ("user", "assistant", "system") if system else ("user", "assistant")

    def repair(self, row: Row, *, suspicious: bool = False) -> tuple[Row, list[Edit]]:
        """Return the repaired row and its changes; the same row if nothing was changed.

        `suspicious` says that the row may hold half of a surrogate pair.
        """
        schema = self._schema_of(row)
        if schema is None:
            return row, []
        self._followed = self._followed or schema
        edits: list[Edit] = []
        if not schema.fits(row):
            row = _rename_columns(row, schema, edits)
        if schema is CHAT:
            row = self._repair_chat(row, edits)
        if self._removed:
            row, done = without_columns(row, self._removed)
            edits += [Edit("column-type-changed", where, what) for where, what in done]
        if suspicious and lone_surrogate(row) is not None:
            row = without_half_pairs(row)
            edits.append(Edit("lone-surrogate", "", "halves of surrogate pairs were replaced by U+FFFD"))
        return row, edits

    @property
    def task(self) -> Task | None:
        """The task of the first row that fits one, None before there is one."""
        return None if self._followed is None else self._followed.task

    def is_row(self, value: Row) -> bool:
        """Return whether an object is a row: it has the columns of any task, or misspells those of the file's."""
        return self._schema_of(value) is not None or any(schema.fits(value) for schema in schemas(None))

    def _schema_of(self, row: Row) -> Schema | None:
        """Return the schema that the row fits, or misspells, among those that the file may follow."""
        candidates = self._schemas if self._followed is None else (self._followed,)
        fitting = (schema for schema in candidates if schema.fits(row))
        meant = (schema for schema in candidates if alias_problem(row, schema) is not None)
        return next(fitting, None) or next(meant, None)

    def _repair_chat(self, row: Row, edits: list[Edit]) -> Row:
        """Repair a chat row rule by rule: one repair may reveal the next problem."""
        left = dict(_REPAIRS)
        while not self._is_plain(row["messages"]):
            found = {problem.rule for problem in judge_chat(row, self._model)}
            rule = next((rule for rule in left if rule in found), None)
            messages = row["messages"]
            if rule is None or not isinstance(messages, list):
                break
            repaired, changes = left.pop(rule)(messages, self._model)
            edits += [Edit(rule, where, done) for where, done in changes]
            row = {**row, "messages": repaired}
        return row

    def _is_plain(self, messages: Json) -> bool:
        """Return quickly whether nothing needs repair: every turn has content and a role that the model knows."""
        return isinstance(messages, list) and all(
            isinstance(turn, dict) and isinstance(turn.get("content"), str) and turn.get("role") in self._plain_roles
            for turn in messages
        )


def _rename_columns(row: Row, schema: Schema, edits: list[Edit]) -> Row:
    meant = {key: right for key, right in column_aliases(row).items() if right in schema.columns}
    edits += [Edit("schema-misspelt", pointer(key), _renamed("column", key, right)) for key, right in meant.items()]
    return _rename(row, meant)


def _rename_keys(messages: list[Json], _model: ModelFacts | None) -> tuple[list[Json], Changes]:
    repaired, changes = list[Json](), Changes()
    for index, message in enumerate(messages):
        meant = message_key_aliases(message) if isinstance(message, dict) else {}
        changes += [(pointer("messages", index, key), _renamed("key", key, right)) for key, right in meant.items()]
        repaired.append(_rename(message, meant) if isinstance(message, dict) and meant else message)
    return repaired, changes


def _rename_roles(
    messages: list[Json], model: ModelFacts | None, *, only: str | None = None
) -> tuple[list[Json], Changes]:
    any_role = model is not None and model.template.roles is None
    repaired, changes = list[Json](), Changes()
    for index, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        meant = role_alias(role, any_role=any_role) if isinstance(role, str) else None
        if isinstance(message, dict) and isinstance(role, str) and meant is not None and only in {None, meant}:
            changes.append((pointer("messages", index, "role"), _renamed("role", role, meant)))
            message = {**message, "role": meant}
        repaired.append(message)
    return repaired, changes


def _merge_system(messages: list[Json], _model: ModelFacts | None) -> tuple[list[Json], Changes]:
    merged = merge_system([message for message in messages if isinstance(message, dict)])
    if merged is None:
        return messages, []
    return list(merged), [("/messages/0", "the system message was merged into the first user turn")]


_REPAIRS: Mapping[str, Callable[[list[Json], ModelFacts | None], tuple[list[Json], Changes]]] = {
    "chat-message-misspelt": _rename_keys,
    "chat-assistant-misnamed": partial(_rename_roles, only="assistant"),
    "chat-role-misnamed": _rename_roles,
    "chat-content-in-parts": join_parts,
    "chat-content-missing": fill_content,
    "chat-system-omitted": _merge_system,
}
"""Repairs of a row's messages by rule; each relies on those before it."""


def _rename(row: Row, meant: Mapping[str, str]) -> Row:
    return {meant.get(key, key): value for key, value in row.items()}


def _renamed(what: str, old: str, new: str) -> str:
    return f"the {what} {escape(old)} became {new}"
