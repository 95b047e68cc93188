"""Handles for tests: the server's clock, its faults and its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.core.json_values import is_array, is_object, text
from mock_server.server import Server


@dataclass(frozen=True, slots=True)
class ServerClock:
    """The server's virtual clock: it advances when a test says so, and when a client configured to use it waits."""

    server: Server

    def now(self) -> float:
        """Return the time, in seconds since 1970."""
        return self.server.now()

    def advance(self, seconds: float) -> None:
        """Advance the clock at once."""
        self.server.advance(seconds)


@dataclass(frozen=True, slots=True)
class ServerFaults:
    """The server's fault rules."""

    server: Server

    def add(self, **rule: Any) -> int:  # Any: a rule is JSON; the server validates it
        """Activate a rule and return its number; its fields are those of POST /_mock/faults."""
        return self.server.fault(**rule)

    def clear(self) -> None:
        """Remove every rule."""
        self.server.faults_clear()


@dataclass(frozen=True, slots=True)
class ServerVerdict:
    """The server's verdict on the client under test, from all requests since the test began."""

    server: Server

    @property
    def charges(self) -> Sequence[str]:
        """Return what the client did wrong, one sentence for each charge; empty for a clean client."""
        found = self.server.verdict()["charges"]
        charges = [one for one in found if is_object(one)] if is_array(found) else []
        return [f"{text(one, 'charge')}: {text(one, 'because')}" for one in charges]
