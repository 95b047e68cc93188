"""The formats of rows: chat messages, ShareGPT, Alpaca, and a question with its answer under various column names.

Alpaca's first three columns are https://github.com/tatsu-lab/stanford_alpaca's; its `history` and `system`, and the
names of ShareGPT, are LLaMA-Factory's (https://github.com/hiyouga/LLaMA-Factory, data/README.md at 015ff251ec).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...core.errors import InvalidInput
from ..rows.excerpt import Json, escape
from ..rows.schemas import Row
from .conversation import read_conversation
from .format import Format
from .tool_calls import read_tools
from .values import SourceRow, Unconvertible, is_list, parsed, shown, text

ROLES = ("system", "user", "assistant")
TOOL_COLUMNS = ("tools", "functions", "toolConfig")
"""Columns with tool definitions: OpenAI's and Anthropic's, OpenAI's of 2023, Bedrock's."""


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
    """Return the format of rows with two columns.

    A `spaced` answer starts with a separator space, which is removed; such columns may also be lists of turns, as
    TRL's conversations are.
    """

    def convert(row: SourceRow, dropped: list[str]) -> Row:
        asked, said = row[user], row[assistant]
        if spaced and is_list(asked) and is_list(said):
            turns, words = [*asked, *said], row.get("system")
            return read_conversation(turns, user, system=words, tools=[], any_role=True, dropped=dropped)
        question, answer = text(row[user], user), text(row[assistant], assistant)
        spoken = answer.removeprefix(" ") if spaced else answer
        return exchange([(question, spoken)], system=row.get(system) if system is not None else None)

    return Format(name, (user, assistant), (system,) if system is not None else (), convert)


PROMPT_COMPLETION = _pair("prompt_completion", "prompt", "completion", spaced=True)
TEXT_GROUND_TRUTH = _pair("text_ground_truth", "text", "ground_truth", spaced=True)
QUESTION_ANSWER = _pair("question_answer", "question", "answer")
USER_ASSISTANT = _pair("columns", "user", "assistant")


def _chat(row: SourceRow, dropped: list[str]) -> Row:
    """Convert rows of OpenAI fine-tuning files, current or with the functions of 2023, Anthropic's and Bedrock's rows,
    and already converted ones.
    """
    tools = [tool for column in TOOL_COLUMNS for tool in read_tools(row.get(column), column)]
    messages, system = row["messages"], row.get("system")
    return read_conversation(messages, "messages", system=system, tools=tools, any_role=True, dropped=dropped)


def _sharegpt(row: SourceRow, dropped: list[str]) -> Row:
    tools = read_tools(row.get("tools"), "tools")
    turns, system = row["conversations"], row.get("system")
    return read_conversation(turns, "conversations", system=system, tools=tools, any_role=False, dropped=dropped)


def _alpaca(row: SourceRow, _dropped: list[str]) -> Row:
    question = question_of(row)
    return exchange(
        [*history_of(row.get("history")), (question, text(row["output"], "output"))], system=row.get("system")
    )


def question_of(row: SourceRow) -> str:
    """Return the instruction of a row and its input as one text."""
    asked = text(row["instruction"], "instruction")
    given = text(row["input"], "input") if row.get("input") is not None else ""
    return "\n\n".join(part for part in (asked, given) if part.strip()) or asked


def history_of(value: object) -> Iterator[tuple[str, str]]:
    """Yield the earlier questions and answers of a conversation."""
    given = parsed(value, "history") if value != "" else None
    if given is None:
        return
    for pair in given if is_list(given) else [given]:
        if not is_list(pair) or len(pair) != 2:
            raise Unconvertible(f"history contains {shown(pair)}, not a pair of question and answer")
        yield text(pair[0], "a question in history"), text(pair[1], "an answer in history")


CHAT = Format("chat", ("messages",), (*TOOL_COLUMNS, "system"), _chat)
SHAREGPT = Format("sharegpt", ("conversations",), ("tools", "system"), _sharegpt)
ALPACA = Format("alpaca", ("instruction", "output"), ("input", "history", "system"), _alpaca)
