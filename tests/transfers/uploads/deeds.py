"""What a process that may be killed does: an upload with either client, and an account of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.place import container_at, goal_of
from maas_client import AsyncMaasClient, MaasClient
from maas_client.azure.signers import SharedKey, account_of
from maas_client.core.blocking import run
from maas_client.core.secret_text import SecretText
from maas_client.foundry import files_backend, large_uploads
from maas_client.transfers.uploads.file_upload import FileUpload
from maas_client.transfers.uploads.staging import StagedBytes
from maas_client.wire import AsyncWire, BlockingWire, Wire, no_tls
from tests.transfers.uploads.victims import Job, Outcome

WARM = [import_module(name) for name in ("maas_client.datasets.resource", "httpcore")]  # imported on first use only
WORKSPACE: dict[str, Any] = {"subscription_id": "sub", "resource_group": "rg", "workspace": "ws"}


def do(job: Job) -> None:
    """Do a job, and write down what it came to."""
    start = memory("VmRSS")
    sent = (to_container if job.container else to_account if job.foundry else to_workspace)(job)
    outcome = Outcome(sent.sent, sent.resumed, start, memory("VmHWM"))
    Path(job.result).write_text(json.dumps(asdict(outcome)), "utf-8")


def memory(name: str) -> int:
    """Give a line of this process's memory, in bytes: VmRSS is what it has now, VmHWM the most that it had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(f"{name}:"))


def to_workspace(job: Job) -> StagedBytes:
    """Upload to a workspace's datastore, as a user does."""
    if job.kind == "blocking":
        with MaasClient(endpoint=job.endpoint, **WORKSPACE) as maas:
            dataset = maas.datasets.upload(job.file, check=False)
            return StagedBytes(dataset.bytes_sent, dataset.bytes_resumed)

    async def uploading() -> StagedBytes:
        async with AsyncMaasClient(endpoint=job.endpoint, **WORKSPACE) as maas:
            dataset = await maas.datasets.upload(job.file, check=False)
            return StagedBytes(dataset.bytes_sent, dataset.bytes_resumed)

    return asyncio.run(uploading())


def to_account(job: Job) -> StagedBytes:
    """Upload to a Foundry account, as a user does."""
    if job.part:
        files_backend.LARGEST_FILE = large_uploads.PART = job.part
    if job.kind == "blocking":
        with MaasClient(foundry_endpoint=job.foundry) as maas:
            dataset = maas.datasets.upload(job.file, check=False)
            return StagedBytes(dataset.bytes_sent, dataset.bytes_resumed)

    async def uploading() -> StagedBytes:
        async with AsyncMaasClient(foundry_endpoint=job.foundry) as maas:
            dataset = await maas.datasets.upload(job.file, check=False)
            return StagedBytes(dataset.bytes_sent, dataset.bytes_resumed)

    return asyncio.run(uploading())


def to_container(job: Job) -> StagedBytes:
    """Upload to a container, with no workspace around it."""

    async def sending(wire: Wire) -> StagedBytes:
        signer = SharedKey(account_of(job.container), SecretText(job.key), wire.now) if job.key else None
        goal, content = await goal_of(wire, Path(job.file), Path(job.file).name)
        return await FileUpload(wire, container_at(job.container, wire, signer), goal, content).run()

    return _blocking(sending) if job.kind == "blocking" else asyncio.run(_on_loop(sending))


def _blocking(sending: Callable[[Wire], Coroutine[Any, Any, StagedBytes]]) -> StagedBytes:
    wire = BlockingWire(verify=no_tls())
    try:
        return run(sending(wire))
    finally:
        wire.close()


async def _on_loop(sending: Callable[[Wire], Coroutine[Any, Any, StagedBytes]]) -> StagedBytes:
    wire = AsyncWire(verify=no_tls())
    try:
        return await sending(wire)
    finally:
        await wire.close()
