"""The server's time: real, scaled or virtual, with one clock for each workspace that was given its own.

A virtual clock stands still until it is advanced. With `step_on_poll` it also advances when a client waits: each
response that makes the client poll again adds that many seconds (`app/poll_clock.py` decides which responses do).
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from mock_server.core.json_values import Json, is_object, number, text

MODES = ("real", "scaled", "virtual")
CENTURY = 100 * 365.25 * 86400.0


@dataclass(frozen=True, slots=True)
class Clock:
    """A linear clock through one known time; with rate 0 it stands still until it is advanced."""

    mode: str
    rate: float
    wall: float
    time: float
    step_on_poll: float = 0.0

    def at(self, wall: float) -> float:
        """Return the time at a wall-clock time; if the wall clock is set back, this one does not go back."""
        return self.time + max(0.0, wall - self.wall) * self.rate

    def adjusted(
        self,
        wall: float,
        *,
        mode: str | None = None,
        scale: float = 1.0,
        advance: float = 0.0,
        step_on_poll: float | None = None,
    ) -> "Clock":
        """Return a clock that continues from now with another mode or offset; only a virtual one can step."""
        adjusted = replace(self, wall=wall, time=self.at(wall) + advance)
        if mode is not None:
            adjusted = replace(adjusted, mode=mode, rate={"real": 1.0, "scaled": scale, "virtual": 0.0}[mode])
        step = self.step_on_poll if step_on_poll is None else step_on_poll
        return replace(adjusted, step_on_poll=step if adjusted.mode == "virtual" else 0.0)


class ForwardClock:
    """A wall clock that never goes back: if the system clock is set back, it continues from its last time.

    Args:
        wall: the system clock, in seconds since 1970.
        floor: the earliest time to return: the last value given to `keep` by an earlier run.
        keep: called with a time, AHEAD of the current one, from which a later run must continue.
    """

    AHEAD = 2.0

    def __init__(self, wall: Callable[[], float], floor: float, keep: Callable[[float], None]) -> None:
        self._wall, self._persist = wall, keep
        self._last = wall()
        self._told, self._kept = max(self._last, floor), floor

    def __call__(self) -> float:
        """Return the time, in seconds since 1970."""
        wall = self._wall()
        self._told, self._last = self._told + max(0.0, wall - self._last), wall
        if self._told >= self._kept:
            self._kept = self._told + self.AHEAD
            self._persist(self._kept)
        return self._told


class Clocks:
    """The default clock and the workspaces' own clocks, persisted by `save`."""

    def __init__(
        self,
        mode: str,
        *,
        step_on_poll: float = 0.0,
        saved: Json,
        save: Callable[[Json], None],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._wall = wall
        self._save = save
        self._step = step_on_poll
        real = Clock("real", 1.0, wall(), wall())
        self._clocks = {"": real.adjusted(wall(), mode=mode, step_on_poll=step_on_poll)} | _clocks_from_json(saved)
        if mode != "real" or saved:
            self._persist()

    def now(self, workspace: str = "") -> float:
        """Return a workspace's time, in seconds since 1970."""
        return self._clock_of(workspace).at(self._wall())

    def step(self, workspace: str = "") -> float:
        """Return by how many seconds the clock advances when a client of the workspace has to poll again."""
        return self._clock_of(workspace).step_on_poll

    def stands_still(self, workspace: str = "") -> bool:
        """Return whether a workspace's clock moves only when it is advanced."""
        clock = self._clock_of(workspace)
        return clock.rate == 0 and clock.step_on_poll == 0

    def move(
        self,
        workspace: str = "",
        *,
        mode: str | None = None,
        scale: float = 1.0,
        advance: float = 0.0,
        step_on_poll: float | None = None,
    ) -> None:
        """Change a clock; a workspace named for the first time gets its own from now on."""
        clock = self._clock_of(workspace)
        self._clocks[workspace.lower()] = clock.adjusted(
            self._wall(), mode=mode, scale=scale, advance=advance, step_on_poll=step_on_poll
        )
        self._persist()

    def advance_shared(self, workspace: str, seconds: float) -> None:
        """Advance the clock that a workspace uses, which may be the shared default."""
        own = workspace.lower() in self._clocks
        self.move(workspace if own else "", advance=seconds)

    def describe(self, workspace: str = "") -> Json:
        """Describe a clock for the admin route."""
        clock = self._clock_of(workspace)
        return {
            "mode": clock.mode,
            "scale": clock.rate,
            "step_on_poll": clock.step_on_poll,
            "now": clock.at(self._wall()),
            "workspaces": [name for name in self._clocks if name],
        }

    def reset(self) -> None:
        """Remove the workspaces' own clocks; the default clock continues, because time must not go back."""
        self._clocks = {"": self._clocks[""].adjusted(self._wall(), step_on_poll=self._step)}
        self._persist()

    def export(self) -> Json:
        """Return every clock as JSON, the default one under an empty name."""
        return {name: asdict(clock) for name, clock in self._clocks.items()}

    def restore(self, saved: Json) -> None:
        """Restore the clocks of an export."""
        self._clocks |= _clocks_from_json(saved)
        self._persist()

    def _clock_of(self, workspace: str) -> Clock:
        return self._clocks.get(workspace.lower()) or self._clocks[""]

    def _persist(self) -> None:
        self._save(self.export())


def is_clock(value: object) -> bool:
    """Return whether a decoded value is a clock in export format."""
    if not is_object(value) or value.get("mode") not in MODES:
        return False
    read = [number(value.get(name, 0.0)) for name in ("rate", "wall", "time", "step_on_poll")]
    return all(one is not None and 0 <= one <= 50 * CENTURY for one in read)


def _clocks_from_json(saved: Json) -> dict[str, Clock]:
    return {name: _clock_from_json(clock) for name, clock in saved.items()}


def _clock_from_json(saved: Json) -> Clock:
    rate, wall, moment, step = (number(saved.get(name)) or 0.0 for name in ("rate", "wall", "time", "step_on_poll"))
    return Clock(text(saved, "mode", "real"), rate, wall, moment, step)
