"""The constants of the token estimate for each kind of tokenizer, fitted to real texts.

Fitted by bounded least squares of the relative error to 75 collections of text, with the tokenizers themselves as the
reference: English and chats, source code, logs and numbers, random strings, and prose in thirty languages. With a
collection left out of the fit, the estimate of its tokens was off by at most 15 per cent for English, source code and
numbers (median 2 to 4); for other text by at most 32 (median 9 to 13) as long as the fit had other text in its script,
except for Vietnamese in cl100k (39) and random Han in o200k (45). Scripts absent from the fit can be off by far more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

COMMON = frozenset(
    b"about after all also am an and any are as at be because been before but by can could did do does each find "
    b"first for from get go had has have he her here him his how if in into is it its just know like make many may "
    b"me more most much must my need no not now of on one only or other our out over people please right said same "
    b"see she should so some take than that the their them then there these they this those time to too two up us "
    b"use used very want was way we well were what when where which who why will with would you your "
    b"args assistant char class code com const data def else end error false file function href html http https id "
    b"import index int json key let line list name new none null number object option path print public return "
    b"self set size static str string system text true type url user value var void while".split()
)
"""Words of English and source code that are one token in every tokenizer; their share identifies such text."""

FULL = 0.45
"""The share of common words at which a text counts entirely as English or source code."""


class WordWeights(NamedTuple):
    """Tokens for each word, for each of its letters, and for each letter beyond the first `spare` ones."""

    word: float
    letter: float
    beyond: float
    spare: int


SCRIPTS: tuple[tuple[int, int], ...] = (
    (0xC2, 0xCB),  # accented Latin letters
    (0xCC, 0xCF),  # Greek
    (0xD0, 0xD5),  # Cyrillic, Armenian
    (0xD6, 0xD7),  # Hebrew
    (0xD8, 0xDF),  # Arabic
    (0xE0, 0xE0),  # Indic scripts, Thai
    (0xE1, 0xE1),  # Georgian, letters of Vietnamese
    (0xE2, 0xE2),  # typographic punctuation
    (0xE3, 0xE3),  # kana
    (0xE4, 0xE9),  # Han
    (0xEA, 0xED),  # Hangul
    (0xEE, 0xEF),  # full-width punctuation
    (0xF0, 0xF7),  # emoji and other characters beyond the basic plane
)
"""Ranges of non-ASCII characters by the first byte of their UTF-8 encoding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Tokens for each feature of a text.

    A number is divided into groups of `digits`, one token each, and a preceding space is one more. `common` is for
    words in COMMON, `plain` for other words of English and source code, `foreign` for words of other text; `capital`
    for capital letters, `marks` for runs of punctuation, `line_end` for line breaks (`merges`: they merge with
    preceding punctuation and each other), `blanks` for runs of spaces, `mixed` for a digit after a letter, `scripts`
    for the scripts in SCRIPTS.

    `error` is the relative error of a file's estimate for English, source code and numbers, `foreign_error` for
    anything else.
    """

    digits: int
    common: float
    plain: WordWeights
    foreign: WordWeights
    capital: float
    marks: float
    line_end: float
    merges: bool
    blanks: float
    mixed: float
    scripts: tuple[float, ...]
    error: float
    foreign_error: float


_LLAMA = Weights(
    digits=1,
    common=0.90,
    plain=WordWeights(0.92, 0.065, 0.002, 7),
    foreign=WordWeights(0.20, 0.289, 0.50, 12),
    capital=0.25,
    marks=0.91,
    line_end=1.0,
    merges=False,
    blanks=1.58,
    mixed=0.76,
    scripts=(1.36, 1.14, 0.42, 1.21, 1.18, 1.26, 1.24, 1.2, 1.1, 1.48, 2.05, 1.0, 4.73),
    error=0.15,
    foreign_error=0.35,
)
_CL100K = Weights(
    digits=3,
    common=1.12,
    plain=WordWeights(0.32, 0.105, -0.079, 7),
    foreign=WordWeights(0.20, 0.268, 0.50, 12),
    capital=0.03,
    marks=0.86,
    line_end=1.04,
    merges=True,
    blanks=1.17,
    mixed=0.66,
    scripts=(0.98, 1.06, 0.52, 1.22, 0.86, 1.15, 1.82, 1.1, 1.04, 1.16, 1.05, 1.0, 2.9),
    error=0.15,
    foreign_error=0.35,
)
_O200K = Weights(
    digits=3,
    common=1.07,
    plain=WordWeights(0.03, 0.160, -0.138, 7),
    foreign=WordWeights(0.20, 0.209, 0.50, 12),
    capital=0.04,
    marks=0.92,
    line_end=1.44,
    merges=True,
    blanks=1.24,
    mixed=0.78,
    scripts=(0.69, 0.41, 0.31, 0.5, 0.34, 0.4, 0.34, 1.1, 0.79, 0.68, 0.66, 1.0, 2.03),
    error=0.15,
    foreign_error=0.4,
)

WEIGHTS: Mapping[str, Weights] = {"llama-2": _LLAMA, "cl100k": _CL100K, "phi-4": _CL100K, "o200k": _O200K}
"""By kind of tokenizer, as named in the catalogue. Phi-4's is of cl100k's kind and was not measured itself."""
