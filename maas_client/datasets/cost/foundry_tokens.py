"""The tokens of a dataset on Azure AI Foundry, which bills those of the training file for each epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from os import PathLike
from typing import NamedTuple

from ...catalog.foundry_offer import FoundryOffer
from ...core.plain_values import PlainValue
from ..rows.schemas import Row
from ..tokens.foundry_row_texts import RowTexts, is_preference, texts_of
from ..tokens.text_counting import TextCounter
from .kept_rows import JudgedLine, read_lines
from .token_report import row_batches


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundryTokens(PlainValue):
    """The tokens of a training file in one epoch.

    `rows` are the file's lines, `counted` those with messages or preferences. `total` is the number of tokens, `learnt`
    of them are the assistant's; `longest` is the longest row. Tokens of `images` are not in them. `has_preferences`
    says whether rows are for the method dpo. `error_bound` is the share of `total` by which it may be too high or too
    low, 0 if it is `exact`; `source` says how tokens were counted.
    """

    model: str
    rows: int
    counted: int
    total: int
    learnt: int
    longest: int
    images: int
    has_preferences: bool
    exact: bool
    error_bound: float
    source: str

    @property
    def least(self) -> float:
        """The lower end of `total`."""
        return self.total * (1 - self.error_bound)

    @property
    def most(self) -> float:
        """The upper end of `total`."""
        return self.total * (1 + self.error_bound)


def count_foundry_tokens(path: str | PathLike[str], counter: TextCounter, *, model: FoundryOffer) -> FoundryTokens:
    """Count the tokens of a training file. Raises OSError if it cannot be read."""
    sums = _Sums()
    for batch in row_batches(sums.count_lines(read_lines(path))):
        sums.add(batch, counter)
    bound = 0.0 if counter.exact or not sums.total else min(sums.error / sums.total, 1.0)
    return FoundryTokens(
        model=model.name,
        rows=sums.rows,
        counted=sums.counted,
        total=round(sums.total),
        learnt=round(sums.learnt),
        longest=round(sums.longest),
        images=sums.images,
        has_preferences=sums.preferences > sums.counted // 2,
        exact=counter.exact,
        error_bound=ceil(bound * 1000) / 1000,
        source=counter.source,
    )


class _Size(NamedTuple):
    """The tokens of a row, those of them that are learned, and by how many they may be wrong."""

    tokens: float
    learnt: float
    error: float


class _Sums:
    """Accumulates the totals."""

    def __init__(self) -> None:
        self.rows = self.counted = self.images = self.preferences = 0
        self.total = self.learnt = self.longest = self.error = 0.0

    def count_lines(self, lines: Iterator[JudgedLine]) -> Iterator[JudgedLine]:
        """Count lines and yield those that are rows."""
        for line in lines:
            self.rows += 1
            if line.row is not None:
                yield line

    def add(self, batch: list[Row], counter: TextCounter) -> None:
        """Add rows; those without messages and preferences are not counted."""
        found = [texts for row in batch if (texts := texts_of(row)) is not None]
        self.counted += len(found)
        self.preferences += sum(map(is_preference, batch))
        for texts, size in zip(found, _sizes(found, counter), strict=True):
            self.images += texts.images
            self.total += size.tokens
            self.learnt += size.learnt
            self.error += size.error
            self.longest = max(self.longest, size.tokens)


def _sizes(rows: list[RowTexts], counter: TextCounter) -> Iterator[_Size]:
    """Yield the size of each row, with all texts in one call, for which a tokenizer may use every core."""
    counts = iter(counter.counts([text.text for row in rows for text in row.texts]))
    for row in rows:
        sizes = [(next(counts), text.learnt) for text in row.texts]
        yield _Size(
            sum(count.tokens for count, _ in sizes) + row.around,
            sum(count.tokens for count, learnt in sizes if learnt),
            sum(count.error for count, _ in sizes),
        )
