"""The tokens of a row: how many there are, and which of them are learnt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Protocol

from ...catalog.model_facts import Template
from ..rows.schemas import CHAT, Row, Task, schemas
from .chat_templates import TemplateChunk, render, render_text
from .tokenizer import Tokenizer


class TokenSpan(NamedTuple):
    """Tokens from `start` to just before `end`, counted from the row's first."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RowTokens:
    """The tokens of a row. `answers` are those that are learnt: what the assistant says, and the marker that ends it.

    `error` is by how many tokens the total may be wrong; 0 for an exact count.
    """

    total: int
    answers: tuple[TokenSpan, ...] = ()
    error: float = 0.0

    @property
    def learnt(self) -> int:
        """Tokens that are learnt."""
        return sum(end - start for start, end in self.answers)

    @property
    def first_assistant_at(self) -> int | None:
        """Tokens ahead of the first that is learnt; None where nothing is."""
        return self.answers[0].start if self.answers else None

    def cut(self, limit: int) -> RowTokens:
        """Return what is left of the row when `limit` tokens are read."""
        if self.total <= limit:
            return self
        left = tuple(TokenSpan(start, min(end, limit)) for start, end in self.answers if start < limit)
        return RowTokens(limit, left, self.error)


class RowCounter(Protocol):
    """Counts the tokens of rows, with a model's template around them."""

    @property
    def error(self) -> float:
        """The share by which a count may be wrong, of a file or of a row of some thousand tokens; 0 if it is exact."""
        ...

    @property
    def source(self) -> str:
        """What the counts come from, for people."""
        ...

    def count(self, row: Row) -> RowTokens:
        """Count the tokens of one row."""
        ...

    def count_each(self, rows: Sequence[Row]) -> list[RowTokens]:
        """Count the tokens of several rows at once, which may be faster."""
        ...


class Size(NamedTuple):
    """The tokens of a chunk: in its head, in all, and behind the marker that opens its foot; and the possible error."""

    head: int
    total: int
    trailing: int
    error: float = 0.0


class Measure(Protocol):
    """Measures chunks: exactly, or by an estimate."""

    @property
    def error(self) -> float:
        """The share by which a size may be wrong; 0 for an exact one."""
        ...

    @property
    def source(self) -> str:
        """What the sizes come from, for people."""
        ...

    def sizes(self, chunks: Sequence[TemplateChunk]) -> list[Size]:
        """Measure chunks."""
        ...


class TemplateCounter:
    """Counts rows by measuring the chunks that a model's template makes of them.

    Rows are read for `task`; without one, as conversations if they have messages, else as text completion.
    """

    def __init__(self, measure: Measure, template: Template, *, task: Task | None = None) -> None:
        self._measure, self._template, self._schemas = measure, template, schemas(task)

    @property
    def error(self) -> float:
        """The share by which a count may be wrong, of a file or of a row of some thousand tokens; 0 if it is exact."""
        return self._measure.error

    @property
    def source(self) -> str:
        """What the counts come from, for people."""
        return self._measure.source

    def count(self, row: Row) -> RowTokens:
        """Count the tokens of one row; a row that fits no task has none."""
        return self.count_each([row])[0]

    def count_each(self, rows: Sequence[Row]) -> list[RowTokens]:
        """Count the tokens of several rows at once."""
        rendered = [self._render(row) for row in rows]
        sizes = iter(self._measure.sizes([chunk for chunks in rendered for chunk in chunks]))
        return [_add_up(chunks, list(islice(sizes, len(chunks)))) for chunks in rendered]

    def _render(self, row: Row) -> list[TemplateChunk]:
        schema = next((each for each in self._schemas if each.fits(row)), None)
        if schema is None:
            return []
        if schema is not CHAT:
            return render_text(row, schema)
        messages = row["messages"]
        return render(messages, self._template) if isinstance(messages, list) else []


class ExactMeasure:
    """Measures with the model's own tokenizer."""

    error = 0.0

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, int] = {}

    @property
    def source(self) -> str:
        """What the sizes come from, for people."""
        return f"exact, by the tokenizer in {self._tokenizer.source}"

    def sizes(self, chunks: Sequence[TemplateChunk]) -> list[Size]:
        """Measure chunks, all texts in one call: a tokenizer may use every core for it."""
        texts = [chunk.text for chunk in chunks]
        new = {part for chunk in chunks for part in (chunk.head, chunk.foot)} - self._known.keys()
        lengths = self._tokenizer.lengths([*texts, *new])
        named = self._known | dict(zip(new, lengths[len(texts) :], strict=True))
        if len(self._known) < _WORTH_KEEPING:
            self._known |= {part: named[part] for part in new if len(part) < _TEMPLATE_PART}
        return [
            Size(named[chunk.head], total, max(named[chunk.foot] - 1, 0))
            for chunk, total in zip(chunks, lengths, strict=False)
        ]


_TEMPLATE_PART, _WORTH_KEEPING = 32, 256
"""Characters, and pieces: what the templates write is short, and there is little of it; prompts are not kept."""


def _add_up(chunks: Sequence[TemplateChunk], sizes: Sequence[Size]) -> RowTokens:
    return RowTokens(sum(size.total for size in sizes), tuple(_spans(chunks, sizes)), sum(size.error for size in sizes))


def _spans(chunks: Sequence[TemplateChunk], sizes: Sequence[Size]) -> Iterator[TokenSpan]:
    at = 0
    for chunk, size in zip(chunks, sizes, strict=True):
        if chunk.learnt:
            yield TokenSpan(min(at + size.head, at + size.total), at + size.total - size.trailing)
        at += size.total
