"""How much there is to train on, and in which portions: rows, tokens, the length of a row, and the batch."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from ..core.errors import InvalidInput
from ..core.plain_values import PlainValue

ASSUMED_TOKENS, ASSUMED_LENGTH = 1_000_000, 2048
"""What a plan without data counts with."""

_STEP = 64
"""Rows are padded to a multiple of this many tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSize(PlainValue):
    """What one epoch trains on.

    `sequence_length` is what memory has to be there for: the longest row, at most the limit. `tokens` are those of an
    epoch, wrong by at most the share `error_bound`. `cut_rows` are longer than the length. Without data it is
    `is_assumed`: a million tokens in rows of the full length.
    """

    rows: int
    tokens: int
    longest: int
    sequence_length: int
    cut_rows: int = 0
    error_bound: float = 0.0
    is_assumed: bool = False

    @property
    def mean(self) -> int:
        """Tokens of a row, on average."""
        return max(round(self.tokens / max(self.rows, 1)), 1)


def assumed_size(*, context: int | None, asked: int | None) -> TrainingSize:
    """Return the size that a plan without data counts with."""
    length = min(length_asked(asked, context), context or ASSUMED_LENGTH)
    return TrainingSize(
        rows=ceil(ASSUMED_TOKENS / length),
        tokens=ASSUMED_TOKENS,
        longest=length,
        sequence_length=length,
        is_assumed=True,
    )


def length_asked(asked: int | None, context: int | None) -> int:
    """Return the limit of a row's tokens; raise InvalidInput for one that the model does not have."""
    if asked is None:
        return ASSUMED_LENGTH
    if asked < 1:
        raise InvalidInput(f"sequence_length must be at least 1, not {asked}")
    if context is not None and asked > context:
        raise InvalidInput(f"sequence_length is {asked}, and the model reads at most {context} tokens")
    return asked


def padded_length(longest: int, limit: int) -> int:
    """Return the length that rows are padded to: the longest one's, at most the limit."""
    return max(min(ceil(longest / _STEP) * _STEP, limit), 1)
