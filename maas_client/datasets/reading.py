"""One reading of the rows, under one schema, while it grows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..model_facts import ModelFacts
from .chat import clean_chat, judge_chat
from .excerpt import Json
from .findings import Counting
from .report import Reading
from .rows import CHAT, Row, Schema, clean_text, judge_text, mismatch
from .rules import loses_row


class OpenReading:
    """What the rows come to under one schema, while it grows."""

    def __init__(self, schema: Schema, *, model: ModelFacts | None, keep: int) -> None:
        self.schema, self._model, self._counting = schema, model, Counting(keep=keep)
        self._kept = 0
        if schema is CHAT:
            system = model is None or model.template.renders("system")
            self.clean: Callable[[Json], bool] = partial(clean_chat, system=system)
        else:
            self.clean = partial(clean_text, schema=schema)

    @property
    def knows_mismatches(self) -> bool:
        """Whether another row that lacks the columns would only be counted."""
        return self._counting.full("schema-mismatch")

    def judge(self, row: Row, *, line: int, byte: int) -> bool:
        """Count the row and its problems; say whether it has the schema's columns."""
        fits = self.schema.fits(row)
        if not fits and self.knows_mismatches:
            self._counting.add("schema-mismatch", 1)
            return False
        if not fits:
            problems = [mismatch(row, self.schema)]
        elif self.schema is CHAT:
            problems = judge_chat(row, self._model)
        else:
            problems = judge_text(row, self.schema)
        for problem in problems:
            self._counting.note(problem, line=line, byte=byte)
        self._kept += not any(loses_row(problem.rule) for problem in problems)
        return fits

    def add_clean(self, rows: int, *, mine: bool) -> None:
        """Count clean rows of the schema that the file follows; under any other they lack the columns."""
        if mine:
            self._kept += rows
        elif rows:
            self._counting.add("schema-mismatch", rows)

    def result(self) -> Reading:
        """Return what has been counted so far."""
        return Reading(self.schema, self._kept, self._counting.tallies())
