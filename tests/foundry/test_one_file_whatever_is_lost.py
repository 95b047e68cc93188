"""One file is made, whatever is lost on the way: the service makes one of every request that reaches it."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import Ada, Clock, make_wire
from targets import ALL

from maas_client import Dataset, MaasError
from maas_client.azure.credentials import Tokens
from maas_client.core.blocking import run
from maas_client.datasets.resource import AsyncDatasets
from maas_client.errors import BadRequest, Conflict, ReplyLost, Throttled, UnexpectedReply
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.files_backend import FoundryFiles
from maas_client.foundry.settings import resolve_foundry
from maas_client.http.channel import Channel

ROUNDS = 10_000 if ALL else 300
MADE = frozenset({"made", "made, lost", "made, 500", "made, 503", "made, 409", "made, no id", "late"})
OUTCOMES = (*sorted(MADE), "lost", "500", "503", "408", "429", "refused")
NAME = re.compile(rb'filename="([^"]+)"')
ROWS = b'{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}\n' * 12


@dataclass
class UnsureFiles:
    """Answers each request to create a file with the next outcome, and each list with the next of `lists`, else well.

    A list may be `behind`: without the files of the last three seconds.
    """

    clock: Clock
    outcomes: Iterator[str]
    lists: Iterator[str] = field(default_factory=lambda: iter(()))
    files: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    late: list[tuple[float, dict[str, Any]]] = field(default_factory=list[tuple[float, dict[str, Any]]])
    creations: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        for due, file in [each for each in self.late if each[0] <= self.clock.time]:
            self.late.remove((due, file))
            self.files.insert(0, file)
        if request.method == "POST":
            return self._create(request)
        wanted = request.url.path.rpartition("/files")[2].lstrip("/")
        if request.method == "DELETE":
            self.files = [file for file in self.files if file["id"] != wanted]
            return httpx.Response(204)
        if wanted:
            found = [file for file in self.files if file["id"] == wanted]
            return httpx.Response(200, json=found[0]) if found else httpx.Response(404)
        return self._list(next(self.lists, "well"))

    def _list(self, outcome: str) -> httpx.Response:
        if outcome == "lost":
            raise httpx.ReadError("the connection was lost")
        if outcome == "500":
            return httpx.Response(500)
        listed = self.files
        if outcome == "behind":
            listed = [file for file in listed if file["created_at"] < self.clock.time - 3.0]
        return httpx.Response(200, json={"object": "list", "data": listed, "has_more": False})

    def _create(self, request: httpx.Request) -> httpx.Response:
        self.creations += 1
        outcome, named = next(self.outcomes, "made"), NAME.search(request.content)
        assert named is not None
        file: dict[str, Any] = {
            "id": f"file-{self.creations:032x}",
            "filename": named[1].decode(),
            "created_at": int(self.clock.time),
            "bytes": len(ROWS),
            "purpose": "fine-tune",
            "status": "processed",
        }
        if outcome.startswith("late"):
            self.late.append((self.clock.time + (8.0 if outcome == "later" else 5.0), file))
        elif outcome in MADE | {"slow"}:
            self.files.insert(0, file)
        match outcome:
            case "made" | "slow":
                self.clock.sleep(15.0 if outcome == "slow" else 0.0)
                return httpx.Response(200, json=file)
            case "made, no id":
                return httpx.Response(200, json={})
            case "made, lost" | "lost" | "late" | "later":
                raise httpx.ReadError("the connection was lost")
            case "refused":
                raise httpx.ConnectError("refused")
            case _:
                return httpx.Response(int(outcome.rpartition(" ")[2]))


def datasets_at(service: UnsureFiles, kind: str, clock: Clock) -> AsyncDatasets:
    """Return the datasets of an account whose requests the service answers."""
    wire = make_wire(kind, clock, httpx.MockTransport(service))
    settings = resolve_foundry(foundry_endpoint="https://r.services.ai.azure.com", environ={})
    connection = FoundryConnection(Channel(wire, settings.trust), settings, Tokens(wire, Ada))
    return AsyncDatasets(FoundryFiles(connection))


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A training file."""
    file = tmp_path / "train.jsonl"
    file.write_bytes(ROWS)
    return file


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_whatever_happens_to_the_first_request_one_file_is_made(
    kind: str, clock: Clock, rows: Path, outcome: str
) -> None:
    service = UnsureFiles(clock, iter([outcome]))
    dataset = await datasets_at(service, kind, clock).upload(rows)
    assert [file["id"] for file in service.files] == [dataset.id]
    assert service.creations == (1 if outcome in MADE else 2)


