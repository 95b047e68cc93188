"""A client that was used before a fork: each process gets the answers to its own requests, and none hangs."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from raw_server import answer_of, raw_server

from maas_client.wire import AsyncWire, no_tls
from maas_client.wire.per_loop import PerLoop

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

ROOT = Path(__file__).parents[2]


def answer(stream: socket.socket, head: bytes) -> bool:
    """Answer with the job that was asked for, or with a listing of two pages."""
    asked = re.search(rb"/jobs/([\w-]+)", head)
    if asked is not None:
        body = json.dumps({"name": asked[1].decode(), "properties": {"status": "Running"}}).encode()
    else:
        base = re.findall(rb"host: ([\w.:]+)", head, re.IGNORECASE)[0].decode()
        path = head.split(b" ", 2)[1].decode()
        pages = {
            False: {"value": [{"name": "a"}, {"name": "b"}], "nextLink": f"http://{base}{path}&page=2"},
            True: {"value": [{"name": "c"}]},
        }
        body = json.dumps(pages["page=2" in path]).encode()
    stream.sendall(answer_of(body, headers="Content-Type: application/json\r\n"))
    return True


def test_each_forked_process_gets_its_own_answers() -> None:
    with raw_server(answer) as server:
        done = subprocess.run(
            [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "tests.wire.forked", server.url],
            cwd=ROOT,
            capture_output=True,
            timeout=120,
            text=True,
        )
    assert done.stderr == ""
    assert json.loads(done.stdout) == []


def test_what_belongs_to_the_process_before_a_fork_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    dropped: list[object] = []
    made: PerLoop[object] = PerLoop(object, dropped.append)

    async def main() -> None:
        before = made.get()
        assert made.get() is before
        monkeypatch.setattr("os.getpid", lambda: -1)
        assert made.get() is not before
        assert dropped == [before]
        monkeypatch.undo()

    asyncio.run(main())


def test_threads_of_the_process_before_a_fork_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        wire = AsyncWire(verify=no_tls())
        await wire.call(lambda: None)
        threads = vars(wire)["_threads"]
        monkeypatch.setattr("os.getpid", lambda: -1)
        assert await wire.call(lambda: 7) == 7
        assert vars(wire)["_threads"] is not threads
        monkeypatch.undo()
        threads.shutdown()
        await wire.close()

    asyncio.run(main())
