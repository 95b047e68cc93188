"""Rows in place of a file for a job, and arguments of wrong types: a typed error, and nothing is sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from support import collect

from maas_client import DatasetRefused, InvalidInput, JobSpec
from maas_client.client import Resources
from mock_server.server import Server

MODEL = "Phi-4-mini-instruct"
Rows = list[dict[str, Any]]


@pytest.fixture
def parsed(rows: Path) -> Rows:
    """Rows that the service would take."""
    return [json.loads(line) for line in rows.read_bytes().splitlines()]


async def test_a_job_takes_rows_as_an_upload_does(maas: Resources, parsed: Rows) -> None:
    uploaded = await maas.datasets.upload(parsed)
    job = await maas.jobs.create(model=MODEL, training_data=parsed, validation_data=iter(parsed[:2]))
    assert job.training_data == uploaded.id
    assert "/data/data/versions/" in job.validation_data
    assert job.validation_data != job.training_data
    assert (await maas.jobs.wait(job.name)).output_model


async def test_rows_may_come_from_an_asynchronous_iterator(maas: Resources, parsed: Rows) -> None:
    async def coming() -> AsyncIterator[dict[str, Any]]:
        for row in parsed:
            yield row

    job = await maas.jobs.create(model=MODEL, training_data=coming())
    assert job.training_data == (await maas.datasets.upload(parsed)).id


async def test_a_preview_of_rows_sends_no_data(maas: Resources, maas_server: Server, parsed: Rows) -> None:
    planned = await maas.jobs.preview(
        JobSpec(model=f"azureml://registries/azureml/models/{MODEL}/versions/1", training_data=parsed)
    )
    assert "/data/data/versions/" in json.dumps(planned.body)
    assert maas_server.requests() == []


async def test_a_workflow_and_a_sweep_take_rows(maas: Resources, parsed: Rows) -> None:
    result = await maas.workflow.run(JobSpec(model=MODEL, training_data=parsed), until="create")
    assert result.job.training_data.endswith(str((await maas.datasets.upload(parsed)).version))
    spec = JobSpec(model=MODEL, training_data=parsed, hyperparameters={"num_train_epochs": [1, 2]})
    assert len([each for each in (await maas.sweeps.run(spec)).outcomes if each.job]) == 2


async def test_refused_rows_are_not_called_a_file(maas: Resources, maas_server: Server) -> None:
    for make in (
        maas.jobs.create(model=MODEL, training_data=[{"no": "messages"}]),
        maas.datasets.upload([{"no": "messages"}]),
    ):
        with pytest.raises(DatasetRefused) as caught:
            await make
        assert "maas_client_" not in str(caught.value)
        assert "`report` has every finding" in str(caught.value)
        assert caught.value.report.rows == 1
    assert not [entry for entry in maas_server.requests() if entry["method"] in {"PUT", "POST"}]


WRONG: list[object] = [5, 1.5, True, [1], ["text"], [None], b"bytes", object(), iter([1]), [b"x"]]

CALLS: dict[str, Callable[[Resources, Any], Coroutine[Any, Any, object]]] = {
    "training_data": lambda maas, value: maas.jobs.create(model=MODEL, training_data=value),
    "validation_data": lambda maas, value: maas.jobs.create(model=MODEL, training_data="a:1", validation_data=value),
    "model": lambda maas, value: maas.jobs.create(model=value, training_data="a:1"),
    "hyperparameters": lambda maas, value: maas.jobs.create(model=MODEL, training_data="a:1", hyperparameters=value),
    "tags": lambda maas, value: maas.jobs.create(model=MODEL, training_data="a:1", tags=value),
    "name": lambda maas, value: maas.jobs.create(model=MODEL, training_data="a:1", name=value),
    "get": lambda maas, value: maas.jobs.get(value),
    "wait": lambda maas, value: maas.jobs.wait(value),
    "cancel": lambda maas, value: maas.jobs.cancel(value),
    "upload": lambda maas, value: maas.datasets.upload(value),
    "check": lambda maas, value: maas.datasets.check(value),
    "deploy": lambda maas, value: maas.endpoints.create(model=value),
    "endpoint": lambda maas, value: maas.endpoints.create(model="m:1", name=value),
    "chat": lambda maas, value: maas.chat.complete(value, "Hello"),
}
"""Every call that takes data, a name or a model, with a value for it."""


@pytest.mark.parametrize("call", CALLS)
async def test_an_argument_of_a_wrong_type_is_invalid_input(maas: Resources, maas_server: Server, call: str) -> None:
    values = [value for value in WRONG if not (call == "wait" and value == ["text"])]  # `wait` reads names of a list
    values += [{"messages": []}] if call not in {"hyperparameters", "tags"} else [{1: "x"}]
    values += [{"a": 1}, None] if call in {"training_data", "get", "chat", "upload"} else []
    for value in values:
        if call == "upload" and value == b"bytes":
            continue  # content, which is refused as such
        with pytest.raises(InvalidInput) as caught:
            await CALLS[call](maas, value)
        assert "has no attribute" not in str(caught.value)
    assert [entry for entry in maas_server.requests() if entry["method"] in {"PUT", "POST"}] == []


@pytest.mark.parametrize("value", [None, 5, b"bytes", {"role": "user"}, [1], ["text"], object(), [None]])
async def test_messages_of_a_wrong_type_are_invalid_input(
    maas: Resources, tuned: Callable[[], Coroutine[Any, Any, Any]], maas_server: Server, value: Any
) -> None:
    job = await tuned()
    endpoint = await maas.endpoints.wait((await maas.endpoints.create(model=job.output_model)).name)
    before = len(maas_server.requests())
    with pytest.raises(InvalidInput, match="messages must be"):
        await maas.chat.complete(endpoint, value)
    with pytest.raises(InvalidInput, match="messages must be"):
        await collect(maas.chat.stream(endpoint, value))
    assert [entry for entry in maas_server.requests()[before:] if entry["operation"] == "chat.complete"] == []
