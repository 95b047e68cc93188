"""Loading or downloading a model's own tokenizer, and rejecting that of another model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...catalog.model_facts import ModelFacts
from ...core.errors import InvalidInput
from .chat_templates import special_tokens
from .tokenizer import Tokenizer, not_downloaded, not_installed
from .tokenizer_lookup import RANKED_FAMILY, hub_name

if TYPE_CHECKING:
    import tokenizers

_SIZES: Mapping[str, range] = {
    "llama-2": range(32_000, 32_065),
    "cl100k": range(100_256, 100_353),
    "phi-4": range(100_256, 100_353),
    "o200k": range(199_998, 200_065),
}
"""Token counts of each kind: from the vocabulary without special tokens to the rows of the embedding matrix."""


class JsonTokenizer:
    """A tokenizer of the `tokenizers` library, for every Phi model except Phi-3-small."""

    def __init__(self, tokenizer: tokenizers.Tokenizer, source: str) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer, self.source = tokenizer, source

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text; several texts are distributed over the CPU cores."""
        try:
            found = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        except TypeError:  # what the library raises for a lone surrogate
            found = self._tokenizer.encode_batch_fast(
                [_without_surrogates(text) for text in texts], add_special_tokens=False
            )
        return list(map(len, found))

    def size(self) -> int:
        """Return the size of the vocabulary."""
        return self._tokenizer.get_vocab_size()

    def knows(self, token: str) -> bool:
        """Return whether it has a token with this text."""
        return self._tokenizer.token_to_id(token) is not None


def load(path: Path, model: ModelFacts) -> Tokenizer:
    """Load a model's tokenizer from a `tokenizer.json`, or for Phi-3-small from a rank file.

    Raises InvalidInput if the required library is not installed, the file is invalid, or it is another model's.
    """
    if path.suffix == ".json":
        return _checked(read_tokenizer(path), model)
    if model.template.family != RANKED_FAMILY:
        raise InvalidInput(f"{str(path)!r} is not a tokenizer.json, the only format for {model.name}")
    from .tiktoken_tokenizer import read_ranks

    return read_ranks(path)


def download(model: ModelFacts) -> Tokenizer:
    """Download a model's tokenizer; the library caches it, so it is found the next time.

    Raises InvalidInput if the required library is not installed, TransportError if the download fails.
    """
    name = hub_name(model)
    if model.template.family == RANKED_FAMILY:
        from .tiktoken_tokenizer import download_ranks

        return download_ranks()
    kind = _library()
    try:
        loaded = kind.from_pretrained(name)
    except Exception as error:  # of various types: errors of the hub's client pass through
        raise not_downloaded(f"the tokenizer of {name}", error) from None
    return _checked(JsonTokenizer(loaded, name), model)


def _library() -> type[tokenizers.Tokenizer]:
    try:
        from tokenizers import Tokenizer as Kind
    except ImportError:
        raise not_installed("tokenizers") from None
    return Kind


def read_tokenizer(path: Path) -> JsonTokenizer:
    """Load a `tokenizer.json`, whichever model it is of.

    Raises InvalidInput if the library is not installed or the file is not a tokenizer.
    """
    kind = _library()
    try:
        return JsonTokenizer(kind.from_file(str(path)), str(path.parent))
    except Exception as error:  # the library raises a plain Exception for any invalid file
        raise InvalidInput(f"{str(path)!r} is not a tokenizer: {error}") from None


def _checked(tokenizer: JsonTokenizer, model: ModelFacts) -> Tokenizer:
    """Return the tokenizer if it matches the model: the right size, and every special token of the template."""
    sizes, size = _SIZES[model.tokenizer], tokenizer.size()
    lost = [marker for marker in special_tokens(model.template.family) if not tokenizer.knows(marker)]
    if size in sizes and not lost:
        return tokenizer
    has = f"no special token {lost[0]}" if lost else f"{size:,} tokens, not {sizes[0]:,} to {sizes[-1]:,}"
    raise InvalidInput(f"the tokenizer in {tokenizer.source} is not that of {model.name}: it has {has}")


def _without_surrogates(text: str) -> str:
    """Replace lone surrogates, which cannot be encoded, by the replacement character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
