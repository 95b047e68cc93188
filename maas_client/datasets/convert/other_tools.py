"""Rows of Gemini, and rows of a query with its response as Foundry's agents and evaluations write them.

Gemini: https://ai.google.dev/api/caching#Content; agents: `azure-ai-evaluation`, converter of agent threads.
"""

from __future__ import annotations

from ..rows.schemas import Row
from .conversation import read_conversation, turns_of
from .format import Format
from .tool_calls import read_tools
from .values import SourceRow

_SYSTEM = ("systemInstruction", "system_instruction")
_DECLARED = ("tools", "tool_definitions")


def _gemini(row: SourceRow, dropped: list[str]) -> Row:
    system = next((row[column] for column in _SYSTEM if row.get(column) is not None), None)
    tools = read_tools(row.get("tools"), "tools")
    return read_conversation(row["contents"], "contents", system=system, tools=tools, any_role=True, dropped=dropped)


def _query_response(row: SourceRow, dropped: list[str]) -> Row:
    tools = [tool for column in _DECLARED for tool in read_tools(row.get(column), column)]
    turns = [*turns_of(row["query"], "user", "query"), *turns_of(row["response"], "assistant", "response")]
    return read_conversation(turns, "query", system=row.get("system"), tools=tools, any_role=True, dropped=dropped)


GEMINI = Format("gemini", ("contents",), (*_SYSTEM, "tools"), _gemini)
QUERY_RESPONSE = Format("query_response", ("query", "response"), ("system", *_DECLARED), _query_response)
