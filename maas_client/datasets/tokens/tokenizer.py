"""The tokenizer protocol, and the errors for an unavailable tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ...core.errors import InvalidInput, TransportError
from ...core.extras import install_command


class Tokenizer(Protocol):
    """Counts the tokens of texts; a special token in a text counts as one token."""

    @property
    def source(self) -> str:
        """Where it was loaded from."""
        ...

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text."""
        ...


def not_installed(library: str) -> InvalidInput:
    """Return the error for a missing library."""
    return InvalidInput(f"exact counts need the library {library}: {install_command('tokens')}")


def not_downloaded(what: str, error: Exception) -> TransportError:
    """Return the error for a failed download."""
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    return TransportError(f"download of {what}", f"{reason} Use --tokenizer to name a folder that contains it.")
