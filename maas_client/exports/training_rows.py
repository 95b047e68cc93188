"""The rows of a dataset as other platforms read them: those that the service keeps, with what it reads of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalog.model_facts import ModelFacts
from ..core.json_fields import is_object, items
from ..core.plain_values import PlainValue
from ..datasets.cost.kept_rows import judged_lines
from ..datasets.rows.content import text_of
from ..datasets.rows.schemas import CHAT, Row, Schema, Task
from ..openai_api.system_message import merge_system

SWALLOWS_SPACE = frozenset({"phi-3", "phi-3-medium"})
"""The families whose tokenizer swallows white space after `<|assistant|>` (`"rstrip": true` in their tokenizer.json).

A mask of the assistant's words that is computed from characters then begins one token early.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRows(PlainValue):
    """The rows of a file, for a model and a task.

    Conversations have `messages` with role and content as text, and `tools` where the row has them; the system message
    is merged into the first user turn for a model without a system role. Text rows have `prompt` and `completion`.
    """

    source: Path
    model: ModelFacts
    task: Task

    def lines(self) -> Iterator[bytes]:
        """Yield each row as a line of JSON. Raises OSError if the file cannot be read."""
        for line in judged_lines(self.source, model=self.model, task=self.task):
            if line.row is not None and line.schema is not None:
                row = _row(line.row, line.schema, self.model)
                yield json.dumps(row, ensure_ascii=False).encode(errors="replace") + b"\n"


def _row(row: Row, schema: Schema, model: ModelFacts) -> Mapping[str, Any]:
    if schema is not CHAT:
        prompt, completion = (row[column] for column in schema.columns)
        return {"prompt": prompt, "completion": completion}
    turns: Sequence[Mapping[str, Any]] = [turn for turn in items(row, "messages") if is_object(turn)]
    if not model.template.renders("system"):
        turns = merge_system(turns) or turns
    messages = [_message(turn, model) for turn in turns]
    return {"messages": messages, **({"tools": row["tools"]} if row.get("tools") else {})}


def _message(turn: Mapping[str, Any], model: ModelFacts) -> Mapping[str, Any]:
    said = text_of(turn.get("content"))
    if turn.get("role") == "assistant" and model.template.family in SWALLOWS_SPACE:
        said = said.lstrip()
    tools = turn.get("tools") if model.template.tools else None
    return {"role": turn.get("role"), "content": said, **({"tools": tools} if isinstance(tools, str) else {})}
