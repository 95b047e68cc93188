"""Numbers that make no sense as a time or a count: an error of ours and nothing else, whichever method takes them."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import FakeService

from maas_client import Endpoint, JobSpec
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.errors import InvalidInput
from maas_client.wire import Wire
from tests.promises.test_names_in_paths import DATA, MODEL, RESOURCES, done, rows_in

Given = Callable[[Path], Mapping[str, Any]]

TIMES = (-1, -0.5, float("nan"), "5", True)
COUNTS = (-1, 0, 1.5, float("nan"), "5", True)
OFFSETS = (-1, 1.5, float("nan"), "5", True)

KINDS: dict[str, tuple[object, ...]] = {
    "timeout": TIMES,
    "max_queue": TIMES,
    "patience": TIMES,
    "every": TIMES,
    "parallel": COUNTS,
    "capacity": COUNTS,
    "instance_count": COUNTS,
    "endpoint_instance_count": COUNTS,
    "max_evictions": OFFSETS,
    "min_nodes": OFFSETS,
    "max_nodes": OFFSETS,
    "idle_seconds": TIMES,
    "rows": COUNTS,
    "tail": OFFSETS,
    "offset": OFFSETS,
    "max_cost": TIMES,
}
OF_THE_SERVICE = {"temperature", "top_p", "max_tokens", "seed"}
"""Numbers that are passed on: which ones a model takes is the service's to say."""

SPEC = JobSpec(model=MODEL, training_data=DATA)
ENDPOINT = Endpoint(name="e", scoring_url="http://127.0.0.1:1/e")

GIVEN: dict[str, Given] = {
    "datasets.upload": lambda _: {"source": b"x", "check": False},
    "datasets.copy": lambda _: {"url": "https://x.example/a.jsonl"},
    "datasets.download": lambda out: {"data": DATA, "out": out},
    "jobs.wait": lambda _: {"name": "j"},
    "jobs.watch": lambda _: {"names": ["j"]},
    "jobs.watch_views": lambda _: {"name": "j"},
    "jobs.log_part": lambda _: {"name": "j"},
    "jobs.follow_logs": lambda _: {"name": "j"},
    "jobs.activity": lambda _: {"name": "j"},
    "jobs.follow_activity": lambda _: {"name": "j"},
    "jobs.download": lambda out: {"name": "j", "folder": out},
    "sweeps.plan": lambda _: {"spec": SPEC},
    "sweeps.run": lambda _: {"spec": SPEC},
    "workflow.run": lambda _: {"spec": SPEC},
    "endpoints.create": lambda _: {"model": "m:1"},
    "endpoints.regenerate_key": lambda _: {"name": "e"},
    "endpoints.delete": lambda _: {"name": "e"},
    "endpoints.wait": lambda _: {"name": "e"},
    "endpoints.scale": lambda _: {"name": "e", "instance_count": 2},
    "endpoints.traffic": lambda _: {"name": "e", "percentages": {"main": 100}},
    "endpoints.logs": lambda _: {"name": "e"},
    "computes.create": lambda _: {"name": "gpu", "size": "Standard_NC24ads_A100_v4"},
    "computes.scale": lambda _: {"name": "gpu", "max_nodes": 2},
    "computes.wait": lambda _: {"name": "gpu"},
    "computes.delete": lambda _: {"name": "gpu"},
    "chat.complete": lambda _: {"endpoint": ENDPOINT, "messages": "hi", "key": "k" * 20},
    "chat.stream": lambda _: {"endpoint": ENDPOINT, "messages": "hi", "key": "k" * 20},
    "evals.run": lambda out: {"endpoints": [ENDPOINT], "validation_data": rows_in(out)},
}


def numeric(function: Callable[..., object]) -> list[str]:
    """Give the arguments of a method that take a number."""
    parameters = inspect.signature(function).parameters.values()
    return [each.name for each in parameters if {"int", "float"} & set(str(each.annotation).replace("|", " ").split())]


TAKING = {
    (f"{noun}.{method}", argument)
    for noun, kind in RESOURCES.items()
    for method, function in inspect.getmembers(kind)
    if not method.startswith("_") and callable(function) and f"{noun}.{method}" != "datasets.split"
    for argument in numeric(function)
    if argument not in OF_THE_SERVICE
}


def test_every_number_that_a_method_takes_has_a_kind() -> None:
    local = {("datasets.check", argument) for _, argument in TAKING}
    remote = {taking for taking in TAKING if taking not in local and taking[0] in GIVEN}
    assert {argument for _, argument in remote} <= set(KINDS)
    assert {operation for operation, _ in TAKING} - set(GIVEN) <= {"datasets.check", "datasets.estimate"}


@pytest.fixture
def anything(wire: Wire, service: FakeService) -> Resources:
    """Every resource, with a service that answers whatever it is asked."""
    service.answer = lambda _: httpx.Response(200, json={"name": "w", "properties": {"status": "Running"}})
    return Resources(wire, Settings("s", "g", "w", endpoint="http://127.0.0.1:1"), None)


async def called(method: Callable[..., Awaitable[object] | AsyncIterator[object]], given: Mapping[str, Any]) -> None:
    """Call a method, to the end of what it gives."""
    await done(method(**given))


@pytest.mark.parametrize(("operation", "argument"), sorted(each for each in TAKING if each[0] in GIVEN))
async def test_an_invalid_number_is_rejected(
    anything: Resources, service: FakeService, tmp_path: Path, operation: str, argument: str
) -> None:
    noun, _, method = operation.partition(".")
    for value in KINDS[argument]:
        arguments = {**GIVEN[operation](tmp_path), argument: value}
        with pytest.raises(InvalidInput, match=f"^{argument}="):
            await called(getattr(getattr(anything, noun), method), arguments)
        assert service.asked == [], value


@pytest.mark.parametrize("messages", [[1], 1, None, [None], ["x"], [["role", "user"]], b"x", {"role": "user"}])
async def test_messages_of_another_shape_are_refused(anything: Resources, service: FakeService, messages: Any) -> None:
    for method in (anything.chat.complete, anything.chat.stream):
        with pytest.raises(InvalidInput, match="messages must be a string"):
            await done(method(ENDPOINT, messages, key="k" * 20))
    assert service.asked == []
