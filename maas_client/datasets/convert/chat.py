"""Chat rows: OpenAI fine-tuning files (current, or with the functions of 2023) and already converted files."""

from __future__ import annotations

from ..rows.schemas import Row
from .conversation import read_conversation
from .format import Format
from .tool_calls import read_tools
from .values import SourceRow


def _convert(row: SourceRow, dropped: list[str]) -> Row:
    tools = [*read_tools(row.get("tools"), "tools"), *read_tools(row.get("functions"), "functions")]
    messages, system = row["messages"], row.get("system")
    return read_conversation(messages, "messages", system=system, tools=tools, any_role=True, dropped=dropped)


CHAT = Format("chat", ("messages",), ("tools", "functions", "system"), _convert)
