"""`kill -9` at random moments of an upload, and the same command again: the right bytes, and few of them sent twice."""

from __future__ import annotations

import os
import random
import sys
from contextlib import closing
from pathlib import Path

import pytest

from maas_client.transfers.azureml_layout import SALT
from tests.mock_server.driver import Azure
from tests.transfers.uploads.killing import BOUND, killed_at_random, random_file, summary, time_taken
from tests.transfers.uploads.remote import Remote, digest
from tests.transfers.uploads.seen import asked, blocks
from tests.transfers.uploads.victims import Job, Victims

THOROUGH = "MAAS_THOROUGH" in os.environ
KILLS, SIZE = (200, 256 << 20) if THOROUGH else (15, 48 << 20)
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks its processes, and has them die with it")


def test_each_kill_costs_at_most_the_blocks_in_flight(
    mother: Victims, far_server: Remote, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dice, wasted, rounds = random.Random(KILLS), list[int](), 0
    file = tmp_path / "train.jsonl"
    sha256 = random_file(file, SIZE)
    jobs = [Job(file=str(file), kind=kind, endpoint=far_server.endpoint) for kind in ("blocking", "async")]
    with closing(Azure(far_server)) as azure:
        blob = azure.blob_url(f"LocalUpload/{sha256}/{file.name}")
        longest = 0.0
        for job in jobs:
            longest = max(longest, time_taken(mother, job))
            assert azure.plain.delete(blob).status_code == 202
        while len(wasted) < KILLS:
            far_server.forget_requests()
            chain = killed_at_random(mother, jobs, longest, dice)
            rounds += 1
            assert digest(blob, SALT) == sha256
            assert sum(entry["request_bytes"] for entry in blocks(far_server)) - SIZE == sum(
                chain.wasted(blocks(far_server))
            )
            wasted += chain.wasted(blocks(far_server))
            assert azure.plain.delete(blob).status_code == 202
    with capsys.disabled():
        print(summary(f"{len(wasted)} kills in {rounds} uploads of {SIZE >> 20} MiB", wasted))
    file.unlink()
    assert max(wasted) <= BOUND


def test_two_processes_uploading_equal_content_make_one_blob(
    mother: Victims, far_server: Remote, tmp_path: Path
) -> None:
    file = tmp_path / "train.jsonl"
    sha256 = random_file(file, 48 << 20)
    jobs = [Job(file=str(file), kind=kind, endpoint=far_server.endpoint) for kind in ("blocking", "async") * 2]
    pids = [mother.start(job) for job in jobs]
    assert [mother.end(pid) for pid in pids] == [0] * len(jobs)
    with closing(Azure(far_server)) as azure:
        assert digest(azure.blob_url(f"LocalUpload/{sha256}/{file.name}"), SALT) == sha256
    commits = [entry["status"] for entry in asked(far_server, "blob.put_block_list")]
    assert commits.count(201) == 1
    assert set(commits) <= {201, 409}
