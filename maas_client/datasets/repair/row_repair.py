"""Repairs within a row: misspelled columns, keys and roles, and unsupported system messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...catalog.model_facts import ModelFacts
from ...openai_api.system_message import merge_system
from ..rows.chat import judge_chat
from ..rows.column_types import ColumnPath
from ..rows.excerpt import Json
from ..rows.lines import lone_surrogate
from ..rows.schemas import CHAT, Row, Schema, Task, alias_problem, schemas
from .loading import Changes, fill_content, join_parts, without_columns, without_half_pairs
from .renaming import rename_columns, rename_keys, rename_roles
from .row_repairs import Edit


class RowRepair:
    """Repairs rows in the order of a file, under the schema of the first row that fits one.

    A row is checked and repaired repeatedly until the check finds nothing more to repair in it.
    """

    def __init__(
        self, *, task: Task | None, model: ModelFacts | None, removed: frozenset[ColumnPath] = frozenset()
    ) -> None:
        self._schemas, self._model, self._removed = schemas(task), model, removed
        self._schema: Schema | None = None
        system = model is None or model.template.renders("system")
        self._plain_roles = ("user", "assistant", "system") if system else ("user", "assistant")

    def repair(self, row: Row, *, suspicious: bool = False) -> tuple[Row, list[Edit]]:
        """Return the repaired row and its changes; the same row if nothing was changed.

        `suspicious` says that the row may hold half of a surrogate pair.
        """
        schema = self._schema_of(row)
        if schema is None:
            return row, []
        self._schema = self._schema or schema
        edits: list[Edit] = []
        if not schema.fits(row):
            row, renamed = rename_columns(row, schema.columns)
            edits += [Edit("schema-misspelt", where, done) for where, done in renamed]
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
    def followed(self) -> Task | None:
        """The task of the first row that fits one, None before there is one."""
        return None if self._schema is None else self._schema.task

    def is_row(self, value: Row) -> bool:
        """Return whether an object is a row: it has the columns of any task, or misspells those of the file's."""
        return self._schema_of(value) is not None or any(schema.fits(value) for schema in schemas(None))

    def _schema_of(self, row: Row) -> Schema | None:
        """Return the schema that the row fits, or misspells, among those that the file may follow."""
        candidates = self._schemas if self._schema is None else (self._schema,)
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


def _named_roles(
    messages: list[Json], model: ModelFacts | None, *, only: str | None = None
) -> tuple[list[Json], Changes]:
    any_role = model is not None and model.template.roles is None
    return rename_roles(messages, any_role=any_role, only=only)


def _named_assistants(messages: list[Json], model: ModelFacts | None) -> tuple[list[Json], Changes]:
    return _named_roles(messages, model, only="assistant")


def _named_keys(messages: list[Json], _model: ModelFacts | None) -> tuple[list[Json], Changes]:
    return rename_keys(messages)


def _merge_system(messages: list[Json], _model: ModelFacts | None) -> tuple[list[Json], Changes]:
    merged = merge_system([message for message in messages if isinstance(message, dict)])
    if merged is None:
        return messages, []
    return list(merged), [("/messages/0", "the system message was merged into the first user turn")]


_REPAIRS: Mapping[str, Callable[[list[Json], ModelFacts | None], tuple[list[Json], Changes]]] = {
    "chat-message-misspelt": _named_keys,
    "chat-assistant-misnamed": _named_assistants,
    "chat-role-misnamed": _named_roles,
    "chat-content-in-parts": join_parts,
    "chat-content-missing": fill_content,
    "chat-system-omitted": _merge_system,
}
"""Repairs of a row's messages by rule; each relies on those before it."""
