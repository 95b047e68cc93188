"""The features of a text from which its tokens are estimated: words, numbers, punctuation, white space, scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import filterfalse
from operator import ne

from .scripts import NAMES, count_scripts

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

EUROPEAN = frozenset(
    b"als auf aus avec bei che com como con dans das de dei del della den der des det die du ein eine el elle ett het "
    b"ich ikke il ist jag je le les los mais mit nao nicht nie nous och par para pas per por pour que qui sich sie som "
    b"son sono sont sur till und une van voor von vous wir zijn zum".split()
)
"""Words of European languages, of which tokenizers know more words than of most others in Latin letters; one token."""

FREQUENT_EUROPEAN = 0.1
"""Their share of the words at which a text counts entirely as one in such a language."""

FOREIGN, PLAIN = 0.05, 0.20
"""The share of common words up to which words count as those of another language, and from which as English or code."""

_SPARE = 7
"""Letters of a word from which a tokenizer rarely has a token for the whole word."""

_RUN = 3
"""Punctuation marks in a row that are often one token."""

TEXT = (
    "common words",
    "words",
    "letters",
    "long words",
    "capitals",
    "single letters",
    "frequent European words",
    "European words",
    "foreign words",
    "foreign letters",
    "European letters",
    "long foreign words",
    "foreign capitals",
    "punctuation",
    "spaced punctuation",
    "changes of punctuation",
    "line ends",
    "blanks",
    "tabs",
    "numbers",
    "spaced numbers",
    "mixed",
)
FEATURES = (*TEXT, *NAMES)
"""All features, in the order of the weights; those of a script count its characters."""

_DIGITS, _CAPITALS = range(0x30, 0x3A), range(0x41, 0x5B)
_LETTERS = bytes([*_CAPITALS, *range(0x61, 0x7B)])
_MARKS = bytes(each for each in range(0x21, 0x7F) if each not in _DIGITS and each not in _LETTERS)
_UPPER, _NOT_ASCII = bytes(_CAPITALS), bytes(range(0x80, 0x100))


def _keeping(kept: Iterable[int]) -> bytes:
    """Return a translation table from every byte except these to a space."""
    wanted = set(kept)
    return bytes(each if each in wanted else 0x20 for each in range(256))


_WORDS_ONLY = _keeping(_LETTERS).lower()
_DIGITS_ONLY, _MARKS_ONLY = _keeping(_DIGITS), _keeping(_MARKS)
_SHAPES = bytes(
    0x30 if each in _DIGITS else 0x61 if each in _LETTERS else 0x21 if each in _MARKS else each for each in range(256)
)
"""A translation table from every digit to 0, from every letter to a, and from every punctuation mark to !."""

_BLANKS = bytes(0x20 if each in b" \t" else 0x61 for each in range(256))
"""A translation table from spaces and tabs to a space, and from everything else to a."""


def features(text: str, raw: bytes, *, digits: int, merges: bool) -> Iterator[tuple[str, float]]:
    """Yield the features of a text and their counts; `raw` is the text in UTF-8.

    The tokenizer divides a number into groups of `digits`; if it `merges`, line breaks are joined with preceding
    punctuation and each other.
    """
    if words := raw.translate(_WORDS_ONLY, _NOT_ASCII).split():
        yield from _words(raw, words)
    shape = raw.translate(_SHAPES)
    if marks := raw.translate(_MARKS_ONLY).split():
        yield "punctuation", len(marks)
        yield "spaced punctuation", shape.count(b" !")
        if runs := [run for run in marks if len(run) > _RUN]:
            yield "changes of punctuation", sum(sum(map(ne, run, run[1:])) for run in runs)
    if breaks := raw.count(b"\n"):
        yield "line ends", breaks - (shape.count(b"!\n") + raw.count(b"\n\n") if merges else 0)
    if tabs := raw.count(b"\t"):
        yield "tabs", tabs
    if tabs or b"  " in raw:
        yield "blanks", raw.translate(_BLANKS).count(b"a  ")
    if numbers := raw.translate(_DIGITS_ONLY).split():
        yield "numbers", sum(-(-length // digits) for length in map(len, numbers))
        yield "spaced numbers", shape.count(b" 0")
        yield "mixed", shape.count(b"a0")
    if not text.isascii():
        yield from count_scripts(text, raw)


def _words(raw: bytes, words: Sequence[bytes]) -> Iterator[tuple[str, float]]:
    """Yield the features of words: the more common words, the more of the others count as English or source code."""
    rare = list(filterfalse(COMMON.__contains__, words))
    common, european = len(words) - len(rare), 0
    plain = min(max((common / len(words) - FOREIGN) / (PLAIN - FOREIGN), 0.0), 1.0)
    if plain < 1.0:
        foreign = list(filterfalse(EUROPEAN.__contains__, rare))
        rare, european = foreign, len(rare) - len(foreign)
    lengths = list(map(len, rare))
    singles = lengths.count(1)
    others, letters = len(rare) - singles, sum(lengths) - singles
    beyond = sum([length - _SPARE for length in lengths if length > _SPARE])
    capitals = len(raw) - len(raw.translate(None, _UPPER))
    yield "common words", common
    yield "single letters", singles
    if plain:
        yield "words", plain * others
        yield "letters", plain * letters
        yield "long words", plain * beyond
        yield "capitals", plain * capitals
    if plain < 1.0:
        known = min(european / (FREQUENT_EUROPEAN * len(words)), 1.0)
        yield "frequent European words", european
        yield "European words", (1.0 - plain) * known * others
        yield "European letters", (1.0 - plain) * known * letters
        yield "foreign words", (1.0 - plain) * (1.0 - known) * others
        yield "foreign letters", (1.0 - plain) * (1.0 - known) * letters
        yield "long foreign words", (1.0 - plain) * beyond
        yield "foreign capitals", (1.0 - plain) * capitals
