"""The tokens of a row: their number, and which of them are learned."""

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
    """Tokens from `start` to just before `end`, counted from the start of the row."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RowTokens:
    """The tokens of a row. `answers` are the learned ones: the assistant's text and the special token that ends it.

    `error` is by how many tokens the total may be wrong in either direction; 0 for an exact count.
    """

    total: int
    answers: tuple[TokenSpan, ...] = ()
    error: float = 0.0

    @property
    def least(self) -> int:
        """The lower end of the total."""
        return max(int(self.total - self.error), 0)

    @property
    def learnt(self) -> int:
        """The number of learned tokens."""
        return sum(end - start for start, end in self.answers)

    @property
    def first_assistant_at(self) -> int | None:
        """Tokens before the first learned one; None if nothing is learned."""
        return self.answers[0].start if self.answers else None

    @property
    def least_before_answers(self) -> int:
        """The lower end of the tokens before the first learned one; 0 if nothing is learned."""
        return (self.first_assistant_at or 0) * self.least // max(self.total, 1)

    def cut(self, limit: int) -> RowTokens:
        """Return the row truncated to `limit` tokens."""
        if self.total <= limit:
            return self
        left = tuple(TokenSpan(start, min(end, limit)) for start, end in self.answers if start < limit)
        return RowTokens(limit, left, max(limit - self.least, 0))


class RowCounter(Protocol):
    """Counts the tokens of rows, including a model's chat template."""

    @property
    def exact(self) -> bool:
        """Whether tokens are counted, and not estimated."""
        ...

    @property
    def source(self) -> str:
        """A description of how tokens are counted."""
        ...

    def count(self, row: Row) -> RowTokens:
        """Count the tokens of one row."""
        ...

    def count_each(self, rows: Sequence[Row]) -> list[RowTokens]:
        """Count the tokens of several rows at once, which may be faster."""
        ...


class Size(NamedTuple):
    """The tokens of a chunk: in its head, in total, after the first special token of its foot; the possible error."""

    head: int
    total: int
    trailing: int
    error: float = 0.0


class Measure(Protocol):
    """Measures chunks exactly, or by an estimate."""

    @property
    def exact(self) -> bool:
        """Whether sizes are exact, and not estimated."""
        ...

    @property
    def source(self) -> str:
        """A description of how sizes are measured."""
        ...

    def sizes(self, chunks: Sequence[TemplateChunk]) -> list[Size]:
        """Measure chunks."""
        ...


class TemplateCounter:
    """Counts rows by measuring the chunks into which a model's template renders them.

    Rows are read for `task`, by default as conversations if they have messages, else as text completion.
    """

    def __init__(self, measure: Measure, template: Template, *, task: Task | None = None) -> None:
        self._measure, self._template, self._schemas = measure, template, schemas(task)

    @property
    def exact(self) -> bool:
        """Whether tokens are counted, and not estimated."""
        return self._measure.exact

    @property
    def source(self) -> str:
        """A description of how tokens are counted."""
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

    exact = True

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, int] = {}

    @property
    def source(self) -> str:
        """A description of how sizes are measured."""
        return f"exact, by the tokenizer in {self._tokenizer.source}"

    def sizes(self, chunks: Sequence[TemplateChunk]) -> list[Size]:
        """Measure chunks with all texts in one call, for which a tokenizer may use every core."""
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
"""Cache limits, in characters and entries: texts from templates are short and few; prompts are not cached."""


def _add_up(chunks: Sequence[TemplateChunk], sizes: Sequence[Size]) -> RowTokens:
    return RowTokens(sum(size.total for size in sizes), tuple(_spans(chunks, sizes)), sum(size.error for size in sizes))


def _spans(chunks: Sequence[TemplateChunk], sizes: Sequence[Size]) -> Iterator[TokenSpan]:
    at = 0
    for chunk, size in zip(chunks, sizes, strict=True):
        if chunk.learnt:
            yield TokenSpan(min(at + size.head, at + size.total), at + size.total - size.trailing)
        at += size.total
