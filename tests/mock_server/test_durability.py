"""`kill -9` at a hundred random times of a workload: what was acknowledged is there, and nothing goes back."""

import base64
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from mock_server.server import Server
from tests.mock_server.driver import Azure, Json, rows
from tests.mock_server.foundry_driver import Foundry
from tests.mock_server.server_forker import server_forker

KILLS = 100
LONGEST_LIFE = 0.12  # seconds of work between a start and its kill
ORDER = ["NotStarted", "Preparing", "Queued", "Running", "Finalizing", "CancelRequested", "Canceled", "Completed"]
FOUNDRY_ORDER = ["pending", "running", "succeeded"]
ANYTHING = object()


class Remote(Server):
    """A server in another process, with the attributes that the driver needs."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint


@dataclass
class Memory:
    """What was acknowledged, by kind and name; unacknowledged requests may or may not have been carried out."""

    dice: random.Random
    blobs: dict[str, bytes | None] = field(default_factory=dict[str, bytes | None])
    jobs: dict[str, str] = field(default_factory=dict[str, str])
    keys: dict[str, Json] = field(default_factory=dict[str, Json])
    blocks: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    clock: float = 0.0
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])  # of Foundry, by id
    foundry_jobs: dict[str, str] = field(default_factory=dict[str, str])
    doubtful: dict[str, object] = field(default_factory=dict[str, object])
    acknowledged: int = 0
    made: int = 0

    def name(self, kind: str) -> str:
        """Return a new name."""
        self.made += 1
        return f"{kind}{self.made}"


class Worker:
    """A client that works on a server until it dies, and records what was acknowledged."""

    def __init__(self, memory: Memory, azure: Azure, secret: str, asset: str) -> None:
        self.memory = memory
        self.azure = azure
        self.foundry = Foundry(azure.server, http=azure.keyed)
        self.secret = secret
        self.asset = asset

    def work(self) -> None:
        """Run random operations without end; the server's death ends it."""
        deeds: list[Callable[[], None]] = [
            self.put_blob,
            self.put_blob,
            self.put_blocks,
            self.delete_blob,
            self.create_job,
            self.cancel_job,
            self.look,
            self.advance,
            self.create_endpoint,
            self.renew_key,
            self.create_foundry_file,
            self.create_foundry_job,
        ]
        while True:
            self.memory.dice.choice(deeds)()
            self.memory.doubtful.clear()
            self.memory.acknowledged += 1

    def put_blob(self) -> None:
        name = self.memory.dice.choice([*self.memory.blobs, self.memory.name("blob")])
        content = self.memory.dice.randbytes(self.memory.dice.choice([10] * 5 + [3_000] * 14 + [600_000]))
        self.memory.doubtful[name] = content
        assert self.put(name, "", content).status_code == 201
        self.memory.blobs[name] = content

    def put_blocks(self) -> None:
        name = self.memory.name("blocks")
        contents = [self.memory.dice.randbytes(5_000) for _ in range(3)]
        ids = [base64.b64encode(bytes([n])).decode() for n in range(3)]
        for block, content in zip(ids, contents, strict=True):
            self.memory.doubtful[f"{name}/{block}"] = ANYTHING
            assert self.put(name, f"&comp=block&blockid={block.replace('=', '%3D')}", content).status_code == 201
            self.memory.blocks.setdefault(name, set()).add(block)
        self.memory.doubtful[name] = b"".join(contents)
        listed = "".join(f"<Latest>{block}</Latest>" for block in ids)
        assert self.put(name, "&comp=blocklist", f"<BlockList>{listed}</BlockList>".encode()).status_code == 201
        self.memory.blobs[name] = b"".join(contents)
        del self.memory.blocks[name]

    def delete_blob(self) -> None:
        name = self.memory.dice.choice(sorted(name for name, held in self.memory.blobs.items() if held) or ["none"])
        self.memory.doubtful[name] = None
        deleted = self.azure.plain.delete(self.url(name))
        assert deleted.status_code in (202, 404)
        self.memory.blobs[name] = None

    def create_job(self) -> None:
        name = self.memory.name("job")
        self.memory.doubtful[name] = ANYTHING
        made = self.azure.put(f"/jobs/{name}", self.azure.job_body(self.asset))
        assert made.status_code == 201
        self.memory.jobs[name] = made.json()["properties"]["status"]

    def cancel_job(self) -> None:
        name = self.memory.dice.choice([*self.memory.jobs, "nothing"])
        assert self.azure.post(f"/jobs/{name}/cancel").status_code in (200, 202, 400, 404)

    def look(self) -> None:
        self.memory.jobs.update(statuses(self.azure))

    def advance(self) -> None:
        moved = self.azure.http.post("/_mock/clock", json={"advance": self.memory.dice.choice([1, 60, 600])})
        self.memory.clock = moved.json()["now"]

    def create_endpoint(self) -> None:
        name = self.memory.name("ep")
        self.memory.doubtful[name] = ANYTHING
        assert self.azure.endpoint(name).status_code == 201
        self.memory.keys[name] = self.azure.post(f"/serverlessEndpoints/{name}/listKeys").json()

    def renew_key(self) -> None:
        name = self.memory.dice.choice([*self.memory.keys, "nothing"])
        self.memory.doubtful[name] = ANYTHING
        renewed = self.azure.post(f"/serverlessEndpoints/{name}/regenerateKeys", {"keyType": "Primary"})
        assert renewed.status_code in (202, 404)
        if renewed.status_code == 202:
            self.memory.keys[name] = self.azure.post(f"/serverlessEndpoints/{name}/listKeys").json()

    def create_foundry_file(self) -> None:
        content = rows(self.memory.dice.randint(10, 40))
        made = self.foundry.upload(content)
        assert made.status_code in (200, 400)  # 400: the account's quota
        if made.status_code == 200:
            self.memory.files[made.json()["id"]] = content

    def create_foundry_job(self) -> None:
        file = self.memory.dice.choice([*self.memory.files, "nothing"])
        made = self.foundry.post("/fine_tuning/jobs", self.foundry.job_body(file))
        assert made.status_code in (200, 400)  # 400: the file is not processed, or the queue is full
        if made.status_code == 200:
            self.memory.foundry_jobs[made.json()["id"]] = made.json()["status"]

    def put(self, name: str, query: str, content: bytes) -> httpx.Response:
        headers = {"x-ms-blob-type": "BlockBlob"}
        return self.azure.plain.put(self.url(name) + query, content=content, headers=headers)

    def url(self, name: str) -> str:
        return f"{self.azure.blob_url(f'work/{name}', self.secret)}"


