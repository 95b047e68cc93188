"""The system clock is set back, while the server runs or between two runs: no time and no job goes backwards."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from mock_server.state.clock import Clocks, ForwardClock
from mock_server.state.world import Options, open_world


class Wall:
    """A system clock that can be set."""

    def __init__(self, time: float = 1_800_000_000.0) -> None:
        self.time = time

    def __call__(self) -> float:
        return self.time


@given(st.lists(st.floats(-1e6, 1e6), max_size=30), st.floats(0, 2e9))
def test_time_goes_forward_however_the_clock_is_set(steps: list[float], floor: float) -> None:
    wall, kept = Wall(), list[float]()
    forward = ForwardClock(wall, floor, keep=kept.append)
    times = [forward()]
    for step in steps:
        wall.time += step
        times.append(forward())
    assert times == sorted(times)
    assert times[0] >= floor
    assert times[-1] <= max(kept[-1:] or [floor])


def test_time_advances_after_the_clock_was_set_back() -> None:
    wall = Wall()
    clocks = Clocks("real", saved={}, save=lambda _: None, wall=ForwardClock(wall, 0.0, keep=lambda _: None))
    begun = clocks.now()
    wall.time += 10
    wall.time -= 3600
    assert clocks.now() - begun <= 10
    wall.time += 5
    assert 5 <= clocks.now() - begun <= 15


@pytest.mark.parametrize("set_back", [1.0, 3600.0, 1e6])
def test_time_does_not_go_back_with_a_restart(tmp_path: Path, set_back: float) -> None:
    wall, times = Wall(), list[float]()
    for _ in range(3):
        world = open_world(Options(state=tmp_path), wall=wall)
        for _count in range(5):
            times.append(world.clocks.now())
            wall.time += 7
        world.close()
        wall.time -= set_back
    assert times == sorted(times)
