"""Endpoints, chat and evaluations work on any endpoint backend: here on one in memory, with nothing of Azure."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_endpoints import FakeEndpoints
from support import collect

from maas_client import EndpointState, NotFound
from maas_client.endpoints.resource import AsyncEndpoints
from maas_client.inference.chat import AsyncChat
from maas_client.inference.evaluation_run import AsyncEvals
from maas_client.wire import Wire


async def test_an_endpoint_is_created_and_waited_for(wire: Wire) -> None:
    endpoints, seen = AsyncEndpoints(FakeEndpoints(wire)), list[EndpointState]()
    created = await endpoints.create(model="m:1", name="e-1")
    ready = await endpoints.wait(created, on_update=lambda endpoint: seen.append(endpoint.state))
    assert (ready.name, ready.model, ready.is_online) == ("e-1", "m:1", True)
    assert seen == [EndpointState.UNKNOWN, EndpointState.ONLINE]


async def test_a_deleted_endpoint_is_gone(wire: Wire) -> None:
    endpoints = AsyncEndpoints(FakeEndpoints(wire))
    await endpoints.create(model="m:1", name="e-1")
    assert [endpoint.name async for endpoint in endpoints.list()] == ["e-1"]
    await endpoints.delete("e-1")
    with pytest.raises(NotFound):
        await endpoints.get("e-1")


async def test_keys_are_those_of_the_backend(wire: Wire) -> None:
    endpoints = AsyncEndpoints(FakeEndpoints(wire))
    assert await endpoints.keys("e-1") == await endpoints.regenerate_key("e-1")


async def test_an_answer_is_whole_or_in_chunks(wire: Wire) -> None:
    backend = FakeEndpoints(wire)
    endpoints, chat = AsyncEndpoints(backend), AsyncChat(backend)
    await endpoints.create(model="m:1", name="e-1")
    await endpoints.wait("e-1")
    assert (await chat.complete("e-1", "When?")).text == "When?"
    assert [chunk.text for chunk in await collect(chat.stream("e-1", "When?", key="mine"))] == ["When?"]


async def test_an_evaluation_asks_the_endpoint(wire: Wire, tmp_path: Path) -> None:
    backend = FakeEndpoints(wire)
    await AsyncEndpoints(backend).create(model="m:1", name="e-1")
    await AsyncEndpoints(backend).wait("e-1")
    file = tmp_path / "rows.jsonl"
    file.write_text(
        '{"messages": [{"role": "user", "content": "Yes"}, {"role": "assistant", "content": "Yes"}]}\n', "utf-8"
    )
    evaluation = await AsyncEvals(backend).run(["e-1"], file)
    assert [answer.text for row in evaluation.rows for answer in row.answers] == ["Yes"]
