"""Time as the server tells it: real, scaled or virtual, one clock for each workspace that asked for its own."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from mock_server.values import Json, number, text

MODES = ("real", "scaled", "virtual")
CENTURY = 100 * 365.25 * 86400.0


@dataclass(frozen=True, slots=True)
class Clock:
    """A straight line through one known moment; a rate of 0 stands still until told to move."""

    mode: str
    rate: float
    wall: float
    time: float

    def at(self, wall: float) -> float:
        """Tell the time at a wall-clock moment; a wall clock set back does not take this one with it."""
        return self.time + max(0.0, wall - self.wall) * self.rate

    def moved(self, wall: float, *, mode: str | None = None, scale: float = 1.0, advance: float = 0.0) -> "Clock":
        """Give the clock that goes on from now in another mode, some seconds ahead."""
        here = replace(self, wall=wall, time=self.at(wall) + advance)
        if mode is None:
            return here
        return replace(here, mode=mode, rate={"real": 1.0, "scaled": scale, "virtual": 0.0}[mode])


class Clocks:
    """The default clock and the workspaces' own, kept through a restart by `save`."""

    def __init__(self, mode: str, *, saved: Json, save: Callable[[Json], None], wall: Callable[[], float] = time.time):
        self._wall = wall
        self._save = save
        start = Clock("virtual", 0.0, wall(), wall()) if mode == "virtual" else Clock("real", 1.0, wall(), wall())
        self._clocks = {"": start} | {name: _restored(clock) for name, clock in saved.items()}
        if mode != "real" or saved:
            self._keep()

    def now(self, workspace: str = "") -> float:
        """Tell a workspace's time, in seconds since 1970."""
        clock = self._clocks.get(workspace.lower()) or self._clocks[""]
        return clock.at(self._wall())

    def move(self, workspace: str = "", *, mode: str | None = None, scale: float = 1.0, advance: float = 0.0) -> None:
        """Change a clock; a workspace named for the first time gets its own from here on."""
        name = workspace.lower()
        clock = self._clocks.get(name) or self._clocks[""]
        self._clocks[name] = clock.moved(self._wall(), mode=mode, scale=scale, advance=advance)
        self._keep()

    def shown(self, workspace: str = "") -> Json:
        """Describe a clock for the admin route."""
        clock = self._clocks.get(workspace.lower()) or self._clocks[""]
        own = [name for name in self._clocks if name]
        return {"mode": clock.mode, "scale": clock.rate, "now": clock.at(self._wall()), "workspaces": own}

    def reset(self) -> None:
        """Forget the workspaces' own clocks; the default one goes on, for it may never go back."""
        self._clocks = {"": self._clocks[""]}
        self._keep()

    def _keep(self) -> None:
        self._save({name: asdict(clock) for name, clock in self._clocks.items()})


def _restored(saved: Json) -> Clock:
    mode = text(saved, "mode", "real")
    return Clock(
        mode, number(saved.get("rate")) or 0.0, number(saved.get("wall")) or 0.0, number(saved.get("time")) or 0.0
    )
