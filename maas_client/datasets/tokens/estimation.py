"""Estimating the tokens of a text from features that are quick to count, with an error bound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ...catalog.model_facts import ModelFacts
from .chat_templates import TemplateChunk, special_tokens
from .estimation_weights import WEIGHTS, Estimate, Weights
from .row_tokens import Size
from .text_features import features

_TEMPLATE_PART = 32
"""Maximum characters of a cached text. Texts written by templates are shorter and measured only once."""


def estimate_text(text: str, weights: Weights) -> Estimate:
    """Estimate the tokens of a text, in a fraction of a tokenizer's time.

    It has at most as many tokens as bytes in UTF-8, and one more: the space that some tokenizers put before it.
    """
    raw = text.encode("utf-8", "surrogatepass")
    table = weights.table
    tokens = error = 0.0
    for name, count in features(text, raw, digits=weights.digits, merges=weights.merges):
        weight = table[name]
        tokens += count * weight.tokens
        error += count * weight.error
    most = len(raw) + 1.0
    if tokens + error <= most:
        return Estimate(tokens, min(error, tokens))
    least = min(max(tokens - error, 0.0), most)
    return Estimate((least + most) / 2, (most - least) / 2)


class EstimateMeasure:
    """Measures chunks by an estimate. `why` says why no tokenizer is used."""

    exact = False

    def __init__(self, model: ModelFacts, why: str) -> None:
        self._weights, self._why = WEIGHTS[model.tokenizer], why
        alternatives = "|".join(map(re.escape, {*special_tokens(model.template.family), "<|endoftext|>"}))
        # Llama-type tokenizers absorb white space after a special token.
        self._marker = re.compile(rf"(?:{alternatives})\s*" if model.tokenizer == "llama-2" else alternatives)
        self._kept = lru_cache(maxsize=256)(self._estimate)

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
        total = first + round(said.tokens) + last
        rounded = abs(total - head.tokens - said.tokens - foot.tokens)
        return Size(first, total, max(last - 1, 0), head.error + said.error + foot.error + rounded)

    def _part(self, text: str) -> Estimate:
        return self._kept(text) if len(text) < _TEMPLATE_PART else self._estimate(text)

    def _estimate(self, text: str) -> Estimate:
        if "<|" not in text:
            return estimate_text(text, self._weights)
        rest, found = self._marker.subn("", text)
        if not rest or rest.isspace():  # written by a template: white space between markers is one token
            return Estimate(found + bool(rest), 0.0)
        tokens, error = estimate_text(rest, self._weights)
        return Estimate(found + tokens, error)