@pytest.mark.parametrize("outcome", sorted(MADE - {"made", "late"}))
async def test_nothing_is_repeated_while_the_files_cannot_be_listed(
    kind: str, clock: Clock, rows: Path, outcome: str
) -> None:
    service = UnsureFiles(clock, iter([outcome]), lists=iter(["well", *["500"] * 5]))
    with pytest.raises(MaasError):
        await datasets_at(service, kind, clock).upload(rows)
    assert service.creations == 1
    assert (await datasets_at(service, kind, clock).upload(rows)).id == service.files[0]["id"]


async def test_a_list_that_is_behind_makes_no_second_file(kind: str, clock: Clock, rows: Path) -> None:
    service = UnsureFiles(clock, iter(["made, lost"]), lists=iter(["well", "behind", "behind"]))
    await datasets_at(service, kind, clock).upload(rows)
    assert service.creations == 1


async def test_a_twin_that_comes_through_later_replaces_ours(kind: str, clock: Clock, rows: Path) -> None:
    service = UnsureFiles(clock, iter(["later", "slow"]))
    dataset = await datasets_at(service, kind, clock).upload(rows)
    assert [file["id"] for file in service.files] == [dataset.id] == [f"file-{1:032x}"]


async def test_of_two_equal_files_everyone_takes_the_first(kind: str, clock: Clock, rows: Path) -> None:
    service = UnsureFiles(clock, iter(()))
    dataset = await datasets_at(service, kind, clock).upload(rows)
    twin = {**service.files[0], "id": "file-twin", "created_at": service.files[0]["created_at"] + 1}
    for files in ([twin, *service.files], [*service.files, twin]):
        service.files = files
        assert (await datasets_at(service, kind, clock).upload(rows)).id == dataset.id
    assert service.creations == 1


@pytest.mark.parametrize("status", ["error", "deleting", "deleted"])
async def test_a_file_that_failed_is_not_used_again(kind: str, clock: Clock, rows: Path, status: str) -> None:
    service = UnsureFiles(clock, iter(()))
    failed = await datasets_at(service, kind, clock).upload(rows)
    service.files[0]["status"] = status
    dataset = await datasets_at(service, kind, clock).upload(rows)
    assert dataset.id != failed.id
    assert service.creations == 2


@pytest.mark.parametrize(("status", "error"), [("400", BadRequest), ("409", Conflict), ("302", UnexpectedReply)])
async def test_a_request_that_is_refused_is_not_repeated(
    kind: str, clock: Clock, rows: Path, status: str, error: type[MaasError]
) -> None:
    service = UnsureFiles(clock, iter([status]))
    with pytest.raises(error):
        await datasets_at(service, kind, clock).upload(rows)
    assert (service.creations, service.files) == (1, [])


async def test_an_account_that_only_throttles_is_an_error(kind: str, clock: Clock, rows: Path) -> None:
    service = UnsureFiles(clock, iter(["429"] * 9))
    with pytest.raises(Throttled):
        await datasets_at(service, kind, clock).upload(rows)
    assert service.creations == 5


async def test_a_connection_that_is_always_lost_is_an_error(kind: str, clock: Clock, rows: Path) -> None:
    service = UnsureFiles(clock, iter(["lost"] * 9))
    with pytest.raises(ReplyLost):
        await datasets_at(service, kind, clock).upload(rows)
    assert service.creations == 3


def test_random_faults_leave_one_file_after_the_call_is_repeated(kind: str, rows: Path) -> None:
    chance = random.Random(20261129)
    for number in range(ROUNDS):
        clock = Clock()
        service = UnsureFiles(
            clock,
            iter(chance.choices(OUTCOMES, k=3)),
            lists=iter(chance.choices(["well", "behind", "lost", "500"], weights=[3, 1, 1, 1], k=8)),
        )

        async def until_made(service: UnsureFiles = service, clock: Clock = clock, number: int = number) -> None:
            datasets, found = datasets_at(service, kind, clock), list[Dataset]()
            for _ in range(20):
                assert len(service.files) + len(service.late) <= 1, number
                try:
                    found.append(await datasets.upload(rows, check=False))
                    break
                except MaasError:
                    clock.sleep(10.0)
            assert [file["id"] for file in service.files] == [each.id for each in found], number

        if kind == "async":
            asyncio.run(until_made())
        else:
            run(until_made())
