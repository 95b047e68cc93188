"""Special tokens: text that a tokenizer reads as the start or end of a turn, wherever it occurs."""

from __future__ import annotations

import re
from collections.abc import Mapping

HINT = b"|"
"""A byte that every special token contains and JSON never escapes."""

_LLAMA = r"<\|(?:system|user|assistant|end|endoftext|placeholder[1-6])\|>"
_CL100K = r"<\|(?:system|user|assistant|end|endoftext|endofprompt|fim_(?:prefix|middle|suffix)|dummy_\d+)\|>"
_GPT = r"<\|(?:im_start|im_end|im_sep|endoftext|endofprompt|fim_(?:prefix|middle|suffix))\|>"
_O200K = r"<\|(?:system|user|assistant|end|endoftext|endofprompt|/?tool(?:_call|_response)?)\|>"

_OF_FAMILY: Mapping[str, re.Pattern[str]] = {
    family: re.compile(pattern)
    for family, pattern in {
        "phi-3": _LLAMA,
        "phi-3-medium": _LLAMA,
        "phi-3-small": _CL100K,
        "phi-4": _GPT,
        "phi-4-mini": _O200K,
    }.items()
}
_OF_ANY = re.compile("|".join((_LLAMA, _CL100K, _GPT, _O200K)))


def find_special_token(text: str, family: str | None) -> str | None:
    """Return the first special token in a text, of the template's family or, without one, of any family.

    The tokenizers of the family parse added tokens wherever they occur (`tokenization_phi3_small.py` with
    `allowed_special="all"`; the others through their `tokenizer.json`).
    """
    if "<|" not in text:
        return None
    found = (_OF_ANY if family is None else _OF_FAMILY.get(family, _OF_ANY)).search(text)
    return None if found is None else found[0]
