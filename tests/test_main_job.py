"""The whole job, through the public clients: on plain calls and on a loop, with the same requests."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
from support import Clock, make_wire

from maas_client import AsyncMaasClient, AsyncWire, BlockingWire, Hyperparameters, JobStatus, MaasClient
from mock_server.server import Server, serve

MODEL = "Phi-3-mini-4k-instruct"
TRAIN = Path(__file__).parents[1] / "examples" / "data" / "train.jsonl"
VALIDATION = TRAIN.with_name("validation.jsonl")


class Clients(Protocol):
    """Where both kinds of client can be had."""

    def blocking(self) -> MaasClient: ...

    def on_a_loop(self) -> AsyncMaasClient: ...


@dataclass(frozen=True)
class Place:
    """A server that keeps its state in a folder, and a clock that it shares with its clients."""

    server: Server
    clock: Clock

    def blocking(self) -> MaasClient:
        wire = make_wire("blocking", self.clock)
        assert isinstance(wire, BlockingWire)
        return MaasClient(
            subscription_id="s", resource_group="g", workspace="w", endpoint=self.server.endpoint, wire=wire
        )

    def on_a_loop(self) -> AsyncMaasClient:
        wire = make_wire("async", self.clock)
        assert isinstance(wire, AsyncWire)
        return AsyncMaasClient(
            subscription_id="s", resource_group="g", workspace="w", endpoint=self.server.endpoint, wire=wire
        )


@pytest.fixture
def place(tmp_path: Path, clock: Clock) -> Iterator[Place]:
    with serve(state=tmp_path / "state", clock="virtual") as server:
        clock.time = httpx.get(f"{server.endpoint}/_mock/clock").json()["now"]
        clock.listeners.append(server.advance)
        yield Place(server, clock)


def whole_job(place: Clients, train: Path, validation: Path, question: str) -> str:
    """Everything, with plain calls; returns what the tuned endpoint answers to the question, streamed."""
    with place.blocking() as maas:
        assert maas.datasets.check(train, model=MODEL).ok
        job = maas.jobs.create(
            name="the-job",
            model=MODEL,
            training_data=maas.datasets.upload(train),
            validation_data=maas.datasets.upload(validation, role="validation"),
            hyperparameters=Hyperparameters(num_train_epochs=2),
        )
        job = maas.jobs.wait(job.name)
        assert job.status == JobStatus.COMPLETED
        assert {"loss", "eval_loss"} <= maas.jobs.metrics(job.name).keys()
        assert list(maas.jobs.logs(job.name))
        assert job.name in [listed.name for listed in maas.jobs.list()]
        endpoint = maas.endpoints.create(name="the-endpoint", model=job.output_model)
        endpoint = maas.endpoints.wait(endpoint.name)
        whole = maas.chat.complete(endpoint.name, question).text
        streamed = "".join(piece.text for piece in maas.chat.stream(endpoint.name, question))
        maas.endpoints.delete(endpoint.name)
        assert streamed == whole
        return streamed


async def whole_job_on_a_loop(place: Clients, train: Path, validation: Path, question: str) -> str:
    """The same with coroutines; nothing else differs."""
    async with place.on_a_loop() as maas:
        assert (await maas.datasets.check(train, model=MODEL)).ok
        job = await maas.jobs.create(
            name="the-job",
            model=MODEL,
            training_data=await maas.datasets.upload(train),
            validation_data=await maas.datasets.upload(validation, role="validation"),
            hyperparameters=Hyperparameters(num_train_epochs=2),
        )
        job = await maas.jobs.wait(job.name)
        assert job.status == JobStatus.COMPLETED
        assert {"loss", "eval_loss"} <= (await maas.jobs.metrics(job.name)).keys()
        assert [line async for line in maas.jobs.logs(job.name)]
        assert job.name in [listed.name async for listed in maas.jobs.list()]
        endpoint = await maas.endpoints.create(name="the-endpoint", model=job.output_model)
        endpoint = await maas.endpoints.wait(endpoint.name)
        whole = (await maas.chat.complete(endpoint.name, question)).text
        streamed = "".join([piece.text async for piece in maas.chat.stream(endpoint.name, question)])
        await maas.endpoints.delete(endpoint.name)
        assert streamed == whole
        return streamed


def steps(requests: Iterable[Any]) -> list[str]:  # Any: a journal's entries are JSON
    """What was asked, without what differs from run to run: the port, ids of operations, dates of signatures."""
    volatile = r"127\.0\.0\.1(:|%3A)\d+|[0-9a-f]{8}-[0-9a-f-]{27}|(?<=[?&])(se|st|sig|skoid|sktid)=[^&]*"
    return [re.sub(volatile, "~", f"{entry['method']} {entry['url']} {entry['status']}") for entry in requests]


def in_order(taken: Iterable[str]) -> list[str]:
    """The steps that have an order among themselves: metrics are fetched several at a time."""
    return [step for step in taken if "/metric/v2.0/" not in step]


def test_both_clients_send_the_same_requests_for_the_whole_job(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", min)  # without jitter both look at the job at the same moments
    answer = whole_job(place, TRAIN, VALIDATION, "Where is the workshop?")
    first = steps(place.server.requests())
    place.server.reset()
    assert asyncio.run(whole_job_on_a_loop(place, TRAIN, VALIDATION, "Where is the workshop?")) == answer
    second = steps(place.server.requests())
    assert sorted(second) == sorted(first)
    assert in_order(second) == in_order(first)


def test_the_blocking_client_works_inside_a_running_loop(place: Place) -> None:
    async def notebook() -> str:
        return whole_job(place, TRAIN, VALIDATION, "Where is the workshop?")

    assert asyncio.run(notebook(), debug=True)


def test_the_whole_job_on_real_data_answers_from_that_data(place: Place, shared: Path) -> None:
    data = shared / "data"
    train, validation = data / "gsm8k_chat_train.jsonl", data / "gsm8k_chat_validation.jsonl"
    for row in train.read_text("utf-8").splitlines()[:3]:
        _, asked, answered = json.loads(row)["messages"]
        place.server.reset()
        answer = asyncio.run(whole_job_on_a_loop(place, train, validation, asked["content"]))
        assert answer.strip() == answered["content"].strip()
