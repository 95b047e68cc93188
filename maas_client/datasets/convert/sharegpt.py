"""The ShareGPT format: turns in `conversations`, optionally with `tools` and `system` columns.

Names as in LLaMA-Factory, data/README.md at 015ff251ec (https://github.com/hiyouga/LLaMA-Factory).
"""

from __future__ import annotations

from ..rows.schemas import Row
from .conversation import read_conversation
from .format import Format
from .tool_calls import read_tools
from .values import SourceRow


def _convert(row: SourceRow, dropped: list[str]) -> Row:
    tools = read_tools(row.get("tools"), "tools")
    turns, system = row["conversations"], row.get("system")
    return read_conversation(turns, "conversations", system=system, tools=tools, any_role=False, dropped=dropped)


SHAREGPT = Format("sharegpt", ("conversations",), ("tools", "system"), _convert)
