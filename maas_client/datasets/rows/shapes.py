"""Rows of other tools, recognized by their columns, and what can be done with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .excerpt import Json

_CONVERTED = "`maas convert` converts them"
_PREFERRED = (
    "the service does not train on preferences; `maas convert` makes chat rows of the preferred answers and leaves out "
    "the rejected ones"
)
_RATED = f"{_CONVERTED} and leaves out the answers that are marked as bad"


class Shape(NamedTuple):
    """A kind of rows: the columns that identify it, its name, and what can be done."""

    columns: tuple[str, ...]
    name: str
    remedy: str


_SHAPES = (
    Shape(("preferred_output",), "preference (DPO) rows", _PREFERRED),
    Shape(("chosen", "rejected"), "preference (DPO) rows", _PREFERRED),
    Shape(("chosen_messages", "rejected_messages"), "preference (DPO) rows", _PREFERRED),
    Shape(("conversations", "label"), "KTO rows in ShareGPT's columns", _RATED),
    Shape(("conversations", "kto_tag"), "KTO rows in ShareGPT's columns", _RATED),
    Shape(("instruction", "output", "kto_tag"), "KTO rows in Alpaca's columns", _RATED),
    Shape(("conversations",), "ShareGPT's rows", _CONVERTED),
    Shape(("instruction", "output"), "Alpaca's rows", _CONVERTED),
    Shape(("question", "answer"), "rows of question and answer", _CONVERTED),
    Shape(("query", "response"), "rows of query and response, as of agents and evaluations", _CONVERTED),
    Shape(("user", "assistant"), "rows of user and assistant", _CONVERTED),
    Shape(("contents",), "Gemini's rows", _CONVERTED),
)

REJECTED = frozenset({"rejected", "rejected_response", "rejected_messages", "non_preferred_output"})
"""Columns with rejected answers, which are never learned."""

CONVERTED_COLUMNS = frozenset({"system", "functions", "toolConfig"})
"""Columns beside messages that training ignores, and that conversion writes where it is learned."""

REFERENCES = ("reference_answer", "reference", "expected_answer", "expected_output", "ground_truth", "target", "grader")
"""Columns of rows for reinforcement fine-tuning (RFT), which a grader compares the model's answer with."""


def shape_of(row: dict[str, Json]) -> Shape | None:
    """Return the shape of a row that can be converted; None for any other."""
    return next((shape for shape in _SHAPES if all(column in row for column in shape.columns)), None)


def reference_in(row: Mapping[str, object]) -> str | None:
    """Return the column with the answer that a grader compares with; None if there is none."""
    return next((column for column in REFERENCES if row.get(column) is not None), None)
