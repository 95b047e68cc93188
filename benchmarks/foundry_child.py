"""One upload to a Foundry account, alone in its process, so that neither imports nor memory mix.

`python -m benchmarks.foundry_child JOB`, where JOB is a `Job` in JSON, prints what it took, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.processes import peak_mib


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Whose upload (`ours`, `ours async`, `openai`) goes to the account at an address, at once or `in_parts`."""

    who: str
    address: str
    file: str
    in_parts: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What an upload took, from the call to its end, and the most memory that its process had."""

    milliseconds: float
    cpu_ms: float
    peak_mib: float


def main() -> int:
    """Upload once and print what it took."""
    job = Job(**json.loads(sys.argv[1]))
    {"ours": _ours, "ours async": _ours_async, "openai": _openai}[job.who](job)
    return 0


def _measured(upload: Callable[[], object]) -> None:
    began, used = time.perf_counter(), _processor_time()
    upload()
    taken = Taken((time.perf_counter() - began) * 1000, (_processor_time() - used) * 1000, peak_mib())
    print(json.dumps(asdict(taken)))


def _processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _ours(job: Job) -> None:
    from maas_client import MaasClient

    with MaasClient(foundry_endpoint=job.address) as maas:
        list(maas.datasets.list())  # everyone has a connection
        _measured(lambda: maas.datasets.upload(job.file, check=False))


def _ours_async(job: Job) -> None:
    from maas_client import AsyncMaasClient

    async def uploading() -> None:
        async with AsyncMaasClient(foundry_endpoint=job.address) as maas:
            _ = [dataset async for dataset in maas.datasets.list()]
            began, used = time.perf_counter(), _processor_time()
            await maas.datasets.upload(job.file, check=False)
            taken = Taken((time.perf_counter() - began) * 1000, (_processor_time() - used) * 1000, peak_mib())
            print(json.dumps(asdict(taken)))

    asyncio.run(uploading())


def _openai(job: Job) -> None:
    from openai import AzureOpenAI

    with AzureOpenAI(azure_endpoint=job.address, api_key="local", api_version="2025-04-01-preview") as client:
        list(client.files.list())
        if job.in_parts:
            _measured(
                lambda: client.uploads.upload_file_chunked(
                    file=Path(job.file), mime_type="application/jsonl", purpose="fine-tune"
                )
            )
            return
        with Path(job.file).open("rb") as file:
            _measured(lambda: client.files.create(file=file, purpose="fine-tune"))


if __name__ == "__main__":
    sys.exit(main())
