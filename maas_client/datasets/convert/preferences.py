"""Rows with a preferred and a rejected answer: the preferred one becomes a chat row, the rejected one is left out.

The service does not train on preferences (DPO). `input` with `preferred_output` are OpenAI's and Azure's columns;
`chosen` and `rejected` are TRL's (https://huggingface.co/docs/trl/dataset_formats), LLaMA-Factory's and those of
Anthropic's hh-rlhf.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..rows.excerpt import escape
from ..rows.schemas import Row
from .conversation import read_conversation, turns_of
from .format import Format
from .formats import TOOL_COLUMNS, history_of, question_of
from .tool_calls import read_tools
from .values import SourceRow, Unconvertible, is_mapping, parsed, shown

_speaker = re.compile(r"\n\n(Human|Assistant): ?")
_PROMPTS = ("messages", "conversations", "prompt", "question", "instruction")


def _dpo(row: SourceRow, dropped: list[str]) -> Row:
    given = parsed(row["input"], "input") if isinstance(row["input"], str) and row["input"][:1] == "{" else row["input"]
    asked: object = given
    tools = read_tools(row.get("tools"), "tools")
    if is_mapping(given):
        asked = given.get("messages")
        tools += [tool for column in TOOL_COLUMNS for tool in read_tools(given.get(column), f"input.{column}")]
        used = ("messages", *TOOL_COLUMNS)
        dropped += [
            f"input.{escape(str(key))}" for key, inner in given.items() if key not in used and inner is not None
        ]
    turns = [*turns_of(asked, "user", "input.messages"), *_answer(row["preferred_output"], "preferred_output")]
    return read_conversation(turns, "input", system=row.get("system"), tools=tools, any_role=True, dropped=dropped)


def _preference(row: SourceRow, dropped: list[str]) -> Row:
    tools = [tool for column in TOOL_COLUMNS for tool in read_tools(row.get(column), column)]
    column = next((column for column in _PROMPTS if row.get(column) is not None), None)
    asked = [] if column is None else _asked(row, column)
    chosen = row["chosen"] if row.get("chosen") is not None else row["chosen_messages"]
    if column is None and isinstance(chosen, str):
        turns = _dialogue(chosen)
    else:
        answer = _answer(chosen, "chosen")
        turns = _with_prompt(answer, asked) if _is_whole(answer) else [*asked, *answer]
    return read_conversation(turns, "chosen", system=row.get("system"), tools=tools, any_role=True, dropped=dropped)


def _asked(row: SourceRow, column: str) -> list[object]:
    """Return the turns before the answer."""
    if column != "instruction":
        return turns_of(row[column], "user", column)
    pairs = [turn for pair in history_of(row.get("history")) for turn in zip(("user", "assistant"), pair, strict=True)]
    turns = [*pairs, ("user", question_of(row))]
    return [{"role": role, "content": words} for role, words in turns]


def _answer(value: object, column: str) -> list[object]:
    """Return the turns of the preferred answer, of which one is the assistant's."""
    turns = turns_of([value] if is_mapping(value) else value, "assistant", column)
    if not turns:
        raise Unconvertible(f"{column} is {shown(value)}: there is no preferred answer")
    return turns


def _is_whole(answer: Sequence[object]) -> bool:
    """Return whether an answer is the whole conversation, with what was asked."""
    return any(_role(turn) in {"user", "human"} for turn in answer)


def _with_prompt(answer: list[object], asked: list[object]) -> list[object]:
    """Return a whole conversation; raise Unconvertible if the prompt beside it is not in it."""
    said = [_words(turn) for turn in answer]
    if any(_words(turn) not in said for turn in asked):
        raise Unconvertible("chosen is a whole conversation, and the prompt beside it is not a part of it")
    return answer


def _role(turn: object) -> object:
    return (turn.get("role") or turn.get("from")) if is_mapping(turn) else None


def _words(turn: object) -> object:
    return (turn.get("content") or turn.get("value")) if is_mapping(turn) else None


def _dialogue(text: str) -> list[object]:
    """Return the turns of a dialogue in one string, as hh-rlhf writes it."""
    before, *pieces = _speaker.split(text)
    if before.strip() or not pieces:
        raise Unconvertible("chosen is a string, and there is no prompt beside it")
    roles = {"Human": "user", "Assistant": "assistant"}
    return [{"role": roles[who], "content": said} for who, said in zip(pieces[::2], pieces[1::2], strict=True)]


DPO = Format("dpo", ("input", "preferred_output"), ("tools", "system"), _dpo, left_out=("non_preferred_output",))
_BESIDE = (*_PROMPTS, "input", "history", "system", *TOOL_COLUMNS)
PREFERENCE = Format("preference", ("chosen",), _BESIDE, _preference, ("rejected",))
PREFERENCE_MESSAGES = Format("preference_messages", ("chosen_messages",), _BESIDE, _preference, ("rejected_messages",))
