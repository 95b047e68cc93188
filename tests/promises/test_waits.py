"""Promise 17: a wait gets through hours of trouble, never presses the service, and ends when it should."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import httpx
import pytest

from maas_client import (
    AuthenticationFailed,
    ConnectionFailed,
    JobCanceled,
    JobFailed,
    JobStalled,
    JobStatus,
    MaasError,
    ServiceUnavailable,
    WaitTimeout,
)
from maas_client.azure.credentials import TokenCredential
from maas_client.client import Resources
from maas_client.http.polling import OUTAGE
from maas_client.wire import Wire
from tests.promises.laptop import Laptop, Watched, job, resources

HOUR = 3600.0
Answer = Callable[[float], httpx.Response]


def after(seconds: float, before: Answer, then: str = "Completed") -> Answer:
    """Answer one way for a time, and then that the job has ended."""

    def answer(since: float) -> httpx.Response:
        return before(since) if since < seconds else job(then)

    return answer


def refuse(_: float) -> httpx.Response:
    raise httpx.ConnectError("refused")


def sign_in(_: float) -> httpx.Response:
    return httpx.Response(200, html="<h1>Sign in to this network</h1>")


def running(_: float) -> httpx.Response:
    return job("Running")


def status(code: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(code, headers=named)


def first(answer: httpx.Response, then: Answer) -> Answer:
    """Answer so at the first look, and otherwise later."""
    return lambda since: then(since) if since else answer


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


class Trial:
    """Waits on a wire of either kind."""

    def __init__(self, kind: str, laptop: Laptop) -> None:
        self.kind, self.laptop = kind, laptop

    def begin(self, answer: Answer, credential: TokenCredential | None = None) -> tuple[Resources, Watched]:
        service = Watched(self.laptop, answer)
        return resources(self.kind, self.laptop, service, credential), service


@pytest.fixture
def trial(kind: str, laptop: Laptop) -> Trial:
    return Trial(kind, laptop)


async def test_polls_are_jittered_from_two_seconds_to_a_minute_apart(trial: Trial, wire: Wire) -> None:
    maas, service = trial.begin(after(2 * HOUR, running))
    assert (await maas.jobs.wait("ft-1")).status == JobStatus.COMPLETED
    assert 2.0 <= service.gaps[0] <= 2.2 + 1e-6
    assert max(service.gaps) <= 60 + 1e-6
    assert min(service.gaps[12:]) >= 54
    assert len({round(gap, 6) for gap in service.gaps[12:]}) > 50


@pytest.mark.parametrize("code", [200, 429, 500, 503])
async def test_retry_after_is_never_shortened_by_polling(trial: Trial, wire: Wire, code: int) -> None:
    shown = {"name": "ft-1", "properties": {"status": "Running"}}
    answer = partial(httpx.Response, code, headers={"Retry-After": "90"}, json=shown)
    maas, service = trial.begin(after(HOUR / 2, lambda _: answer()))
    await maas.jobs.wait("ft-1")
    assert min(service.gaps) >= 90 - 1e-6


@pytest.mark.parametrize("headers", [{"Retry-After": "0"}, {"retry-after-ms": "1"}, {}])
@pytest.mark.parametrize("code", [200, 401, 429, 503])
async def test_one_job_is_never_asked_for_more_than_once_a_second(
    trial: Trial, wire: Wire, monkeypatch: pytest.MonkeyPatch, code: int, headers: dict[str, str]
) -> None:
    monkeypatch.setattr("maas_client.jobs.watch.poll_intervals", lambda: iter([0.0] * 10_000))
    numbers = iter(range(10_000))

    def answer(_: float) -> httpx.Response:
        shown = {"name": "ft-1", "properties": {"status": "Running"}}
        return [httpx.Response(code, headers=headers, json=shown), job("Running")][next(numbers) % 2]

    maas, service = trial.begin(after(60, answer), Credential(trial.laptop))
    await maas.jobs.wait("ft-1")
    assert len(service.looks) > 30
    assert min(service.gaps) >= 1.0 - 1e-6


class Credential:
    """Hands out a new token whenever it is asked."""

    def __init__(self, laptop: Laptop, lifetime: float = HOUR) -> None:
        self.laptop, self.lifetime, self.given = laptop, lifetime, 0

    def get_token(self, *_scopes: str, **_options: str) -> object:
        self.given += 1

        class Token:
            token = f"token-{self.given}"
            expires_on = int(self.laptop.wall + self.lifetime)

        return Token()


@pytest.mark.parametrize("seed", range(60))
async def test_any_responses_keep_a_wait_within_its_interval_and_time(trial: Trial, wire: Wire, seed: int) -> None:
    dice = random.Random(seed)
    timeout = dice.choice([0.0, 0.5, 10.0, 61.3, 500.0, 5000.0])
    asked: list[float] = []

    def answer(_: float) -> httpx.Response:
        asked.append(dice.choice([0.0, 0.0, 0.0, 1.5, 40.0, 300.0]))
        headers = dice.choice([{"Retry-After": f"{asked[-1]}"}, {"retry-after-ms": f"{asked[-1] * 1000}"}])
        body = {"name": "ft-1", "properties": {"status": dice.choice(["Queued", "Running", "Odd"])}}
        code = dice.choice([200, 200, 429, 500, 502, 503, 504, 408])
        return httpx.Response(code, headers=headers, json=body)

    maas, service = trial.begin(answer)
    began = trial.laptop.clock
    with pytest.raises(MaasError):
        await maas.jobs.wait("ft-1", timeout=timeout, max_queue=dice.choice([None, 100.0]))
    assert trial.laptop.clock - began <= timeout + 60
    assert all(gap >= max(1.0, wanted) - 1e-6 for gap, wanted in zip(service.gaps, asked, strict=False))


@pytest.mark.parametrize("trouble", [status(500), status(503), status(429), status(503, retry_after="100")])
async def test_half_an_hour_of_errors_from_the_first_poll_is_survived(
    trial: Trial, wire: Wire, trouble: Answer
) -> None:
    maas, service = trial.begin(after(HOUR / 2, trouble))
    assert (await maas.jobs.wait("ft-1")).status == JobStatus.COMPLETED
    assert service.looks[-1] - service.looks[0] >= HOUR / 2


@pytest.mark.parametrize("trouble", [refuse, status(502), sign_in])
async def test_a_server_that_is_gone_for_half_an_hour_is_survived(trial: Trial, wire: Wire, trouble: Answer) -> None:
    maas, _ = trial.begin(first(job("Running"), after(HOUR / 2, trouble)))
    assert (await maas.jobs.wait("ft-1")).status == JobStatus.COMPLETED


async def test_an_outage_of_more_than_an_hour_ends_the_wait(trial: Trial, wire: Wire) -> None:
    maas, service = trial.begin(first(job("Running"), status(503)))
    with pytest.raises(ServiceUnavailable):
        await maas.jobs.wait("ft-1")
    assert OUTAGE <= service.looks[-1] - service.looks[0] <= OUTAGE + 61


async def test_a_server_that_never_existed_is_reported_soon(trial: Trial, wire: Wire) -> None:
    maas, service = trial.begin(refuse)
    with pytest.raises(ConnectionFailed):
        await maas.jobs.wait("ft-1")
    assert service.looks[-1] - service.looks[0] < 10


async def test_tokens_that_expire_are_replaced_on_the_way(trial: Trial, wire: Wire) -> None:
    credential = Credential(trial.laptop, lifetime=600)
    maas, service = trial.begin(after(2 * HOUR, running), credential)
    await maas.jobs.wait("ft-1")
    assert credential.given >= 2 * HOUR / 600
    assert service.tokens[-1] == f"Bearer token-{credential.given}"


async def test_a_revoked_token_is_replaced_and_the_wait_continues(trial: Trial, wire: Wire) -> None:
    maas, service = trial.begin(running, Credential(trial.laptop))
    service.answer = lambda _: {"Bearer token-1": httpx.Response(401)}.get(service.tokens[-1], job("Completed"))
    await maas.jobs.wait("ft-1")
    assert service.tokens == ["Bearer token-1", "Bearer token-2"]
    assert min(service.gaps) >= 1.0


async def test_a_fresh_token_that_is_refused_as_well_ends_the_wait(trial: Trial, wire: Wire) -> None:
    maas, service = trial.begin(status(401), Credential(trial.laptop))
    with pytest.raises(AuthenticationFailed):
        await maas.jobs.wait("ft-1")
    assert len(service.looks) == 2


async def test_a_wait_through_a_night_asleep_finds_its_job_completed(trial: Trial, wire: Wire) -> None:
    laptop = trial.laptop
    morning = laptop.wall + 7 * HOUR
    maas, service = trial.begin(lambda _: job("Running" if laptop.wall < morning else "Completed"))
    laptop.meanwhile = close_the_lid(laptop, at=5, hours=8)
    assert (await maas.jobs.wait("ft-1", timeout=2 * HOUR)).status == JobStatus.COMPLETED
    service.answer = running
    laptop.meanwhile = close_the_lid(laptop, at=len(laptop.naps) + 5, hours=8)
    began = laptop.clock
    with pytest.raises(WaitTimeout) as caught:
        await maas.jobs.wait("ft-1", timeout=HOUR)
    assert caught.value.seconds > 8 * HOUR
    assert laptop.clock - began < HOUR


def close_the_lid(laptop: Laptop, *, at: int, hours: float) -> Callable[[], None]:
    """Let the machine sleep within the pause of this number: only the wall clock advances."""

    def close() -> None:
        laptop.wall += {at: hours * HOUR}.get(len(laptop.naps), 0.0)

    return close


async def test_a_late_network_after_a_night_asleep_is_not_an_outage(trial: Trial, wire: Wire) -> None:
    laptop = trial.laptop
    maas, service = trial.begin(first(job("Running"), after(HOUR / 2, refuse)))
    laptop.meanwhile = close_the_lid(laptop, at=3, hours=8)
    assert (await maas.jobs.wait("ft-1")).status == JobStatus.COMPLETED
    assert service.looks[-1] - service.looks[0] >= HOUR / 2


@pytest.mark.parametrize("hours", [-48.0, -0.01, 0.01])
async def test_a_clock_that_is_set_does_not_prolong_a_wait(trial: Trial, wire: Wire, hours: float) -> None:
    laptop = trial.laptop
    maas, _ = trial.begin(running)
    laptop.meanwhile = close_the_lid(laptop, at=4, hours=hours)
    began = laptop.clock
    with pytest.raises(WaitTimeout) as caught:
        await maas.jobs.wait("ft-1", timeout=600)
    assert laptop.clock - began <= 660
    assert 600 <= caught.value.seconds <= 660


@pytest.mark.parametrize(
    ("ended", "kind"),
    [("Failed", JobFailed), ("Canceled", JobCanceled), ("NotResponding", JobStalled), ("Paused", JobStalled)],
)
async def test_the_failed_ends_of_a_job_have_distinct_errors(
    trial: Trial, wire: Wire, ended: str, kind: type[MaasError]
) -> None:
    maas, _ = trial.begin(after(100, running, ended))
    with pytest.raises(kind) as caught:
        await maas.jobs.wait("ft-1")
    assert type(caught.value) is kind


async def test_queue_and_run_are_timed_apart(trial: Trial, wire: Wire) -> None:
    maas, _ = trial.begin(after(500, lambda _: job("Queued"), "Running"))
    with pytest.raises(WaitTimeout, match="has not started"):
        await maas.jobs.wait("ft-1", max_queue=400, timeout=5000)
    maas, _ = trial.begin(after(300, lambda _: job("Queued"), "Running"))
    with pytest.raises(WaitTimeout, match=r"is Running \(3\d\d s in the queue, \d+ s since\)"):
        await maas.jobs.wait("ft-1", max_queue=400, timeout=5000)
