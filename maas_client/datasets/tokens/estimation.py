"""Estimating the tokens of a text from features that are quick to count, with an error bound."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import filterfalse
from operator import mul
from typing import NamedTuple

from ...catalog.model_facts import ModelFacts
from .chat_templates import TemplateChunk, special_tokens
from .estimation_weights import COMMON, FULL, SCRIPTS, WEIGHTS, Weights, WordWeights
from .row_tokens import Size

FROM_BYTES_ERROR = 0.4
"""The relative error of an estimate from bytes alone for English and source code."""

_TOKENS_PER_BYTE = {"llama-2": 0.28, "cl100k": 0.24, "phi-4": 0.24, "o200k": 0.235}
_ROW_BYTES, _MESSAGE_BYTES, _MESSAGE_TOKENS = 17, 39, 3
"""Bytes of JSON around the messages of a row, and around the text of a message; tokens that templates add to it."""

_TEMPLATE_PART = 32
"""Maximum characters of a cached text. Texts written by templates are shorter and measured only once."""

_DIGITS, _CAPITALS = range(0x30, 0x3A), range(0x41, 0x5B)
_LETTERS = bytes([*_CAPITALS, *range(0x61, 0x7B)])
_MARKS = bytes(each for each in range(0x21, 0x7F) if each not in _DIGITS and each not in _LETTERS)


def _keeping(kept: Iterable[int]) -> bytes:
    """Return a translation table from every byte except these to a space."""
    wanted = set(kept)
    return bytes(each if each in wanted else 0x20 for each in range(256))


_WORDS_ONLY = _keeping(_LETTERS).lower()
_DIGITS_ONLY, _MARKS_ONLY = _keeping(_DIGITS), _keeping(_MARKS)
_KINDS = bytes(
    next((kind for kind, (first, last) in enumerate(SCRIPTS) if first <= each <= last), 0xFF) for each in range(256)
)
"""A translation table from the first byte of each non-ASCII character to the index of its script."""

_SHAPES = bytes(0x30 if each in _DIGITS else 0x61 if each in _LETTERS else each for each in range(256))
"""A translation table from every digit to 0, and from every letter to a."""

_BLANK_RUN = re.compile(rb"[ \t]{2,}")
_LINE_ENDS = re.compile(rb"(?<![!-/:-@\[-`{-~\n])\n+")
"""Line breaks not preceded by punctuation; consecutive ones count once."""


class Estimate(NamedTuple):
    """The tokens of a text, and the possible error."""

    tokens: float
    error: float


def estimate_text(text: str, weights: Weights) -> Estimate:
    """Estimate the tokens of a text, in a fraction of a tokenizer's time."""
    raw = text.encode("utf-8", "surrogatepass")
    words = raw.translate(_WORDS_ONLY).split()
    rare = list(map(len, filterfalse(COMMON.__contains__, words)))
    common = len(words) - len(rare)
    plainness = min(1.0, common / (FULL * len(words))) if words else 1.0
    plain = (
        weights.common * common
        + plainness * _words(rare, weights.plain)
        + weights.capital * (len(raw) - len(raw.translate(None, bytes(_CAPITALS))))
        + weights.marks * len(raw.translate(_MARKS_ONLY).split())
        + _blanks(raw, weights)
    )
    foreign = (1.0 - plainness) * _words(rare, weights.foreign)
    if numbers := raw.translate(_DIGITS_ONLY).split():
        shape = raw.translate(_SHAPES)
        plain += sum(-(-length // weights.digits) for length in map(len, numbers)) + shape.count(b" 0")
        foreign += weights.mixed * shape.count(b"a0")
    if not text.isascii():
        kinds = raw.translate(_KINDS)
        foreign += sum(map(mul, map(kinds.count, range(len(SCRIPTS))), weights.scripts))
    return Estimate(plain + foreign, plain * weights.error + foreign * weights.foreign_error)


def tokens_from_bytes(size: int, *, rows: int, messages: int, model: ModelFacts) -> int:
    """Estimate the tokens of conversations from totals alone.

    Within 40 per cent for English and source code in rows that contain only messages with role and text. Text with many
    digits, or in other scripts, may have as many tokens as bytes, or a twentieth of that.

    Args:
        size: bytes of the rows in the file.
        rows: the number of rows.
        messages: the number of messages in all rows.
        model: the model whose tokens are estimated.

    Returns:
        Tokens, including those of the template.
    """
    said = max(size - rows * _ROW_BYTES - messages * _MESSAGE_BYTES, 0)
    return round(said * _TOKENS_PER_BYTE[model.tokenizer]) + messages * _MESSAGE_TOKENS + rows


class EstimateMeasure:
    """Measures chunks by an estimate. `why` says why no tokenizer is used."""

    def __init__(self, model: ModelFacts, why: str) -> None:
        self._weights, self._why = WEIGHTS[model.tokenizer], why
        alternatives = "|".join(map(re.escape, {*special_tokens(model.template.family), "<|endoftext|>"}))
        # Llama-type tokenizers absorb white space after a special token.
        self._marker = re.compile(rf"(?:{alternatives})\s*" if model.tokenizer == "llama-2" else alternatives)
        self._kept = lru_cache(maxsize=256)(self._estimate)

    @property
    def error(self) -> float:
        """The relative error of a size, for any text."""
        return self._weights.foreign_error

    @property
    def source(self) -> str:
        """A description of how sizes are measured."""
        return f"an estimate: {self._why}"

    def sizes(self, chunks: Sequence[TemplateChunk]) -> list[Size]:
        """Measure chunks."""
        return [self._size(chunk) for chunk in chunks]

    def _size(self, chunk: TemplateChunk) -> Size:
        head, said, foot = self._part(chunk.head), self._estimate(chunk.said), self._part(chunk.foot)
        first, last = round(head.tokens), round(foot.tokens)
        return Size(
            first, first + round(said.tokens) + last, max(last - 1, 0), sum(each.error for each in (head, said, foot))
        )

    def _part(self, text: str) -> Estimate:
        return self._kept(text) if len(text) < _TEMPLATE_PART else self._estimate(text)

    def _estimate(self, text: str) -> Estimate:
        if "<|" not in text:
            return estimate_text(text, self._weights)
        rest, found = self._marker.subn("", text)
        tokens, error = estimate_text(rest, self._weights)
        return Estimate(found + tokens, error)


def _words(lengths: Sequence[int], weights: WordWeights) -> float:
    spare = weights.spare
    beyond = sum([length - spare for length in lengths if length > spare])
    return weights.word * len(lengths) + weights.letter * sum(lengths) + weights.beyond * beyond


def _blanks(raw: bytes, weights: Weights) -> float:
    """Return the tokens of line breaks, and of runs of spaces."""
    ends = (len(_LINE_ENDS.findall(raw)) if weights.merges else raw.count(b"\n")) if b"\n" in raw else 0
    runs = len(_BLANK_RUN.findall(raw)) if b"  " in raw or b"\t" in raw else 0
    return weights.line_end * ends + weights.blanks * runs
