"""Rows of any format as rows for Azure AI Foundry: examples, preferences, or questions with an answer to grade by."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog.tuning_methods import TuningMethod
from ..check.foundry_rule_set import FOUNDRY
from ..foundry_rows.row_problems import problems_in
from ..foundry_rows.schemas import ASKING, GRADED, PREFERENCE, SUPERVISED, role_of
from ..json_recovery.pieces import UNREADABLE, write_row
from ..repair.foundry_row_repair import FoundryRowRepair
from ..rows.excerpt import Json, escape
from ..rows.lines import SURROGATE
from ..rows.schemas import Row, Schema
from .format import Format
from .values import SourceRow, Unconvertible, plain

REFERENCE = "reference_answer"
"""The key of a converted row for reinforcement that a grader compares answers with (`item.reference_answer`)."""

_SCHEMAS = {schema.method: schema for schema in (SUPERVISED, PREFERENCE, GRADED)}
_OLD_FORM = "chat-function-call"


class FoundryRows:
    """Writes rows for a method, by default `dpo` for rows with a rejected answer and `supervised` for all others.

    A row that is one of the method already is kept as it is, but for repairs, null keys and unused columns.
    """

    def __init__(self, method: TuningMethod | None) -> None:
        self._method = method

    def __call__(self, row: SourceRow, chosen: Format, dropped: list[str]) -> tuple[Row, bytes]:
        """Return a row and its JSON line.

        Args:
            row: the source row.
            chosen: its format.
            dropped: receives the keys that are left out.

        Raises:
            Unconvertible: Foundry would refuse the row, or its format has not what the method needs.
            LeftOut: the row must not be learned.
        """
        schema = _SCHEMAS[self._method or ("dpo" if chosen.left_out else "supervised")]
        kept = _kept(row, schema)
        if kept is not None:
            dropped += [escape(column) for column in chosen.unused(row) if column not in kept]
            return kept, _written(kept)
        dropped += map(escape, chosen.unused(row))
        try:
            made = _preference(row, chosen, dropped) if schema is PREFERENCE else chosen.convert(row, dropped)
        except RecursionError as error:
            raise Unconvertible("the row is nested too deeply") from error
        made = _repaired(_graded(made) if schema is GRADED else made, schema)
        bad = next(_reasons(made, schema), None)
        if bad is not None:
            raise Unconvertible(bad)
        return made, _written(made)


def _kept(row: SourceRow, schema: Schema) -> Row | None:
    """Return a row that is one of the schema's already, repaired; None for any other."""
    if any(row.get(column) is None for column in schema.columns):
        return None
    used = row if schema is GRADED else (*schema.columns, *schema.also)
    try:
        given = {column: plain(row[column], column) for column in used if row.get(column) is not None}
    except (Unconvertible, RecursionError):
        return None
    kept = _repaired({column: _without_nulls(value) for column, value in given.items()}, schema)
    is_good = all(rule != _OLD_FORM and not FOUNDRY.loses_row(rule) for rule in _rules(kept, schema))
    return kept if is_good else None


def _without_nulls(value: Json) -> Json:
    """Return messages, or what holds them, without keys that are null, as tables of one type per column have them."""
    if isinstance(value, list):
        return [
            {key: inner for key, inner in each.items() if inner is not None} if isinstance(each, dict) else each
            for each in value
        ]
    if isinstance(value, dict) and "messages" in value:
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return value


def _preference(row: SourceRow, chosen: Format, dropped: list[str]) -> Row:
    """Return a row of preferences: what both conversations begin with up to the last question, then their answers."""
    if not chosen.left_out:
        raise Unconvertible("the row has no rejected answer, which dpo needs beside the preferred one")
    preferred, rejected = chosen.columns[-1], chosen.left_out[0]
    good = chosen.convert(row, dropped)
    bad = chosen.convert({**row, preferred: row[rejected]}, [])
    said, other = (_messages(each) for each in (good, bad))
    shared = next((at for at, (one, two) in enumerate(zip(said, other, strict=False)) if one != two), len(said))
    asked = [at for at, turn in enumerate(said[:shared]) if isinstance(turn, dict) and role_of(turn) in ASKING]
    begin = asked[-1] + 1 if asked else 0
    given: Row = {"messages": said[:begin]}
    if good.get("tools"):
        given["tools"] = good["tools"]
    return {"input": given, "preferred_output": said[begin:], "non_preferred_output": other[begin:]}


def _graded(row: Row) -> Row:
    """Return a chat row without its last answer, which becomes the reference of graders."""
    *before, last = _messages(row) or [None]
    answer = last.get("content") if isinstance(last, dict) and last.get("role") == "assistant" else None
    if not isinstance(answer, str) or not isinstance(last, dict) or last.get("tool_calls"):
        raise Unconvertible("the row does not end with an answer in text, which graders compare with")
    return {**row, "messages": before, REFERENCE: answer}


def _messages(row: Row) -> list[Json]:
    messages = row["messages"]
    return messages if isinstance(messages, list) else []


def _repaired(row: Row, schema: Schema) -> Row:
    suspicious = SURROGATE.search(_written(row)) is not None
    return FoundryRowRepair(method=schema.method).repair(row, suspicious=suspicious)[0]


def _rules(row: Row, schema: Schema) -> Iterator[str]:
    return (problem.rule for problem in problems_in(row, schema))


def _reasons(row: Row, schema: Schema) -> Iterator[str]:
    """Yield why Foundry would refuse a row."""
    return (problem.message for problem in problems_in(row, schema) if FOUNDRY.loses_row(problem.rule))


def _written(row: Row) -> bytes:
    try:
        return write_row(row) + b"\n"
    except UNREADABLE as error:
        raise Unconvertible(f"the row cannot be written as JSON: {escape(str(error))}") from error
