"""What a test holds of the server: its clock, its faults and its verdict, each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.core.json_values import is_array, is_object, text
from mock_server.server import Server


@dataclass(frozen=True, slots=True)
class ServerClock:
    """The server's virtual clock: it moves when a test says so, and when a client that is wired to it waits."""

    server: Server

    def now(self) -> float:
        """Tell the time, in seconds since 1970."""
        return self.server.now()

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self.server.advance(seconds)


@dataclass(frozen=True, slots=True)
class ServerFaults:
    """The server's fault rules."""

    server: Server

    def add(self, **rule: Any) -> int:  # Any: a rule is JSON; the server checks it and says what it knows
        """Put a rule in force and return its number; its fields are those of POST /_mock/faults."""
        return self.server.fault(**rule)

    def clear(self) -> None:
        """Take every rule out of force."""
        self.server.faults_clear()


@dataclass(frozen=True, slots=True)
class ServerVerdict:
    """What the server thinks of the client under test, from all it was sent since the test began."""

    server: Server

    @property
    def charges(self) -> Sequence[str]:
        """Return what the client did wrong, a sentence for each; none for a clean client."""
        found = self.server.verdict()["charges"]
        charges = [one for one in found if is_object(one)] if is_array(found) else []
        return [f"{text(one, 'charge')}: {text(one, 'because')}" for one in charges]
