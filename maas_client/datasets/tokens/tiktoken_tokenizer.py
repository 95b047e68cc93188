"""Phi-3-small's tokenizer: cl100k_base with its own special tokens, built by tiktoken from a rank file."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import InvalidInput
from .tokenizer import Tokenizer, not_downloaded, not_installed

if TYPE_CHECKING:
    import tiktoken

_SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
"""The SHA-256 of the rank file, as checked by tiktoken itself (`tiktoken_ext/openai_public.py`)."""

_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""The pattern by which cl100k_base splits a text before tokenization (same file)."""

_MARKERS: Mapping[str, int] = {
    "<|endoftext|>": 100257,
    "<|fim_prefix|>": 100258,
    "<|fim_middle|>": 100259,
    "<|fim_suffix|>": 100260,
    "<|system|>": 100261,
    "<|user|>": 100262,
    "<|assistant|>": 100263,
    "<|end|>": 100266,
    "<|endofprompt|>": 100276,
}
"""Named special tokens (`tokenization_phi3_small.py`); `tokenizer_config.json` lists the placeholders."""


class TiktokenTokenizer:
    """A tokenizer of the `tiktoken` library. It parses special tokens wherever they occur, like the model's own."""

    def __init__(self, encoding: tiktoken.Encoding, source: str) -> None:
        self._encoding, self.source = encoding, source

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text."""
        return [len(self._encoding.encode(text, allowed_special="all")) for text in texts]


def read_ranks(path: Path) -> Tokenizer:
    """Build the tokenizer from a rank file, with the placeholders of a `tokenizer_config.json` in the same folder.

    Raises InvalidInput if tiktoken is not installed, or the file is not the published one.
    """
    kind = _library()
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != _SHA256:
        raise InvalidInput(f"{str(path)!r} is not cl100k_base, on which the tokenizer of Phi-3-small is based")
    ranks = {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, content.splitlines())}
    return _build(kind, ranks, _special_tokens(path.with_name("tokenizer_config.json")), str(path.parent))


def download_ranks() -> Tokenizer:
    """Let tiktoken download cl100k_base and build the tokenizer, without the names of its placeholders.

    Raises InvalidInput if tiktoken is not installed, TransportError if the download fails.
    """
    kind = _library()
    from tiktoken import get_encoding

    try:
        base = get_encoding("cl100k_base")
    except Exception as error:  # of various types: errors of its HTTP client pass through
        raise not_downloaded("cl100k_base", error) from None
    # As in tiktoken's README for an encoding with additional special tokens.
    ranks = base._mergeable_ranks  # pyright: ignore[reportPrivateUsage]
    return _build(kind, ranks, _MARKERS, "tiktoken's cache")


def _library() -> type[tiktoken.Encoding]:
    try:
        from tiktoken import Encoding
    except ImportError:
        raise not_installed("tiktoken") from None
    return Encoding


def _build(
    kind: type[tiktoken.Encoding], ranks: dict[bytes, int], markers: Mapping[str, int], source: str
) -> Tokenizer:
    encoding = kind("phi-3-small", pat_str=_SPLIT, mergeable_ranks=ranks, special_tokens=dict(markers))
    return TiktokenTokenizer(encoding, source)


def _special_tokens(config: Path) -> Mapping[str, int]:
    if not config.is_file():
        return _MARKERS
    try:
        listed: dict[str, Any] = json.loads(config.read_bytes())["added_tokens_decoder"]
        return {**{str(each["content"]): int(number) for number, each in listed.items()}, **_MARKERS}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{str(config)!r} lists no added tokens: {error!r}") from None
