"""What can be uploaded besides a file on disk, on both wires; and what cannot."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from maas_client import InvalidInput
from maas_client.client import Resources
from mock_server.server import Server

Rows = list[dict[str, Any]]


@pytest.fixture
def content(rows: Path) -> bytes:
    """The bytes of a data set that the service would take."""
    return rows.read_bytes()


@pytest.fixture
def parsed(content: bytes) -> Rows:
    """Its rows."""
    return [json.loads(line) for line in content.splitlines()]


async def test_bytes_and_an_open_file_are_the_same_dataset_as_the_file(
    maas: Resources, rows: Path, content: bytes
) -> None:
    first = await maas.datasets.upload(rows)

    of_bytes = await maas.datasets.upload(content, filename="train.jsonl")
    of_file = await maas.datasets.upload(io.BytesIO(content), filename="train.jsonl")

    assert of_bytes.id == of_file.id == first.id
    assert of_bytes.bytes_sent == of_file.bytes_sent == 0


async def test_rows_are_written_one_per_line_as_they_arrive(maas: Resources, maas_server: Server, parsed: Rows) -> None:
    def coming() -> Iterator[dict[str, Any]]:
        yield from parsed

    dataset = await maas.datasets.upload(coming(), name="generated")

    assert dataset.name == "generated"
    assert dataset.uri.endswith("/data.jsonl")
    assert dataset.bytes_sent == sum(len(json.dumps(row, ensure_ascii=False).encode()) + 1 for row in parsed)
    assert next(entry["operation"] for entry in maas_server.requests() if entry["method"] == "PUT") == "blob.put"


async def test_rows_may_come_from_an_asynchronous_iterator(maas: Resources, parsed: Rows) -> None:
    async def coming() -> AsyncIterator[dict[str, Any]]:
        for row in parsed:
            yield row

    dataset = await maas.datasets.upload(coming(), name="generated")

    assert dataset.id == (await maas.datasets.upload(parsed, name="generated")).id


async def test_a_url_that_fsspec_knows_is_fetched(maas: Resources, rows: Path, content: bytes) -> None:
    fsspec: Any = import_module("fsspec")  # Any: it has no types
    with fsspec.open("memory://bucket/train.jsonl", "wb") as file:
        file.write(content)

    dataset = await maas.datasets.upload("memory://bucket/train.jsonl")

    assert dataset.id == (await maas.datasets.upload(rows)).id


NO_SOURCES: list[tuple[Any, str]] = [
    (42, "int cannot be uploaded"),
    (io.StringIO("{}"), "StringIO cannot be uploaded"),
    ([{"messages": []}, "words"], "a row must be a JSON object, not str"),
    ([{"messages": {1, 2}}], "a row cannot be written as JSON"),
    ("memory://bucket/nowhere.jsonl", "cannot be read"),
    ("odd://bucket/nowhere.jsonl", "cannot be read"),
    ("nowhere.jsonl", "there is no file 'nowhere.jsonl'"),
]


@pytest.mark.parametrize(("source", "complaint"), NO_SOURCES, ids=[complaint for _, complaint in NO_SOURCES])
async def test_an_invalid_dataset_is_rejected_by_name_and_not_sent(
    maas: Resources, maas_server: Server, source: Any, complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        await maas.datasets.upload(source)
    assert maas_server.requests() == []


async def test_a_file_name_has_no_folders(maas: Resources, content: bytes) -> None:
    with pytest.raises(InvalidInput, match="not a valid file name"):
        await maas.datasets.upload(content, filename="../train.jsonl")
