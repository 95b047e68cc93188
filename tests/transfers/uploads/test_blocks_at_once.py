"""How many blocks are under way at once: as many as were asked for, fewer in trouble, more again when it is over."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import FakeService

from benchmarks.place import container_at, goal_of
from maas_client.errors import UnexpectedReply
from maas_client.transfers.uploads import blocks as plan
from maas_client.transfers.uploads.file_upload import FileUpload
from maas_client.transfers.uploads.staging import StagedBytes
from maas_client.wire import Wire

BLOCK = 1000
PATIENCE = 120.0  # seconds after which blocks that should meet have not met
MOMENT = 0.02  # seconds in which blocks that should not meet could


Answer = Callable[[int, int], httpx.Response]
"""What is done to a block: of its place in the order in which blocks came, and the number of the attempt."""


class Storage:
    """A blob service that looks at how many blocks it is sent at once; `answers` is what it does to each in turn."""

    def __init__(self, size: int, answers: Sequence[Answer]) -> None:
        self._size, self._answers = size, answers
        self._lock = threading.Lock()
        self._attempts: dict[str, int] = {}
        self._committed: list[str] = []
        self._under_way = 0
        self.most: dict[int, int] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD":
            length = {"Content-Length": str(self._size)} if self._committed else {}
            return httpx.Response(200 if self._committed else 404, headers=length)
        if request.url.params["comp"] == "blocklist":
            if request.method == "PUT":
                self._committed = re.findall(r"<Latest>([^<]+)<", request.read().decode())
            return httpx.Response(201 if request.method == "PUT" else 200, text=self._list())
        return self._take(request.url.params["blockid"])

    def _list(self) -> str:
        blocks = [f"<Block><Name>{block}</Name><Size>{BLOCK}</Size></Block>" for block in self._committed]
        return f"<BlockList>{''.join(blocks)}</BlockList>"

    def _take(self, block: str) -> httpx.Response:
        with self._lock:
            self._attempts[block] = attempt = self._attempts.get(block, 0) + 1
            came = list(self._attempts).index(block)
            self._under_way += 1
            self.most[came] = max(self.most.get(came, 0), self._under_way)
        try:
            return self._answers[came](came, attempt)
        finally:
            with self._lock:
                self._under_way -= 1


Upload = Callable[[Sequence[Answer], int], Coroutine[Any, Any, tuple[Storage, StagedBytes]]]


@pytest.fixture
def upload(wire: Wire, service: FakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Upload:
    """Send a block for each answer, this many at a time."""
    monkeypatch.setattr(plan, "BLOCK", BLOCK)
    monkeypatch.setattr(plan, "ENOUGH_BLOCKS", plan.MOST_BLOCKS)

    async def sending(answers: Sequence[Answer], parallel: int) -> tuple[Storage, StagedBytes]:
        file = tmp_path / "train.jsonl"
        file.write_bytes(bytes(len(answers) * BLOCK))
        service.answer = storage = Storage(len(answers) * BLOCK, answers)
        container = container_at("http://127.0.0.1:1/account/data", wire)
        goal, content = await goal_of(wire, file, "train.jsonl")
        return storage, await FileUpload(wire, container, goal, content, parallel=parallel).run()

    return sending


@pytest.mark.parametrize("parallel", [1, 2, 4])
async def test_as_many_blocks_are_under_way_as_were_asked_for(upload: Upload, wire: Wire, parallel: int) -> None:
    meeting = threading.Barrier(parallel, timeout=PATIENCE)

    def meet(came: int, attempt: int) -> httpx.Response:
        meeting.wait()
        return httpx.Response(201)

    storage, sent = await upload([meet] * 5 * parallel, parallel)
    assert max(storage.most.values()) == parallel
    assert sent == StagedBytes(5 * parallel * BLOCK, 0)


async def test_a_slow_block_holds_up_no_other(upload: Upload, wire: Wire) -> None:
    done = threading.Semaphore(0)

    def wait_for_the_others(came: int, attempt: int) -> httpx.Response:
        assert all(done.acquire(timeout=PATIENCE) for _ in range(39))
        return httpx.Response(201)

    def go(came: int, attempt: int) -> httpx.Response:
        done.release()
        return httpx.Response(201)

    _, sent = await upload([wait_for_the_others] + [go] * 39, 4)
    assert sent.sent == 40 * BLOCK


def no_answer() -> httpx.Response:
    raise httpx.ReadTimeout("too late")


@pytest.mark.parametrize("trouble", [lambda: httpx.Response(503), no_answer], ids=["503", "no answer"])
async def test_errors_lower_the_blocks_in_flight_and_successes_restore(
    upload: Upload, wire: Wire, trouble: Callable[[], httpx.Response]
) -> None:
    all_four = threading.Barrier(4, timeout=PATIENCE)
    nobody = threading.Event()

    def meet(came: int, attempt: int) -> httpx.Response:
        all_four.wait()
        return httpx.Response(201)

    def throttled(came: int, attempt: int) -> httpx.Response:
        nobody.wait(MOMENT)  # who else may come, comes
        return trouble() if attempt == 1 else httpx.Response(201)

    def calm(came: int, attempt: int) -> httpx.Response:
        return httpx.Response(201)

    phases = [meet] * 4 + [throttled] * 16 + [calm] * 24 + [meet] * 8
    storage, sent = await upload(phases, 4)
    assert max(storage.most[came] for came in range(4)) == 4
    assert max(storage.most[came] for came in range(12, 20)) <= 2
    assert max(storage.most[came] for came in range(44, 52)) == 4
    assert sent.sent == len(phases) * BLOCK


async def test_a_blob_of_other_blocks_than_sent_is_reported(
    upload: Upload, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Storage, "_list", nothing)
    with pytest.raises(UnexpectedReply, match="should consist of the 3 uploaded blocks, but has others"):
        await upload([take] * 3, 2)


def nothing(_: Storage) -> str:
    return "<BlockList/>"


def take(came: int, attempt: int) -> httpx.Response:
    return httpx.Response(201)
