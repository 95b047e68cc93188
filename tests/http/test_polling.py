"""Waits decided on two clocks that may part: the laptop sleeps, or a user sets the time."""

from __future__ import annotations

import pytest
from hypothesis import example, given, strategies as st

from maas_client.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    CredentialError,
    JobStalled,
    MaasError,
    ReplyLost,
    ServiceUnavailable,
    Throttled,
    UnexpectedReply,
    WaitTimeout,
)
from maas_client.http.polling import OUTAGE, SHORTEST_INTERVAL, SLEEP_GAP, Elapsed, Wait, resume_note
from maas_client.jobs.job import Job, JobStatus
from maas_client.jobs.wait import JobWait, wait_for_job

HOUR = 3600.0
WALL = 1_790_000_000.0


class Laptop:
    """Both clocks of a machine, and a wait that reads them."""

    def __init__(self, wait: Wait) -> None:
        self.wait, self.wall, self.clock = wait, wait.elapsed.wall, wait.elapsed.clock

    def passes(self, seconds: float) -> None:
        self.wall, self.clock = self.wall + seconds, self.clock + seconds
        self.wait.tick(self.wall, self.clock)

    def rests(self, seconds: float, *, asleep: float = 0.0, set_by: float = 0.0) -> None:
        """Pause between two looks, while the lid may be closed or the clock be set."""
        self.wall, self.clock = self.wall + seconds + asleep + set_by, self.clock + seconds
        self.wait.tick(self.wall, self.clock, slept=seconds)


def waiting(timeout: float | None = None, max_queue: float | None = None, patience: float = 600.0) -> JobWait:
    return wait_for_job("ft-1", Elapsed(WALL, 7.0), timeout=timeout, max_queue=max_queue, patience=patience)


def job(status: JobStatus = JobStatus.RUNNING) -> Job:
    return Job(name="ft-1", status=status)


def down(retry_after: float | None = None) -> ServiceUnavailable:
    return ServiceUnavailable("GET x", status=503, retry_after=retry_after)


def test_a_night_asleep_counts_towards_the_timeout() -> None:
    wait = waiting(timeout=2 * HOUR)
    laptop = Laptop(wait)
    wait.saw(job())
    laptop.rests(60, asleep=8 * HOUR)
    wait.saw(job())
    end = wait.over()
    assert isinstance(end, WaitTimeout)
    assert end.seconds == 8 * HOUR + 60


def test_a_night_asleep_is_not_an_outage() -> None:
    wait = waiting()
    laptop = Laptop(wait)
    wait.saw(job())
    laptop.passes(OUTAGE - 200)
    assert wait.tolerates(down())
    laptop.rests(60, asleep=8 * HOUR)
    assert wait.tolerates(ConnectionFailed("GET x", "no network yet"))
    laptop.passes(OUTAGE - 1)
    assert wait.tolerates(down())
    laptop.passes(2)
    assert not wait.tolerates(down())


def test_sleep_during_a_poll_is_not_an_outage() -> None:
    wait = waiting()
    laptop = Laptop(wait)
    wait.saw(job())
    laptop.wall += 8 * HOUR
    laptop.passes(20)
    assert wait.tolerates(ReplyLost("GET x", "the connection broke"))


def test_an_overlong_pause_is_sleep_when_both_clocks_run_on() -> None:
    wait = waiting()
    laptop = Laptop(wait)
    wait.saw(job())
    laptop.wall, laptop.clock = laptop.wall + 8 * HOUR, laptop.clock + 8 * HOUR
    wait.tick(laptop.wall, laptop.clock, slept=60)
    assert wait.tolerates(down())


def test_slow_polls_are_not_sleep_so_an_outage_ends_the_wait() -> None:
    wait = waiting()
    laptop = Laptop(wait)
    wait.saw(job())
    borne = 0
    while wait.tolerates(down()):
        laptop.passes(2 * SLEEP_GAP)
        borne += 1
    assert borne == OUTAGE / (2 * SLEEP_GAP)


def test_an_outage_without_sleep_ends_the_wait_after_an_hour() -> None:
    wait = waiting()
    laptop = Laptop(wait)
    wait.saw(job())
    laptop.passes(OUTAGE - 1)
    assert wait.tolerates(down())
    laptop.passes(2)
    assert not wait.tolerates(down())


def test_a_pause_beyond_the_outage_limit_ends_the_wait_at_once() -> None:
    wait = waiting()
    wait.saw(job())
    assert wait.tolerates(down(1800))
    assert not wait.tolerates(Throttled("GET x", status=429, retry_after=999_999))


@pytest.mark.parametrize("step", [-86_400.0, -1.0, 59.0, 86_400.0])
def test_a_clock_that_is_set_makes_no_wait_endless_or_negative(step: float) -> None:
    wait = waiting(timeout=600)
    laptop = Laptop(wait)
    wait.saw(job())
    laptop.rests(60, set_by=step)
    assert wait.seconds >= 60
    assert wait.left() <= 540
    for _ in range(9):
        laptop.rests(60)
    assert isinstance(wait.over(), WaitTimeout)


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(-1e6, 1e6)), max_size=40))
def test_time_never_goes_back_or_falls_behind_if_clocks_change(
    moves: list[tuple[float, float]],
) -> None:
    elapsed = Elapsed(WALL, 7.0)
    wall, clock = WALL, 7.0
    for seconds, set_by in moves:
        wall, clock, before = wall + seconds + set_by, clock + seconds, elapsed.seconds
        elapsed.advance(wall, clock)
        assert elapsed.seconds >= before
    assert elapsed.seconds >= (clock - 7.0) * (1 - 1e-9)
    assert elapsed.seconds >= (wall - WALL) - 1e-3


