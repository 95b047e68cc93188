"""Similarity of an answer to its reference: three scores between 0 and 1. No I/O."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

_WORD = re.compile(r"\w+")
_ARTICLES = frozenset({"a", "an", "the"})


@dataclass(frozen=True, slots=True)
class Score:
    """Similarity of two texts, each score from 0 to 1.

    `exact` compares the texts as they are but for white space at their ends, `normalised` their words without case,
    punctuation and articles, and `rouge_l` is the F-measure of their longest common sequence of words (Lin 2004,
    "ROUGE: A Package for Automatic Evaluation of Summaries", section 3).
    """

    exact: float
    normalised: float
    rouge_l: float


def score(reference: str, answer: str) -> Score:
    """Compare an answer with the reference."""
    return Score(
        exact=float(reference.strip() == answer.strip()),
        normalised=float(_plain(reference) == _plain(answer)),
        rouge_l=rouge_l(reference, answer),
    )


def rouge_l(reference: str, answer: str) -> float:
    """Return the F-measure of the longest common sequence of words; 1 for two texts without any."""
    wanted, given = _words(reference), _words(answer)
    if not wanted or not given:
        return float(wanted == given)
    return 2 * common(wanted, given) / (len(wanted) + len(given))


def common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence.

    A bit of `row` is 0 where the sequence grows (Hyyrö 2004, "Bit-parallel LCS-length computation revisited"): one step
    for each word of `other`, however long `one` is.
    """
    places: dict[str, int] = {}
    for place, word in zip(count(), one, strict=False):
        places[word] = places.get(word, 0) | 1 << place
    row = every = (1 << len(one)) - 1
    for word in other:
        matches = row & places.get(word, 0)
        row = ((row + matches) | (row - matches)) & every
    return len(one) - row.bit_count()


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _plain(text: str) -> list[str]:
    return [word for word in _words(text) if word not in _ARTICLES]
