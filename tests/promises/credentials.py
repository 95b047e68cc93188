"""A credential that hands out a new token whenever it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from support import Clock


@dataclass(frozen=True)
class Token:
    """A token, and when it ends."""

    token: str
    expires_on: int


class NewTokens:
    """Hands out `token-1`, `token-2` and so on, each for an hour."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.given = clock, 0

    def get_token(self, *_scopes: str, **_options: str) -> Token:
        self.given += 1
        return Token(f"token-{self.given}", int(self.clock.now() + 3600))
