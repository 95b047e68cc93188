"""One client for many threads, tasks and jobs: answers reach their callers, tokens come once, no caller starves."""

from __future__ import annotations

import asyncio
import base64
import gc
import heapq
import os
import random
import threading
import tracemalloc
from collections import defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count, pairwise
from pathlib import Path

import httpx
import pytest
from support import TLS, Clock, FakeService, make_wire

from maas_client import AsyncMaasClient, CredentialError, Job, MaasClient
from maas_client.azure.credentials import FAILED_RENEWAL_PAUSE, REFRESH_EARLY, Tokens
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.core.secret_text import SecretText
from maas_client.http.retry import POLL_LONGEST
from maas_client.wire import AsyncWire, BlockingWire, Wire
from maas_client.wire.httpx_adapter import IN_FLIGHT
from mock_server.server import Server
from tests.promises.credentials import NewTokens, Token

THREADS, TASKS = 64, 1000
SETTINGS = Settings("s", "g", "w", endpoint="http://127.0.0.1:1")
SCOPE = "scope"


def named(request: httpx.Request) -> httpx.Response:
    """Answer with what was asked for."""
    name = request.url.path.rpartition("/")[2]
    return httpx.Response(200, json={"name": name, "properties": {"jobType": "FineTuning", "status": "Running"}})


# Answers and their callers


def test_sixty_four_threads_get_their_own_answers_despite_errors(clock: Clock) -> None:
    troubled, lock = set[str](), threading.Lock()

    def answer(request: httpx.Request) -> httpx.Response:
        with lock:
            first = request.url.path not in troubled and request.url.path.endswith("0")
            troubled.add(request.url.path)
        return httpx.Response(503) if first else named(request)

    wire = make_wire("blocking", clock, httpx.MockTransport(answer))
    assert isinstance(wire, BlockingWire)
    start = threading.Barrier(THREADS)
    with MaasClient(
        subscription_id="s", resource_group="g", workspace="w", endpoint=SETTINGS.endpoint, wire=wire
    ) as maas:

        def work(thread: int) -> list[str]:
            start.wait()
            return [maas.jobs.get(f"job-{thread}-{turn}").name for turn in range(20)]

        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(work, range(THREADS)))
    assert found == [[f"job-{thread}-{turn}" for turn in range(20)] for thread in range(THREADS)]


def test_a_thousand_tasks_get_their_own_answers_in_any_order(clock: Clock) -> None:
    dice = random.Random(7)

    async def answer(request: httpx.Request) -> httpx.Response:
        for _ in range(dice.randrange(20)):
            await asyncio.sleep(0)
        return named(request)

    async def work() -> None:
        wire = AsyncWire(verify=TLS, transport=httpx.MockTransport(answer), now=clock.now, clock=clock.now)
        async with AsyncMaasClient(
            subscription_id="s", resource_group="g", workspace="w", endpoint=SETTINGS.endpoint, wire=wire
        ) as maas:
            found = await asyncio.gather(*(maas.jobs.get(f"job-{task}") for task in range(TASKS)))
        assert [job.name for job in found] == [f"job-{task}" for task in range(TASKS)]

    asyncio.run(work())


def test_sixty_four_threads_create_their_own_jobs_on_shared_data(
    maas_server: Server, clock: Clock, tmp_path: Path
) -> None:
    clock.time = maas_server.now()
    maas_server.fault(operation="*", status=503, count=40, probability=0.1)
    (tmp_path / "train.jsonl").write_text(
        '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n' * 12, "utf-8"
    )
    wire = make_wire("blocking", clock)
    assert isinstance(wire, BlockingWire)
    start = threading.Barrier(THREADS)
    with MaasClient(
        subscription_id="s", resource_group="g", workspace="w", endpoint=maas_server.endpoint, wire=wire
    ) as maas:

        def work(thread: int) -> tuple[str, str, str]:
            start.wait()
            data = maas.datasets.upload(tmp_path / "train.jsonl", check=False)
            job = maas.jobs.create(model="Phi-4-mini-instruct", training_data=data, name=f"job-{thread}")
            return data.version, job.name, maas.jobs.get(f"job-{thread}").name

        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(work, range(THREADS)))
        listed = [job.name for job in maas.jobs.list()]
    names = [f"job-{thread}" for thread in range(THREADS)]
    assert found == [(found[0][0], name, name) for name in names]
    assert sorted(listed) == sorted(names)
    made = {entry["url"] for entry in maas_server.requests() if entry["worked"] == 201}
    assert len([url for url in made if "/data/" in url]) == 1
    assert len([url for url in made if "/jobs/" in url]) == THREADS


# Tokens


class Same:
    """A credential that gives the same token each time, or none; it counts how often it was asked."""

    def __init__(self, lifetime: float = 1e6, error: str = "") -> None:
        self.lifetime, self.error, self.asked = lifetime, error, 0

    def get_token(self, *_scopes: str, **_options: str) -> Token:
        self.asked += 1
        if self.error:
            raise RuntimeError(self.error)
        return Token("token-1", int(1_790_000_000 + self.lifetime))


