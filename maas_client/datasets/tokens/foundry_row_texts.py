"""The texts of a row for Azure AI Foundry whose tokens are counted, and the tokens that the format adds.

A message takes three tokens and its role, and a row three more (openai-cookbook, How_to_count_tokens_with_tiktoken).
How tools are written is not published: they are counted as the JSON that the row has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..rows.content import text_of
from ..rows.excerpt import Json
from ..rows.schemas import Row

_PER_MESSAGE, _PER_ROW, _PER_NAME = 4, 3, 1


class RowText(NamedTuple):
    """A text of a row; `learnt` says whether the model learns to write it."""

    text: str
    learnt: bool = False


@dataclass(slots=True)
class RowTexts:
    """The texts of a row, the tokens around them, and the number of images, whose tokens are not counted."""

    texts: list[RowText] = field(default_factory=list[RowText])
    around: int = 0
    images: int = 0


def is_preference(row: Row) -> bool:
    """Return whether a row has the columns of preference data, for the method dpo."""
    return all(isinstance(row.get(name), kind) for name, kind in _PREFERENCE)


_PREFERENCE = (("input", dict), ("preferred_output", list), ("non_preferred_output", list))


def texts_of(row: Row) -> RowTexts | None:
    """Return the texts of a row with messages or preferences; None for a row that has neither."""
    found = RowTexts(around=_PER_ROW)
    if is_preference(row):
        prompt = row["input"]
        assert isinstance(prompt, dict)
        _add_conversation(prompt, found)
        for name in ("preferred_output", "non_preferred_output"):
            _add_messages(row[name], found)
        return found
    if not isinstance(row.get("messages"), list):
        return None
    _add_conversation(row, found)
    return found


def _add_conversation(holder: Row, found: RowTexts) -> None:
    """Add messages and the tools beside them."""
    _add_messages(holder.get("messages"), found)
    for name in ("tools", "functions"):
        if holder.get(name):
            found.texts.append(RowText(json.dumps(holder[name], ensure_ascii=False)))


def _add_messages(messages: Json | None, found: RowTexts) -> None:
    for message in messages if isinstance(messages, list) else []:
        if not isinstance(message, dict):
            continue
        learnt = message.get("role") == "assistant" and message.get("weight") != 0
        found.around += _PER_MESSAGE
        found.texts.append(RowText(text_of(message.get("content")), learnt))
        found.images += _images(message.get("content"))
        if isinstance(name := message.get("name"), str):
            found.around += _PER_NAME
            found.texts.append(RowText(name))
        found.texts += (RowText(text, learnt) for text in _called(message.get("tool_calls")))


def _images(content: Json | None) -> int:
    parts: Sequence[Json] = content if isinstance(content, list) else []
    return sum(isinstance(part, dict) and part.get("type") == "image_url" for part in parts)


def _called(calls: Json | None) -> Iterator[str]:
    """Yield the names and arguments of the functions that a message calls."""
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            yield from (text for key in ("name", "arguments") if isinstance(text := function.get(key), str))