def statuses(azure: Azure) -> dict[str, str]:
    """Return the state of every job, page by page."""
    found: dict[str, str] = {}
    page = azure.get("/jobs").json()
    while True:
        found |= {job["name"]: job["properties"]["status"] for job in page["value"]}
        if page["nextLink"] is None:
            return found
        page = azure.follow(page["nextLink"]).json()


def check(memory: Memory, azure: Azure) -> None:
    """Compare the server with the acknowledgements, and record the outcome of unacknowledged requests."""
    jobs = statuses(azure)
    state = azure.http.get("/_mock/state").json()
    blobs = {blob["name"].removeprefix("work/"): base64.b64decode(blob["content"]) for blob in state["blobs"]}
    for name in {*memory.blobs, *memory.doubtful} - set(memory.keys):
        known = memory.blobs.get(name)
        possible = [known, memory.doubtful.get(name, known)]
        assert blobs.get(name) in possible or ANYTHING in possible, name
    for name in set(memory.blobs) | (set(memory.doubtful) & set(blobs)):
        memory.blobs[name] = blobs.get(name)
    staged = {(block["name"].removeprefix("work/"), block["id"]) for block in state["blocks"]}
    for name, ids in memory.blocks.items():
        assert memory.blobs.get(name) or {(name, block) for block in ids} <= staged, name
    for name, status in memory.jobs.items():
        assert ORDER.index(jobs[name]) >= ORDER.index(status), name
    files = {blob["name"]: base64.b64decode(blob["content"]) for blob in state["blobs"]}
    assert {name: files.get(name) for name in memory.files} == memory.files
    shown = Foundry(azure.server, http=azure.keyed).get("/fine_tuning/jobs", limit="100").json()["data"]
    foundry_jobs = {job["id"]: job["status"] for job in shown}
    for name, status in memory.foundry_jobs.items():
        assert FOUNDRY_ORDER.index(foundry_jobs[name]) >= FOUNDRY_ORDER.index(status), name
    memory.foundry_jobs = foundry_jobs
    models = sum(document["kind"] == "model" for document in state["documents"])
    assert models == list(jobs.values()).count("Completed")  # registered, and at most once
    memory.jobs = jobs
    endpoints = {one["name"]: one["body"] for one in state["documents"] if one["kind"] == "endpoint"}
    for name, keys in memory.keys.items():
        shown = {key: endpoints[name][key] for key in ("primaryKey", "secondaryKey")}
        assert shown == keys or name in memory.doubtful, name
        memory.keys[name] = shown
    now = azure.http.get("/_mock/clock").json()["now"]
    assert now >= memory.clock
    memory.clock = now
    memory.blocks.clear()
    memory.doubtful.clear()


@pytest.mark.skipif(sys.platform != "linux", reason="forks its servers, and has them die with the process")
def test_a_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    memory = Memory(random.Random(20260))
    with server_forker(tmp_path) as forker:
        options = ["--state", str(tmp_path / "state"), "--job-seconds", "3600", "--virtual"]
        asset = ""
        for _ in range(KILLS):
            pid, endpoint = forker.start(*options)
            with closing(Azure(Remote(endpoint))) as azure:
                asset = asset or azure.asset(rows())
                check(memory, azure)
                worker = Worker(memory, azure, azure.sas(), asset)
                killer = threading.Timer(memory.dice.uniform(0, LONGEST_LIFE), os.kill, (pid, signal.SIGKILL))
                killer.start()
                with pytest.raises(httpx.TransportError):
                    worker.work()
                killer.join()
            forker.wait_for_exit(pid)
        _, endpoint = forker.start(*options)
        with closing(Azure(Remote(endpoint))) as azure:
            check(memory, azure)
    assert memory.acknowledged > KILLS
    assert min(len(memory.files), len(memory.foundry_jobs)) > 3
