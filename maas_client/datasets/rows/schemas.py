"""Schemas of rows: the columns of each task, the task of a row, and text completion rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

from ...catalog.model_facts import ModelFacts
from ...catalog.tuning_methods import TuningMethod
from .aliases import column_aliases
from .excerpt import Json, describe, escape, keys, pointer
from .marks import is_mark, shown_mark
from .shapes import CONVERTED_COLUMNS, shape_of
from .special_tokens import find_special_token

Task = Literal["chat", "text"]
"""The training task: conversations, or text completion."""

Row = dict[str, Json]


class Problem(NamedTuple):
    """A problem in a row: the rule, the JSON pointer, what was found, a message, the byte within the line."""

    rule: str
    pointer: str
    found: str
    message: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Schema:
    """The required columns of a task and a method; `also` are optional columns."""

    name: str
    task: Task
    columns: tuple[str, ...]
    also: tuple[str, ...] = ()
    method: TuningMethod = "supervised"

    def fits(self, row: Row) -> bool:
        """Return whether the row has the columns, whatever their values."""
        return all(column in row for column in self.columns)


CHAT = Schema("chat", "chat", ("messages",), ("tools",))
MESSAGE_KEYS = frozenset({"role", "content", "tool_calls", "tool_call_id"})
"""The keys of a message that are read."""

PROMPT_COMPLETION = Schema("prompt_completion", "text", ("prompt", "completion"))
TEXT_GROUND_TRUTH = Schema("text_ground_truth", "text", ("text", "ground_truth"))


def schemas(task: Task | None) -> tuple[Schema, ...]:
    """Return the schemas that a file may follow; within a task it follows the one that its first fitting row fits."""
    known = (CHAT, PROMPT_COMPLETION, TEXT_GROUND_TRUTH)
    return tuple(schema for schema in known if task in {None, schema.task})


def mismatch(row: Row, schema: Schema) -> Problem:
    """Return the problem of a row that lacks columns of a schema, naming its keys and the required ones."""
    missing = " and ".join(column for column in schema.columns if column not in row)
    looks = _BEDROCK if "schemaVersion" in row else ""
    for other in schemas(None):
        if other.fits(row):
            looks = f": this is a {_TITLES[other.name]} row"
    return Problem(
        "schema-mismatch",
        "",
        keys(row),
        f"a {_TITLES[schema.name]} row needs {missing}, but this one has {keys(row)}{looks}",
    )


_BEDROCK = (
    ": these are Bedrock's columns without messages; nothing here converts them: write messages with role and content"
)


def other_tool_problem(row: Row, schema: Schema) -> Problem | None:
    """Return the problem of a row of another tool that can be converted; None for a row that fits any task."""
    shape = shape_of(row)
    if shape is None or any(other.fits(row) for other in schemas(None)):
        return None
    missing = " and ".join(column for column in schema.columns if column not in row)
    found = f"these are {shape.name}, without {missing}: {shape.remedy}"
    return Problem("schema-of-other-tool", "", shape.name, found)


def alias_problem(row: Row, schema: Schema) -> Problem | None:
    """Return the problem of a row that misspells the columns of a schema; None otherwise."""
    meant = column_aliases(row)
    if not meant or not all(column in row or column in meant.values() for column in schema.columns):
        return None
    key, right = next((key, right) for key, right in meant.items() if right in schema.columns)
    return Problem("schema-misspelt", pointer(key), escape(key), f"the column {right} is spelled {escape(key)}")


_TITLES = {
    "chat": "chat",
    "prompt_completion": "text completion (prompt, completion)",
    "text_ground_truth": "text completion (text, ground_truth)",
}


_MOVED = "; `maas convert` writes it where it is learned"


def ignored_columns(row: Row, schema: Schema) -> Iterator[Problem]:
    """Yield a problem for each column that training ignores, marks among them; null counts as missing."""
    for column, value in row.items():
        if column not in schema.columns and column not in schema.also and value is not None:
            if is_mark(column, value):
                yield mark_problem(column, value, pointer(column), what="row")
                continue
            named = escape(column)
            more = _MOVED if schema is CHAT and column in CONVERTED_COLUMNS else ""
            yield Problem("column-ignored", pointer(column), named, f"the column {named} is not used by the task{more}")


def mark_problem(key: str, value: Json, where: str, *, what: str) -> Problem:
    """Return the problem of a turn or a row (`what`) with a mark that it must not be learned."""
    mark = shown_mark(key, value)
    return Problem("mark-ignored", where, mark, f"the {what} is trained on although it has {mark}")


_TURNS = "; `maas convert` makes chat rows of lists of turns"


def judge_text(row: Row, schema: Schema, model: ModelFacts | None = None) -> list[Problem]:
    """Return the problems of a text completion row; a dropped row has exactly one."""
    for column in schema.columns:
        if not isinstance(row[column], str):
            found = describe(row[column])
            more = _TURNS if isinstance(row[column], list) else ""
            return [Problem("text-not-string", pointer(column), found, f"{column} is {found}, not a string{more}")]
    answer = schema.columns[-1]
    if not row[answer]:
        return [Problem("text-answer-empty", pointer(answer), '""', f"{answer} is empty: there is nothing to learn")]
    problems = list(ignored_columns(row, schema))
    for column in schema.columns:
        value = row[column]
        if isinstance(value, str) and (not value or value.isspace()):
            problems.append(Problem("text-empty", pointer(column), describe(value), f"{column} has no text"))
            break
    marked = (special_token_problem(row[column], pointer(column), model) for column in schema.columns)
    return [*problems, *islice(filter(None, marked), 1)]


def special_token_problem(text: Json, where: str, model: ModelFacts | None) -> Problem | None:
    """Return a warning for a special token in a text; None without one, and for values that are not strings."""
    marker = find_special_token(text, model.template.family if model else None) if isinstance(text, str) else None
    if marker is None:
        return None
    return Problem("special-token", where, escape(marker), f"the text contains the special token {escape(marker)}")
