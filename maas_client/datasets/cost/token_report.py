"""The tokens of a dataset: trained on in one epoch, learned, and lost to truncation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from math import ceil
from os import PathLike
from typing import Any

from ...catalog.model_facts import ModelFacts
from ...core.errors import InvalidInput
from ...core.plain_values import PlainValue
from ...rendering.html import card, escaped, fields
from ..check.sequence_limit import SEQUENCE_LENGTHS
from ..rows.schemas import Row, Task
from ..tokens.counter_choice import counter_for
from ..tokens.row_tokens import RowCounter, RowTokens
from .kept_rows import JudgedLine, judged_lines

_BATCH_ROWS, _BATCH_BYTES = 256, 256 * 1024
"""Rows, and bytes of their lines, counted at once: a tokenizer's output takes far more memory than the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenReport(PlainValue):
    """The tokens of a dataset in one epoch.

    `rows` are the file's lines, `kept` those that are trained on. `total` is the number of tokens trained on, `learnt`
    those that contribute to the loss: the assistant's text and the special token that ends it. `max` is the longest row
    before truncation. `truncated` rows are cut at `max_seq_length`; of those, `without_answer` rows have nothing to
    learn before the cut and are dropped; of estimated rows, those that are certainly too long. `error_bound` is the
    share of `total` by which it may be too high or too low (`least`, `most`), 0 if it is `exact`; `source` says how
    tokens were counted.
    """

    model: str
    rows: int
    kept: int
    total: int
    learnt: int
    max: int
    truncated: int
    without_answer: int
    max_seq_length: int
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

    def _repr_html_(self) -> str:
        return tokens_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def count_tokens(
    path: str | PathLike[str],
    *,
    model: ModelFacts,
    tokenizer: str | PathLike[str] | None = None,
    exact: bool = False,
    download: bool = False,
    max_seq_length: int | None = None,
    task: Task | None = None,
) -> TokenReport:
    """Count the tokens of the rows that the service keeps, including the model's chat template.

    Text completion rows are counted as the prompt directly followed by the completion: what the service adds around
    them is not published.

    Args:
        path: a JSONL file.
        model: the base model.
        tokenizer: a folder with its tokenizer; if none is given or found, tokens are estimated.
        exact: refuse to estimate.
        download: download the tokenizer if it is not on this machine.
        max_seq_length: tokens per row, by default the pipeline's limit, at most the model's context.
        task: chat or text; detected from the rows by default.

    Returns:
        The report; `exact` says whether tokens were counted or estimated.

    Raises:
        InvalidInput: exact counts were requested and are not possible, or `max_seq_length` is invalid.
        TransportError: the download failed.
        OSError: the file cannot be read.
    """
    counter = counter_for(model, tokenizer=tokenizer, exact=exact, download=download, task=task)
    return sum_up(path, counter, model=model, max_seq_length=max_seq_length, task=task)


def sum_up(
    path: str | PathLike[str],
    counter: RowCounter,
    *,
    model: ModelFacts,
    max_seq_length: int | None = None,
    task: Task | None = None,
) -> TokenReport:
    """Count like `count_tokens`, with the given counter."""
    if max_seq_length is not None and max_seq_length < 1:
        raise InvalidInput(f"max_seq_length is {max_seq_length}: a row needs at least one token")
    sums = _Sums(counter, model=model, asked=max_seq_length)
    for batch in row_batches(sums.count_lines(judged_lines(path, model=model, task=task))):
        for tokens in counter.count_each(batch):
            sums.add(tokens)
    return sums.report()


class _Sums:
    """Accumulates the totals."""

    def __init__(self, counter: RowCounter, *, model: ModelFacts, asked: int | None) -> None:
        self._counter, self._model, self._asked = counter, model, asked
        self._limit = self._length("chat")
        self._rows = self._kept = self._total = self._learnt = self._max = self._truncated = self._without = 0
        self._error = 0.0

    def count_lines(self, lines: Iterable[JudgedLine]) -> Iterator[JudgedLine]:
        """Count lines and yield the kept ones; their task sets the limit."""
        for line in lines:
            self._rows += 1
            if line.row is not None and line.schema is not None:
                self._limit = self._length(line.schema.task)
                yield line

    def _length(self, task: Task) -> int:
        return min(self._asked or SEQUENCE_LENGTHS[task], self._model.context_tokens)

    def add(self, tokens: RowTokens) -> None:
        """Add a kept row, as the check judges its length: an estimate counts as too long if its lower end is."""
        self._max = max(self._max, tokens.total)
        if tokens.least > self._limit:
            self._truncated += 1
            if tokens.least_before_answers >= self._limit or not tokens.answers:
                self._without += 1
                return
        left = tokens.cut(self._limit)
        self._kept += 1
        self._total += left.total
        self._learnt += left.learnt
        self._error += left.error if left is tokens or left.answers else left.total  # perhaps the row is dropped

    def report(self) -> TokenReport:
        exact = self._counter.exact
        return TokenReport(
            model=self._model.name,
            rows=self._rows,
            kept=self._kept,
            total=self._total,
            learnt=self._learnt,
            max=self._max,
            truncated=self._truncated,
            without_answer=self._without,
            max_seq_length=self._limit,
            exact=exact,
            error_bound=0.0 if exact or not self._total else ceil(min(self._error / self._total, 1.0) * 1000) / 1000,
            source=self._counter.source,
        )


def row_batches(lines: Iterable[JudgedLine]) -> Iterator[list[Row]]:
    """Yield rows in batches large enough for one tokenizer call and small enough for memory."""
    batch: list[Row] = []
    size = 0
    for line in lines:
        batch += [line.row] if line.row is not None else []
        size += line.size
        if size >= _BATCH_BYTES or len(batch) == _BATCH_ROWS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def tokens_html(report: TokenReport) -> str:
    """Render a token report as HTML."""
    return card(f"tokens for {report.model}", fields(token_fields(report)))


def token_fields(report: TokenReport) -> list[tuple[str, str]]:
    """Return labels and values of a token report for display."""
    bound = "" if report.exact else f"; within {report.error_bound:.0%} for most text"
    return [
        ("counted", escaped(report.source) + bound),
        ("rows", f"{report.kept:,} of {report.rows:,} kept"),
        ("tokens", f"{report.total:,}, of which {report.learnt:,} are the assistant's"),
        ("longest row", f"{report.max:,} tokens; the limit is {report.max_seq_length:,}"),
        ("cut", f"{report.truncated:,} rows" if report.truncated else ""),
    ]
