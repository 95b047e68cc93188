"""Counting the tokens of texts for models of Azure AI Foundry: their tokenizer if there is one here, else an estimate.

Which encoding OpenAI's models have is known (tiktoken's `model.py`); those of open models are read from a folder with
their `tokenizer.json`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ...catalog.foundry_offer import FoundryOffer
from ...core.errors import InvalidInput
from ...core.extras import install_command
from .estimation import estimate_text
from .estimation_weights import WEIGHTS, Estimate
from .openai_encodings import cached_encoding, download_encoding
from .tokenizer import Tokenizer
from .tokenizer_loading import read_tokenizer
from .tokenizer_lookup import JSON, VARIABLE, SearchPath

_OF_OPEN_MODELS = "cl100k"
"""The measured kind of tokenizer that those of Qwen, Llama and Ministral resemble most; they were not measured."""


class TextCounter(Protocol):
    """Counts the tokens of texts."""

    @property
    def exact(self) -> bool:
        """Whether tokens are counted, and not estimated."""
        ...

    @property
    def source(self) -> str:
        """A description of how tokens are counted."""
        ...

    def counts(self, texts: Sequence[str]) -> list[Estimate]:
        """Return the tokens of each text, and by how many they may be wrong."""
        ...


def text_counter_for(
    offer: FoundryOffer,
    *,
    tokenizer: str | os.PathLike[str] | None = None,
    exact: bool = False,
    download: bool = False,
    surroundings: SearchPath | None = None,
) -> TextCounter:
    """Return a counter for the texts of a model's rows.

    Args:
        offer: the base model.
        tokenizer: a folder with its `tokenizer.json`, or with a subfolder that has the model's name.
        exact: refuse to estimate.
        download: download the encoding of a model of OpenAI if it is not on this machine.
        surroundings: where else a tokenizer may be, by default taken from the environment.

    Returns:
        A counter; its `source` says how it counts, and why if it estimates.

    Raises:
        InvalidInput: a tokenizer was named, or exact counts were requested, and there is no usable tokenizer.
        TransportError: the download failed.
    """
    around = surroundings or SearchPath()
    if tokenizer is not None:
        return _Counted(read_tokenizer(_named(offer, Path(tokenizer))))
    try:
        found = _known(offer, around, download=download)
    except InvalidInput as error:
        if exact or download:
            raise
        return _Estimated(offer, str(error))
    if found is not None:
        return _Counted(found)
    missing = f"no tokenizer of {offer.name} {'in the cache of tiktoken' if offer.encoding else 'was named'}"
    if exact or download:
        way = "allow the download (--download-tokenizer)" if offer.encoding else "name its folder (--tokenizer)"
        raise InvalidInput(f"exact counts need a tokenizer, and {missing}: {way}, with {install_command('tokens')}")
    return _Estimated(offer, f"there is {missing}" if offer.encoding else missing)


def _known(offer: FoundryOffer, around: SearchPath, *, download: bool) -> Tokenizer | None:
    """Return the tokenizer from the usual places on this machine, or None."""
    if folder := around.variables.get(VARIABLE):
        for file in (Path(folder) / name / JSON for name in offer.names):
            if file.is_file():
                return read_tokenizer(file)
    if offer.encoding is None:
        return None
    return cached_encoding(around) or (download_encoding() if download else None)


def _named(offer: FoundryOffer, folder: Path) -> Path:
    places = (folder, folder / JSON, *(folder / name / JSON for name in offer.names))
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise InvalidInput(f"there is no {JSON} of {offer.name} in {str(folder)!r}, nor in a folder {offer.name} there")
    return found


class _Counted:
    exact = True

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.source = f"exact, by the tokenizer in {tokenizer.source}"

    def counts(self, texts: Sequence[str]) -> list[Estimate]:
        """Return the tokens of each text."""
        return [Estimate(length, 0.0) for length in self._tokenizer.lengths(texts)]


class _Estimated:
    exact = False

    def __init__(self, offer: FoundryOffer, why: str) -> None:
        self._weights = WEIGHTS["o200k" if offer.encoding else _OF_OPEN_MODELS]
        unmeasured = "" if offer.encoding else f"; the figures are those of {_OF_OPEN_MODELS}, not of this model"
        self.source = f"an estimate: {why}{unmeasured}"

    def counts(self, texts: Sequence[str]) -> list[Estimate]:
        """Return the tokens of each text, and by how many they may be wrong."""
        return [estimate_text(text, self._weights) for text in texts]
