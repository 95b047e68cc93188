"""`kill -9` at random moments of an upload to Foundry in parts, and the same command again: one right file."""

from __future__ import annotations

import hashlib
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from maas_client.transfers.uploads.options import PARALLEL
from tests.mock_server.server_forker import server_forker
from tests.transfers.uploads.killing import killed_at_random, random_file, time_taken
from tests.transfers.uploads.remote import Remote
from tests.transfers.uploads.victims import Job, Victims

KILLS, SIZE = (100, 256 << 20) if "MAAS_THOROUGH" in os.environ else (10, 48 << 20)
PART = 4 << 20
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks its processes, and has them die with it")


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Remote]:
    """A server in a process of its own, which has processed a file when it has it."""
    with server_forker(tmp_path) as servers:
        _, endpoint = servers.start("--job-seconds", "0.01")
        yield Remote(endpoint)


def only_file(client: httpx.Client) -> str:
    """Give the id of the one file that the account has."""
    (file,) = client.get("/openai/v1/files").raise_for_status().json()["data"]
    assert file["status"] == "processed"
    return str(file["id"])


def digest(client: httpx.Client, file_id: str) -> str:
    with client.stream("GET", f"/openai/v1/files/{file_id}/content") as reply:
        content = hashlib.sha256()
        for chunk in reply.iter_bytes():
            content.update(chunk)
        return content.hexdigest()


def test_a_kill_costs_at_most_the_parts_in_flight(
    mother: Victims, account: Remote, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dice, kills, wasted, rounds = random.Random(KILLS), 0, 0, 0
    file = tmp_path / "train.jsonl"
    random_file(file, SIZE)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    jobs = [
        Job(file=str(file), kind=kind, foundry=f"{account.endpoint}/api/projects/demo", part=PART)
        for kind in ("blocking", "async")
    ]
    with httpx.Client(base_url=account.endpoint, headers={"api-key": "key"}, trust_env=False) as client:
        longest = 0.0
        for job in jobs:
            longest = max(longest, time_taken(mother, job))
            client.delete(f"/openai/v1/files/{only_file(client)}").raise_for_status()
        while kills < KILLS:
            account.forget_requests()
            chain = killed_at_random(mother, jobs, longest, dice)
            kills, rounds = kills + chain.kills, rounds + 1
            file_id = only_file(client)
            assert digest(client, file_id) == sha256
            sent = [each for each in account.requests() if each["operation"] == "foundry.uploads.part"]
            again = sum(each["request_bytes"] for each in sent) - SIZE
            assert again <= chain.kills * (PARALLEL + 1) * (PART + 1024) + len(sent) * 1024
            wasted += again
            client.delete(f"/openai/v1/files/{file_id}").raise_for_status()
    file.unlink()
    with capsys.disabled():
        each_kill = wasted / max(kills, 1) / 2**20
        print(f"\n{kills} kills in {rounds} uploads of {SIZE >> 20} MiB: sent again {each_kill:.1f} MiB a kill")


def test_two_processes_uploading_one_file_make_one(mother: Victims, account: Remote, tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    random_file(file, 24 << 20)
    jobs = [Job(file=str(file), kind=kind, foundry=account.endpoint, part=PART) for kind in ("blocking", "async")]
    for _ in range(3):
        pids = [mother.start(job) for job in jobs]
        assert [mother.end(pid) for pid in pids] == [0, 0]
        with httpx.Client(base_url=account.endpoint, headers={"api-key": "key"}, trust_env=False) as client:
            listed = client.get("/openai/v1/files").json()["data"]
            assert {each["filename"] for each in listed} == {listed[0]["filename"]}
            assert digest(client, listed[-1]["id"]) == hashlib.sha256(file.read_bytes()).hexdigest()
            for each in listed:
                client.delete(f"/openai/v1/files/{each['id']}").raise_for_status()
