"""One upload, alone in its process, so that neither imports nor memory mix.

`python -m benchmarks.upload_child JOB`, where JOB is a `Job` in JSON, prints what it took, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from benchmarks.place import container_at
from benchmarks.processes import peak_mib
from maas_client.azure.signers import Sas
from maas_client.core.blocking import run
from maas_client.core.secret_text import SecretText
from maas_client.http.auth import Signer, Unsigned
from maas_client.transfers.file_identity import identity_of
from maas_client.transfers.file_slice import FileSlice
from maas_client.transfers.uploads.blocks import block_size_for
from maas_client.transfers.uploads.file_upload import FileUpload
from maas_client.transfers.uploads.hashing import read
from maas_client.transfers.uploads.staging import BlobTarget
from maas_client.wire import AsyncWire, BlockingWire, Wire, no_tls, tls_context

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Whose upload (`ours`, `ours async`, `azure`, `raw`) goes to which container, and how many blocks at once.

    `sums` asks for an MD5 of each block, `sas` and `authority` are what the server wants and what vouches for it.
    """

    who: str
    container: str
    file: str
    parallel: int = 4
    sums: bool = False
    sas: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an upload took: time and processor time for all of it, and for its sending alone where that is apart."""

    milliseconds: float
    cpu_ms: float
    sending_ms: float
    sending_cpu_ms: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, and the processor time that was used before, in ms."""

    at: float
    cpu: float

    @classmethod
    def now(cls) -> Moment:
        """Look at both clocks."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        return cls(time.perf_counter() * 1000, (used.ru_utime + used.ru_stime) * 1000)


def main() -> int:
    """Upload once and print what it took."""
    job = Job(**json.loads(sys.argv[1]))
    marks = {"ours": _ours, "ours async": _ours_async, "azure": _azure, "raw": _raw}[job.who](job)
    began, sending, end = marks
    taken = Taken(end.at - began.at, end.cpu - began.cpu, end.at - sending.at, end.cpu - sending.cpu, peak_mib())
    print(json.dumps(asdict(taken)))
    return 0


Marks = tuple[Moment, Moment, Moment]
"""When an upload began, when it began to send, when it ended."""


def _ours(job: Job) -> Marks:
    def doing(act: Callable[[Wire, Job], Coroutine[Any, Any, T]]) -> T:
        with closing(BlockingWire(verify=_verify(job))) as wire:
            return run(act(wire, job))

    doing(_look)
    return doing(_upload)


def _ours_async(job: Job) -> Marks:
    async def doing(act: Callable[[Wire, Job], Coroutine[Any, Any, T]]) -> T:
        wire = AsyncWire(verify=_verify(job))
        try:
            return await act(wire, job)
        finally:
            await wire.close()

    async def uploading() -> Marks:
        await doing(_look)
        return await doing(_upload)

    return asyncio.run(uploading())


async def _look(wire: Wire, job: Job) -> None:
    """Ask for something first: what httpx imports with its first request is other rows' business."""
    container = await container_at(job.container, wire, _signer(job)).container()
    await container.head("nothing")


def _signer(job: Job) -> Signer:
    return Sas(SecretText(job.sas)) if job.sas else Unsigned()


def _verify(job: Job) -> ssl.SSLContext:
    return tls_context(job.authority) if job.authority else no_tls()


async def _upload(wire: Wire, job: Job) -> Marks:
    file = Path(job.file)
    workspace = container_at(job.container, wire, _signer(job))
    began = Moment.now()
    content = await read(wire, file, identity_of(file), checksums=job.sums)
    goal = BlobTarget(source=job.file, blob="ours", metadata={}, overwrite=True)
    sending = Moment.now()
    await FileUpload(wire, workspace, goal, content, parallel=job.parallel).run()
    return began, sending, Moment.now()


def _azure(job: Job) -> Marks:
    from azure.storage.blob import BlobClient

    settings: dict[str, Any] = {"connection_verify": job.authority} if job.authority else {}
    query = f"?{job.sas}" if job.sas else ""
    blob = BlobClient.from_blob_url(f"{job.container}/azure{query}", credential=None, **settings)
    blob.exists()  # as in `_look`
    began = Moment.now()
    with Path(job.file).open("rb") as file:
        size = Path(job.file).stat().st_size
        blob.upload_blob(file, length=size, max_concurrency=job.parallel, overwrite=True, validate_content=job.sums)
    return began, began, Moment.now()


def _raw(job: Job) -> Marks:
    """Send the same requests over plain sockets, with nothing around them."""
    address, file = urlsplit(job.container), Path(job.file)
    block = block_size_for(file.stat().st_size)
    offsets, turn = iter(range(0, file.stat().st_size, block)), threading.Lock()
    target = f"{address.path}/raw?comp=block&blockid=cmF3" + (f"&{job.sas}" if job.sas else "")
    head = f"PUT {target} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {block}\r\n\r\n"

    def worker() -> None:
        with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with turn:
                    offset = next(offsets, None)
                if offset is None:
                    return
                connection.sendall(head.encode())
                for chunk in FileSlice(file, offset, block):
                    connection.sendall(chunk)
                if not connection.recv(1 << 16).startswith(b"HTTP/1.1 201"):
                    raise RuntimeError("a block was not taken")

    threads = [threading.Thread(target=worker) for _ in range(job.parallel)]
    began = Moment.now()
    _all(threads, threading.Thread.start)
    _all(threads, threading.Thread.join)
    return began, began, Moment.now()


def _all(threads: list[threading.Thread], act: Callable[[threading.Thread], object]) -> None:
    for thread in threads:
        act(thread)


if __name__ == "__main__":
    sys.exit(main())
