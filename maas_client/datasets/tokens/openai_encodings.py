"""OpenAI's encoding o200k_base, from tiktoken's cache or by its download: that of every model Foundry tunes.

gpt-oss has the same ranks with other special tokens (`o200k_harmony`), which the texts of rows do not contain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .tokenizer import Tokenizer, not_downloaded, not_installed
from .tokenizer_lookup import SearchPath

if TYPE_CHECKING:
    import tiktoken

ENCODING = "o200k_base"
_CACHE_KEY = "fb374d419588a4632f3f557e76b4b70aebbca790"
"""The SHA-1 of the URL of o200k_base: how tiktoken's own cache names the file (`tiktoken/load.py`)."""

_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
"""The SHA-256 of its rank file; tiktoken downloads a file that has another one (`tiktoken_ext/openai_public.py`)."""


class PlainEncoding:
    """An encoding that reads special tokens in a text as text, as the service does."""

    def __init__(self, encoding: tiktoken.Encoding, source: str) -> None:
        self._encoding, self.source = encoding, source

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text; several texts are distributed over the CPU cores."""
        found = self._encoding.encode_ordinary_batch([text.encode("utf-8", "replace").decode() for text in texts])
        return list(map(len, found))


def cached_encoding(surroundings: SearchPath) -> Tokenizer | None:
    """Return the encoding if tiktoken has it whole in its cache, so that nothing is downloaded; None otherwise.

    Raises InvalidInput if tiktoken is not installed.
    """
    file = cached_file(surroundings)
    if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != _SHA256:
        return None
    return PlainEncoding(_encoding(), "tiktoken's cache")


def cached_file(surroundings: SearchPath) -> Path:
    """Return where tiktoken keeps the encoding."""
    named = (surroundings.variables.get(name) for name in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"))
    return Path(next(filter(None, named), surroundings.temporary / "data-gym-cache")) / _CACHE_KEY


def download_encoding() -> Tokenizer:
    """Let tiktoken download the encoding, which it then keeps.

    Raises InvalidInput if tiktoken is not installed, TransportError if the download fails.
    """
    return PlainEncoding(_encoding(), "tiktoken's cache")


def _encoding() -> tiktoken.Encoding:
    try:
        from tiktoken import get_encoding
    except ImportError:
        raise not_installed("tiktoken") from None
    try:
        return get_encoding(ENCODING)
    except Exception as error:  # of various types: errors of its HTTP client pass through
        raise not_downloaded(ENCODING, error) from None