@pytest.fixture
def clock() -> Clock:
    return Clock(1_790_000_000.0)


def at_once(wire: Wire) -> int:
    """How many callers there are."""
    return THREADS if isinstance(wire, BlockingWire) else TASKS


async def many(wire: Wire, call: Callable[[], Awaitable[object]]) -> list[object]:
    """Make a call many times at once, on threads or as tasks."""

    async def once() -> object:
        return await call()

    return await wire.gather([once] * at_once(wire), limit=at_once(wire))


async def test_a_first_token_is_asked_for_once(wire: Wire, clock: Clock) -> None:
    credential = NewTokens(clock)
    tokens = Tokens(wire, lambda: credential)
    assert set(await many(wire, lambda: tokens.get(SCOPE))) == {SecretText("token-1")}
    assert credential.given == 1


async def test_a_token_near_its_end_is_replaced_once(wire: Wire, clock: Clock) -> None:
    credential = NewTokens(clock)
    tokens = Tokens(wire, lambda: credential)
    await tokens.get(SCOPE)
    clock.time += 3600 - REFRESH_EARLY
    assert set(await many(wire, lambda: tokens.get(SCOPE))) == {SecretText("token-2")}
    assert credential.given == 2


async def test_a_token_rejected_for_many_requests_is_replaced_once(
    wire: Wire, service: FakeService, clock: Clock
) -> None:
    credential = NewTokens(clock)
    service.answer = lambda request: (
        httpx.Response(401) if request.headers["authorization"] == "Bearer token-1" else named(request)
    )
    maas = Resources(wire, SETTINGS, credential)
    await many(wire, lambda: maas.jobs.get("job"))
    assert credential.given == 2
    assert len(service.asked) <= 2 * at_once(wire)


async def test_an_unchanged_rejected_token_is_requested_again_later(wire: Wire, clock: Clock) -> None:
    """A credential that returns the rejected token is asked once more, and again after a pause."""
    credential = Same()
    tokens = Tokens(wire, lambda: credential)
    await tokens.get(SCOPE)
    renew = partial(tokens.renew, SCOPE, SecretText("token-1"), "")
    assert set(await many(wire, renew)) == {False}
    assert set(await many(wire, renew)) == {False}
    assert credential.asked == 2
    clock.time += FAILED_RENEWAL_PAUSE
    assert await renew() is False
    assert credential.asked == 3


async def test_a_claims_challenge_is_answered_despite_an_earlier_401(wire: Wire, clock: Clock) -> None:
    credential = Same()
    tokens = Tokens(wire, lambda: credential)
    await tokens.get(SCOPE)
    await tokens.renew(SCOPE, SecretText("token-1"), "")
    claims = base64.b64encode(b'{"access_token":{}}').decode()
    await many(wire, lambda: tokens.renew(SCOPE, SecretText("token-1"), f'Bearer claims="{claims}"'))
    assert credential.asked == 3


async def test_a_second_new_token_is_renewed_when_it_is_rejected(wire: Wire, clock: Clock) -> None:
    credential = NewTokens(clock)
    tokens = Tokens(wire, lambda: credential)
    await tokens.get(SCOPE)
    assert await tokens.renew(SCOPE, SecretText("token-1"), "") is True
    assert await tokens.renew(SCOPE, SecretText("token-2"), "") is True
    assert await tokens.get(SCOPE) == SecretText("token-3")


class Slow(Same):
    """One that answers when it is released: by then all other callers wait."""

    def __init__(self, lifetime: float = 1e6, error: str = "") -> None:
        super().__init__(lifetime, error)
        self.go_on = threading.Event()

    def get_token(self, *_scopes: str, **_options: str) -> Token:
        assert self.go_on.wait(30)
        return super().get_token()


async def all_waiting(tokens: Tokens, credential: Slow) -> list[object]:
    """Ask for a token as many tasks, and let the credential answer when all of them wait."""
    asking = [asyncio.ensure_future(tokens.get(SCOPE)) for _ in range(TASKS)]
    for _ in range(3):
        await asyncio.sleep(0)
    credential.go_on.set()
    return [*await asyncio.gather(*asking, return_exceptions=True)]


def test_waiting_callers_share_the_failure_of_a_credential(clock: Clock) -> None:
    credential = Slow(error="nobody is signed in")

    async def work() -> None:
        wire = AsyncWire(verify=TLS, now=clock.now, clock=clock.now)
        tokens = Tokens(wire, lambda: credential)
        failures = await all_waiting(tokens, credential)
        assert {type(failure) for failure in failures} == {CredentialError}
        assert {str(failure).partition(":")[0] for failure in failures} == {"the credential returned no token"}
        assert credential.asked == 1
        with pytest.raises(CredentialError):
            await tokens.get(SCOPE)
        assert credential.asked == 2
        await wire.close()

    asyncio.run(work())


