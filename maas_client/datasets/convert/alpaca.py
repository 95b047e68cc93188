"""The Alpaca format: an instruction, an optional input and the output, optionally after a history of turns.

The first three are https://github.com/tatsu-lab/stanford_alpaca's columns; `history` and `system` are LLaMA-Factory's
(data/README.md at 015ff251ec).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..rows.schemas import Row
from .format import Format
from .formats import exchange
from .values import SourceRow, Unconvertible, is_list, parsed, shown, text


def _convert(row: SourceRow, _dropped: list[str]) -> Row:
    asked = text(row["instruction"], "instruction")
    given = text(row["input"], "input") if row.get("input") is not None else ""
    question = "\n\n".join(part for part in (asked, given) if part.strip()) or asked
    return exchange(
        [*_history(row.get("history")), (question, text(row["output"], "output"))], system=row.get("system")
    )


def _history(value: object) -> Iterator[tuple[str, str]]:
    given = parsed(value, "history") if value != "" else None
    if given is None:
        return
    for pair in given if is_list(given) else [given]:
        if not is_list(pair) or len(pair) != 2:
            raise Unconvertible(f"history contains {shown(pair)}, not a pair of question and answer")
        yield text(pair[0], "a question in history"), text(pair[1], "an answer in history")


ALPACA = Format("alpaca", ("instruction", "output"), ("input", "history", "system"), _convert)
