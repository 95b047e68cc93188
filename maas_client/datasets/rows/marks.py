"""Marks that say "do not learn this": `weight: 0`, `train: false`, `label: false` and their like.

The service ignores them. Sources: OpenAI's `weight` of an assistant turn (fine-tuning guide, multi-turn examples), the
`label` of TRL's KTO rows and `kto_tag` of LLaMA-Factory's, `train` and `training` of axolotl's turns, `loss` of
ms-swift's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .excerpt import describe, escape

_SWITCHES = frozenset({"weight", "loss_weight", "train", "training", "trainable", "loss", "learn"})
"""Keys whose false or 0 means that nothing is learned."""

_RATINGS = frozenset({"label", "kto_tag"})
"""Keys whose false means a bad answer; their 0 may be a class of a classification."""

_FALSE = frozenset({"false", "no"})
_ZERO = frozenset({"0", "0.0"})
"""Values as a table without types writes them."""

MARKS = _SWITCHES | _RATINGS
"""Keys that may be a mark."""


def marks(keyed: Mapping[Any, object]) -> Iterator[str]:
    """Return the keys of a turn or a row that say that it must not be learned."""
    return (key for key, value in keyed.items() if is_mark(key, value))


def is_mark(key: str, value: object) -> bool:
    """Return whether a key with this value says that a turn or a row must not be learned."""
    if key not in MARKS:
        return False
    if isinstance(value, str):
        written = value.strip().lower()
        return written in _FALSE or (key in _SWITCHES and written in _ZERO)
    if isinstance(value, bool):
        return not value
    return key in _SWITCHES and isinstance(value, int | float) and value == 0


def shown_mark(key: str, value: object) -> str:
    """Write a mark as a person reads it: `weight 0`."""
    said = value if isinstance(value, bool | int | float | str) else None
    return f"{escape(key)} {escape(said) if isinstance(said, str) else describe(said)}"
