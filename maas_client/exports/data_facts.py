"""What an export has to know about the rows of a dataset: how many, how long, and what a platform does not take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..catalog.model_facts import ModelFacts
from ..core.json_fields import is_object, items
from ..core.plain_values import PlainValue
from ..datasets.cost.kept_rows import JudgedLine, judged_lines
from ..datasets.cost.token_report import row_batches
from ..datasets.rows.content import text_of
from ..datasets.rows.schemas import Row, Task
from ..datasets.tokens.counter_choice import counter_for

_COMMON_ROLES = frozenset({"system", "user", "assistant"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts(PlainValue):
    """The rows of a training file that the service would train on.

    `rows` are kept of `lines`. `longest` and `mean` are in tokens, estimated unless `exact`; `mean` of whole rows.
    `lengths` counts rows by their tokens. `system_turns`, `tools`, `other_roles` and
    `leading_spaces` count the rows with a system message, tools or calls of them, roles besides the three common ones,
    and assistant texts that begin with white space.
    """

    task: Task
    lines: int
    rows: int
    longest: int
    mean: float
    exact: bool
    lengths: Mapping[int, int] = field(repr=False)
    system_turns: int
    tools: int
    other_roles: int
    leading_spaces: int

    def longer_than(self, tokens: int) -> int:
        """Return how many rows are longer."""
        return sum(count for length, count in self.lengths.items() if length > tokens)


def data_facts(path: Path, *, model: ModelFacts, task: Task | None = None) -> DataFacts:
    """Read a dataset once, and return its facts. Raises OSError if it cannot be read."""
    counter = counter_for(model, task=task)
    counts = _Counts()
    for batch in row_batches(counts.lines_of(judged_lines(path, model=model, task=task))):
        for row, tokens in zip(batch, counter.count_each(batch), strict=True):
            counts.add(row, tokens.total)
    return counts.facts(task=task, exact=counter.exact)


class _Counts:
    """Accumulates the facts."""

    def __init__(self) -> None:
        self._lines = self._system = self._tools = self._others = self._spaces = 0
        self._lengths: Counter[int] = Counter()
        self._task: Task | None = None

    def lines_of(self, lines: Iterable[JudgedLine]) -> Iterator[JudgedLine]:
        """Count lines and yield the kept ones."""
        for line in lines:
            self._lines += 1
            if line.row is not None and line.schema is not None:
                self._task = line.schema.task
                yield line

    def add(self, row: Row, tokens: int) -> None:
        """Add a kept row."""
        self._lengths[tokens] += 1
        turns = [turn for turn in items(row, "messages") if is_object(turn)]
        roles = {turn.get("role") for turn in turns}
        self._system += "system" in roles
        self._others += not roles <= _COMMON_ROLES
        self._tools += bool(row.get("tools")) or any(turn.get("tool_calls") or turn.get("tools") for turn in turns)
        self._spaces += any(
            turn.get("role") == "assistant" and text_of(turn.get("content"))[:1].isspace() for turn in turns
        )

    def facts(self, *, task: Task | None, exact: bool) -> DataFacts:
        """Return the facts of all rows."""
        rows = self._lengths.total()
        return DataFacts(
            task=task or self._task or "chat",
            lines=self._lines,
            rows=rows,
            longest=max(self._lengths, default=0),
            mean=sum(length * count for length, count in self._lengths.items()) / max(rows, 1),
            exact=exact,
            lengths=dict(sorted(self._lengths.items())),
            system_turns=self._system,
            tools=self._tools,
            other_roles=self._others,
            leading_spaces=self._spaces,
        )
