"""Handles for tests: the server's clock, its faults and its verdict, and replays of cassettes."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from mock_server.core.json_values import Json, is_array, is_object, text
from mock_server.journal import verdict
from mock_server.replay_server import ReplayServer, serve_replay
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
    """The server's fault rules; a rule that was never applied fails its test at the end."""

    server: Server
    _added: dict[int, Json] = field(default_factory=dict[int, Json], init=False, repr=False)
    _cleared: list[str] = field(default_factory=list[str], init=False, repr=False)

    def add(self, *, optional: bool = False, **rule: Any) -> int:  # Any: a rule is JSON; the server validates it
        """Activate a rule and return its number.

        Args:
            optional: whether the test may pass without the rule having been applied to any request.
            rule: the fields of POST /_mock/faults.

        Raises:
            ValueError: a field or an operation does not exist, or a value is invalid; it names the nearest ones.
        """
        number = self.server.fault(**rule)
        if not optional:
            self._added[number] = rule
        return number

    def clear(self) -> None:
        """Remove every rule."""
        self._cleared.extend(self._unused_now())
        self._added.clear()
        self.server.faults_clear()

    @property
    def unused(self) -> Sequence[str]:
        """Return the rules that were never applied to a request and are not optional, one sentence for each."""
        return [*self._cleared, *self._unused_now()]

    def _unused_now(self) -> list[str]:
        rules = {rule["id"]: rule for rule in self.server.faults()}
        unused = [(added, rules[number]) for number, added in self._added.items() if number in rules]
        return [_unused_sentence(added, rule) for added, rule in unused if not rule["done"]]


def _unused_sentence(added: Json, rule: Json) -> str:
    fields = ", ".join(f"{name}={value!r}" for name, value in added.items())
    if not rule["matched"]:
        return f"no request matched the fault ({fields})"
    return f"{rule['matched']} requests matched the fault ({fields}), but skip or probability left them alone"


@dataclass(frozen=True, slots=True)
class ServerVerdict:
    """The server's verdict on the client under test, from all requests since the test began."""

    server: Server
    _allowed: set[str] = field(default_factory=set[str], init=False, repr=False)

    def allow(self, charge: str) -> None:
        """Leave out a charge, by its name in words or with hyphens, such as "created-twice".

        Raises:
            ValueError: there is no such charge; it names all of them.
        """
        by_words = {_words(name): name for name in verdict.CHARGES}
        if _words(charge) not in by_words:
            raise ValueError(f"there is no charge {charge!r}: use one of {', '.join(map(repr, by_words.values()))}")
        self._allowed.add(by_words[_words(charge)])

    @property
    def charges(self) -> Sequence[str]:
        """Return what the client did wrong, one sentence for each charge; empty for a clean client."""
        found = self.server.verdict()["charges"]
        charges = [one for one in found if is_object(one)] if is_array(found) else []
        kept = [one for one in charges if one["charge"] not in self._allowed]
        return [f"{text(one, 'charge')}: {text(one, 'because')}" for one in kept]

    @property
    def costs(self) -> Sequence[str]:
        """Return what still runs and costs, such as "cluster gpu (1 x Standard_NC24ads_A100_v4)"; empty if nothing."""
        found = self.server.verdict()["costs"]
        running = [one for one in found if is_object(one)] if is_array(found) else []
        return [_cost(one) for one in running]


def _cost(running: Json) -> str:
    size = text(running, "size")
    machines = f" ({running['instances']} x {size})" if size else ""
    return f"{text(running, 'kind')} {text(running, 'name')}{machines}"


@dataclass(frozen=True, slots=True)
class Replays:
    """Replays of cassettes, which end with the test; `has_passed` says whether the test has passed so far."""

    has_passed: Callable[[], bool]
    _stack: ExitStack = field(default_factory=ExitStack, init=False, repr=False)
    _strict: list[ReplayServer] = field(default_factory=list[ReplayServer], init=False, repr=False)

    def __call__(self, path: str | PathLike[str], *, strict: bool = True) -> ReplayServer:
        """Replay a cassette until the test ends.

        Args:
            path: the cassette.
            strict: whether a request that fits no exchange fails the test at its end.

        Returns:
            The server; `endpoint` is its address.

        Raises:
            ValueError: the file is no cassette, or a damaged one; the message names the line.
        """
        server = self._stack.enter_context(serve_replay(path))
        if strict:
            self._strict.append(server)
        return server

    def unmatched(self) -> Sequence[str]:
        """Return the requests that fitted no exchange and may not, one sentence for each."""
        return [sentence for server in self._strict for sentence in server.unmatched()]

    def close(self) -> None:
        """Stop every replay."""
        self._stack.close()


def _words(charge: str) -> str:
    """Return a charge's name for comparison: hyphens are spaces, and apostrophes do not count."""
    return " ".join(charge.lower().replace("'", "").replace("-", " ").split())