def test_the_queue_and_the_run_have_clocks_of_their_own() -> None:
    wait = waiting(max_queue=100)
    laptop = Laptop(wait)
    wait.saw(job(JobStatus.QUEUED))
    laptop.rests(90)
    wait.saw(job())
    laptop.rests(5000)
    wait.saw(job())
    assert wait.over() is None
    assert (wait.queued, wait.ran) == (90, 5000)
    wait.saw(job(JobStatus.QUEUED))
    assert wait.over() is None
    laptop.rests(9)
    assert wait.over() is None
    laptop.rests(1)
    end = wait.over()
    assert isinstance(end, WaitTimeout)
    assert "has not started (Queued, 100 s in the queue)" in str(end)


def test_a_timeout_has_queue_time_run_time_and_the_last_error() -> None:
    wait = waiting(timeout=300)
    laptop = Laptop(wait)
    wait.saw(job(JobStatus.QUEUED))
    laptop.rests(120)
    wait.saw(job())
    laptop.rests(180)
    assert wait.tolerates(down())
    text = str(wait.over())
    assert (
        "job 'ft-1' is Running (120 s in the queue, 180 s since) (last: GET x: Service Unavailable) after 300 s" in text
    )
    assert "`maas jobs watch ft-1`" in text


def test_a_wait_that_never_saw_its_job_times_out_too() -> None:
    wait = waiting(timeout=300)
    laptop = Laptop(wait)
    assert wait.tolerates(down())
    laptop.rests(300)
    assert "is in an unknown state" in str(wait.over())


@pytest.mark.parametrize("status", [JobStatus.NOT_RESPONDING, JobStatus.PAUSED])
def test_a_stalled_job_is_given_its_time(status: JobStatus) -> None:
    wait = waiting(patience=600)
    laptop = Laptop(wait)
    wait.saw(job())
    laptop.rests(1000)
    wait.saw(job(status))
    laptop.rests(599)
    wait.saw(job(status))
    assert wait.over() is None
    laptop.rests(1)
    assert isinstance(wait.over(), JobStalled)


@pytest.mark.parametrize(
    ("trouble", "looks"),
    [
        (ConnectionFailed("GET x", "refused"), 3),
        (ReplyLost("GET x", "gone"), 5),
        (CredentialError("no token"), 1),
        (UnexpectedReply("GET x", status=200), 1),
        (AuthenticationFailed("GET x", status=401), 2),
    ],
)
def test_possible_mistakes_are_tolerated_briefly_at_first(trouble: MaasError, looks: int) -> None:
    wait = waiting()
    assert [wait.tolerates(trouble) for _ in range(looks)] == [True] * (looks - 1) + [False]


def test_after_a_good_poll_only_a_fresh_rejected_token_ends_it() -> None:
    wait = waiting()
    wait.saw(job())
    for trouble in (ConnectionFailed("GET x", "-"), ReplyLost("GET x", "-"), CredentialError("-")):
        assert [wait.tolerates(trouble) for _ in range(20)] == [True] * 20
    refused = AuthenticationFailed("GET x", status=401)
    assert wait.tolerates(refused)
    assert wait.tolerates(down())
    assert wait.tolerates(refused)
    assert not wait.tolerates(refused)


RESOLUTION = 1e-6
"""Seconds that a clock which counts from 1970 cannot distinguish."""


@given(
    st.floats(0, 100),
    st.one_of(st.none(), st.floats(0, 1e6)),
    st.one_of(st.none(), st.floats(0, 1e4)),
    st.floats(0, 1e4),
)
@example(interval=0.0, asked=2.0, timeout=2.0, spent=1e-09)
def test_a_pause_is_at_least_as_requested_and_at_least_a_second(
    interval: float, asked: float | None, timeout: float | None, spent: float
) -> None:
    wait = waiting(timeout=timeout)
    laptop = Laptop(wait)
    laptop.rests(spent)
    pause = wait.pause(interval, asked)
    assert pause >= SHORTEST_INTERVAL
    assert pause <= max(wait.left(), SHORTEST_INTERVAL)
    assert pause >= min(max(interval, asked or 0.0), wait.left())
    laptop.rests(pause)
    missing = (asked or 0.0) - pause
    assert wait.is_early(pause, asked) is (missing > 0) or 0 < missing < RESOLUTION


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interruption_says_how_to_resume(kind: type[BaseException]) -> None:
    with pytest.raises(kind) as caught, resume_note("job 'a'", "`maas jobs watch a`"):
        raise kind
    assert caught.value.__notes__ == ["job 'a' continues; resume with `maas jobs watch a`"]


def test_an_error_is_not_an_interruption() -> None:
    with pytest.raises(MaasError) as caught, resume_note("job 'a'", "x"):
        raise MaasError("no")
    assert not hasattr(caught.value, "__notes__")
