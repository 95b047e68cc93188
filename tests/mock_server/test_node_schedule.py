"""When nodes come, work and go is a function of settings, runs and time."""

from mock_server.resources.node_schedule import NEVER, Demand, Scale, Settings, plan


def settings(most: int = 2, *, least: int = 0, idle: float = 10.0, without: float = 0.0) -> Settings:
    """Return settings of a cluster that exists since 0 and prepares a node in 5 seconds."""
    return Settings([Scale(0.0, least, most, idle)], prepare=5.0, no_machines_until=without)


def states(schedule_of: list[Demand], now: float, of: Settings | None = None) -> list[str]:
    """Return the states of the nodes at a time."""
    return [node.state for node in plan(of or settings(), schedule_of).nodes(now)]


def test_a_node_comes_works_idles_and_leaves() -> None:
    demands = [Demand("job", 1, 100.0, 20.0)]
    assert plan(settings(), demands).ready == {"job": 105.0}
    times = (99.0, 101.0, 110.0, 126.0, 135.5, 137.0)
    assert [states(demands, now) for now in times] == [[], ["preparing"], ["running"], ["idle"], ["leaving"], []]


def test_a_second_run_uses_the_idle_node() -> None:
    demands = [Demand("first", 1, 0.0, 20.0), Demand("second", 1, 30.0, 20.0)]
    assert plan(settings(), demands).ready["second"] == 30.0


def test_a_second_run_after_the_idle_time_waits_again() -> None:
    demands = [Demand("first", 1, 0.0, 20.0), Demand("second", 1, 40.0, 20.0)]
    assert plan(settings(), demands).ready["second"] == 45.0


def test_runs_wait_for_each_other_at_the_maximum() -> None:
    demands = [Demand("first", 2, 0.0, 20.0), Demand("second", 1, 1.0, 20.0)]
    schedule = plan(settings(), demands)
    assert schedule.ready == {"first": 5.0, "second": 25.0}
    assert schedule.ended["second"] == 45.0


def test_a_run_released_early_lets_the_next_one_begin() -> None:
    demands = [Demand("first", 1, 0.0, 20.0, released=9.0), Demand("second", 1, 1.0, 20.0)]
    assert plan(settings(1), demands).ready["second"] == 9.0


def test_a_run_of_more_nodes_than_the_maximum_waits() -> None:
    schedule = plan(settings(2), [Demand("job", 3, 0.0, 20.0)])
    assert schedule.ready == {}
    assert schedule.wanted(1.0) == 2


def test_a_larger_maximum_lets_it_begin() -> None:
    larger = Settings([Scale(0.0, 0, 1, 10.0), Scale(50.0, 0, 2, 10.0)], prepare=5.0)
    assert plan(larger, [Demand("job", 2, 10.0, 20.0)]).ready == {"job": 55.0}


def test_the_minimum_keeps_nodes_up() -> None:
    kept = settings(2, least=1)
    assert [states([], now, kept) for now in (1.0, 6.0, 9999.0)] == [["preparing"], ["idle"], ["idle"]]
    assert plan(kept, [Demand("job", 1, 100.0, 20.0)]).ready == {"job": 100.0}


def test_without_machines_no_node_comes() -> None:
    none = settings(without=NEVER)
    schedule = plan(none, [Demand("job", 1, 0.0, 20.0)])
    assert (schedule.ready, schedule.nodes(50.0), schedule.wanted(50.0)) == ({}, [], 1)


def test_a_node_comes_once_there_are_machines() -> None:
    later = settings(without=100.0)
    schedule = plan(later, [Demand("job", 1, 0.0, 20.0)])
    assert (schedule.ready, schedule.wanted(50.0), schedule.wanted(101.0)) == ({"job": 105.0}, 1, 0)


def test_a_node_taken_away_is_gone() -> None:
    demands = [Demand("job", 1, 0.0, 20.0, released=12.0, preempted=True), Demand("next", 1, 13.0, 20.0)]
    assert states(demands[:1], 13.0) == ["preempted"]
    assert plan(settings(1), demands).ready["next"] == 18.0


def test_a_run_that_a_quota_holds_up_takes_no_node() -> None:
    schedule = plan(settings(), [Demand("held", 1, 0.0, 20.0, blocked=True), Demand("job", 1, 1.0, 20.0)])
    assert schedule.ready == {"job": 6.0}
