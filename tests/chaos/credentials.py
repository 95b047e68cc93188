"""A credential whose tokens are known, so that they can be looked for, and end, so that they have to be renewed."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.secrets import Secrets

LIFETIME = 600.0
"""Seconds that a token lives: a run of hours needs many."""


@dataclass(frozen=True)
class Token:
    """A token, and when it ends."""

    token: str
    expires_on: int


class ShortLivedCredential:
    """Hands out tokens that nobody could guess, for ten minutes each."""

    def __init__(self, now: Callable[[], float], known: Secrets) -> None:
        self._now, self._known, self.given = now, known, 0

    def get_token(self, *_scopes: str, **_options: str) -> Token:
        self.given += 1
        token = f"pass-{self.given}-{secrets.token_urlsafe(24)}"
        self._known.add(token)
        return Token(token, int(self._now() + LIFETIME))
