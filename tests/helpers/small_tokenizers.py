"""Tokenizers small enough to be made in a test: a token for each word, and as many others as the real one has."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

PHI_3_MARKERS = ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<|endoftext|>")
PHI_4_MARKERS = ("<|im_start|>", "<|im_sep|>", "<|im_end|>", "<|endoftext|>")


def write_tokenizer(folder: Path, *, markers: Iterable[str] = PHI_3_MARKERS, tokens: int = 32_000) -> Path:
    """Write a `tokenizer.json` for which every word is a token, and return its folder.

    As in Phi-3's, white space behind a marker belongs to the marker.
    """
    tokenizer = Tokenizer(models.WordLevel({f"w{number}": number for number in range(tokens)}, unk_token="w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    added = [AddedToken(marker, rstrip=True, normalized=False) for marker in markers]
    tokenizer.add_special_tokens(added)  # pyright: ignore[reportUnknownMemberType]  # its stub says only `list`
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