def test_waiting_callers_share_a_token_that_expires_soon(clock: Clock) -> None:
    credential = Slow(lifetime=REFRESH_EARLY / 2)

    async def work() -> None:
        wire = AsyncWire(verify=TLS, now=clock.now, clock=clock.now)
        assert set(await all_waiting(Tokens(wire, lambda: credential), credential)) == {SecretText("token-1")}
        assert credential.asked == 1
        await wire.close()

    asyncio.run(work())


# Thousands of jobs

JOBS = 10_000 if os.environ.get("MAAS_EXHAUSTIVE") else 1_000
TRIP = 0.1
"""Seconds that an answer takes."""

ROUND = JOBS * TRIP / IN_FLIGHT
"""Seconds that it takes to ask for each job once."""

LASTS = ROUND + 1.0
"""Seconds that a job takes: each is looked at while it runs."""

MEASURED = 300
MOST_BYTES = 24 << 10
"""Of memory for each job that is watched."""


class Time:
    """Time that advances when all callers sleep."""

    def __init__(self) -> None:
        self.now = 0.0
        self._asleep: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def read(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._asleep, (self.now + seconds, next(self._numbers), waking))
        await waking

    async def pass_until(self, is_over: Callable[[], bool]) -> None:
        """Let time pass whenever nobody can go on without it."""
        while not is_over():
            for _ in range(8):  # as many steps as it takes from waking to the next sleep
                await asyncio.sleep(0)
            self.now = max(self.now, self._asleep[0][0]) if self._asleep else self.now
            while self._asleep and self._asleep[0][0] <= self.now:
                heapq.heappop(self._asleep)[2].set_result(None)


FIRST = "the-first"
"""A job that is answered at once: with it the token comes, for which everybody else would stand in line."""


class Farm:
    """A service with many jobs, each of which ends after LASTS seconds; it answers after TRIP."""

    def __init__(self, time: Time) -> None:
        self.time, self.looks = time, defaultdict[str, list[float]](list)
        self.under_way = self.most_under_way = 0

    @property
    def asked(self) -> int:
        """How many requests there were."""
        return sum(map(len, self.looks.values()))

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(FIRST):
            return named(request)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        name = request.url.path.rpartition("/")[2]
        self.looks[name].append(self.time.now)
        await self.time.sleep(TRIP)
        self.under_way -= 1
        status = "Running" if self.time.now < LASTS else "Completed"
        return httpx.Response(200, json={"name": name, "properties": {"jobType": "FineTuning", "status": status}})


Waits = list["asyncio.Task[Job]"]


def held() -> int:
    """Say how many bytes are in use that were taken since tracing began; garbage is not."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def watching(jobs: int, until: Callable[[Farm, Waits], bool]) -> tuple[Farm, list[str], float]:
    """Wait for jobs until something is so; return the service, the jobs that completed, and the bytes of a wait."""
    farm = Farm(Time())

    async def work() -> tuple[list[str], float]:
        read = farm.time.read
        wire = AsyncWire(verify=TLS, transport=httpx.MockTransport(farm), sleep=farm.time.sleep, now=read, clock=read)
        maas = Resources(wire, SETTINGS, Same(1e9))
        await maas.jobs.get(FIRST)
        before = held()
        waits: Waits = [asyncio.ensure_future(maas.jobs.wait(f"job-{number}")) for number in range(jobs)]
        await farm.time.pass_until(lambda: until(farm, waits))
        size = held() - before
        done = [wait.result().name for wait in waits if wait.done()]
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        await wire.close()
        return done, size / jobs

    return farm, *asyncio.run(work())


def test_thousands_of_jobs_are_polled_fairly_at_a_bounded_rate() -> None:
    farm, done, _ = watching(JOBS, lambda _, waits: all(wait.done() for wait in waits))
    assert sorted(done) == sorted(f"job-{number}" for number in range(JOBS))
    assert farm.most_under_way == IN_FLIGHT
    assert farm.asked <= IN_FLIGHT / TRIP * farm.time.now + IN_FLIGHT
    assert min(map(len, farm.looks.values())) >= 2
    firsts = [looks[0] for looks in farm.looks.values()]
    gaps = [after - before for looks in farm.looks.values() for before, after in pairwise(looks)]
    assert max(firsts) <= ROUND + TRIP
    assert max(gaps) <= ROUND + POLL_LONGEST
    assert farm.time.now <= LASTS + ROUND + POLL_LONGEST


def test_a_watched_job_takes_little_memory() -> None:
    watching(1, lambda farm, _: len(farm.looks) == 1)  # what is read and kept on first use is no wait's
    tracemalloc.start()
    try:
        _, _, size = watching(MEASURED, lambda farm, _: len(farm.looks) == MEASURED)
    finally:
        tracemalloc.stop()
    assert 1 << 10 < size < MOST_BYTES
