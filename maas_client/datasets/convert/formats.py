"""Rows with a question and an answer, under various column names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...core.errors import InvalidInput
from ..rows.excerpt import Json, escape
from ..rows.schemas import Row
from .format import Format
from .values import SourceRow, text

ROLES = ("system", "user", "assistant")


def exchange(pairs: Iterable[tuple[str, str]], *, system: object) -> Row:
    """Return a chat row of questions and answers; `system` is the system message, None or blank if there is none."""
    words = text(system, "system") if system is not None else ""
    messages: list[Json] = []
    if words.strip():
        messages.append({"role": "system", "content": words})
    for question, answer in pairs:
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": answer})
    return {"messages": messages}


def mapped(columns: Mapping[str, str]) -> Format:
    """Return the format for a column mapping; raise InvalidInput if it lacks user or assistant, or has other roles."""
    unknown = [role for role in columns if role not in ROLES]
    if unknown:
        raise InvalidInput(f"a column can be mapped to {', '.join(ROLES)}, not to {escape(unknown[0])!r}")
    missing = [role for role in ("user", "assistant") if role not in columns]
    if missing:
        raise InvalidInput(
            f"no column is mapped to {' and '.join(missing)}. Give one each for user and assistant: "
            "`--map user=COLUMN --map assistant=COLUMN` (columns={'user': ..., 'assistant': ...})"
        )
    return _pair("columns", columns["user"], columns["assistant"], system=columns.get("system"))


def _pair(name: str, user: str, assistant: str, *, system: str | None = "system", spaced: bool = False) -> Format:
    """Return the format of rows with two columns; a `spaced` answer starts with a separator space, which is removed."""

    def convert(row: SourceRow, _dropped: list[str]) -> Row:
        question, answer = text(row[user], user), text(row[assistant], assistant)
        spoken = answer.removeprefix(" ") if spaced else answer
        return exchange([(question, spoken)], system=row.get(system) if system is not None else None)

    return Format(name, (user, assistant), (system,) if system is not None else (), convert)


PROMPT_COMPLETION = _pair("prompt_completion", "prompt", "completion", spaced=True)
TEXT_GROUND_TRUTH = _pair("text_ground_truth", "text", "ground_truth", spaced=True)
QUESTION_ANSWER = _pair("question_answer", "question", "answer")
USER_ASSISTANT = _pair("columns", "user", "assistant")
