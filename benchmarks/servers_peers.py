"""The servers that are measured side by side: how each is started, and the two requests that it is measured by."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import Children
from benchmarks.servers_load import Wanted, answer
from mock_server.core.sas_and_shared_key import account_sas

AZURITE = "3.35.0"
ACCOUNT = "devstoreaccount1"
# Azurite's documentation publishes this key; it opens nothing else.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
BLOCK = 4 * 1024 * 1024
WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
VERSION = "api-version=2024-10-01-preview"
TOKEN = {"Authorization": "Bearer local"}
SERVICE = {"x-ms-version": "2023-11-03"}


class Absent(Exception):
    """A peer is not here and cannot be installed; the message says why."""


@dataclass(frozen=True, slots=True)
class Loads:
    """What a running server is measured by: a small GET, and the upload of one block."""

    small: Wanted
    block: Wanted


@dataclass(frozen=True, slots=True)
class Contender:
    """A server: its command for a port, a path that it answers as soon as it answers anything, and its loads."""

    name: str
    command: Callable[[int], Sequence[str]]
    path: str
    prepare: Callable[[str], Loads]


@dataclass(frozen=True, slots=True)
class Started:
    """A server that answers."""

    endpoint: str
    pid: int
    start_ms: float

    def resident_mib(self) -> float:
        """Return the memory that it holds now (Linux), or nan where the system does not report it."""
        status = Path(f"/proc/{self.pid}/status")
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.exists() else None
        return int(found[1]) / 1024 if found else float("nan")


def ours() -> Contender:
    """Give the mock server."""
    return Contender(
        "mock server", lambda port: _python("-m", "mock_server", "--port", str(port)), "/_mock/health", _ours
    )


def moto() -> Contender:
    """Give moto's server, whose S3 is measured."""
    if find_spec("moto") is None or find_spec("flask") is None:
        raise Absent("moto[server] is not installed; `make bench` installs it")
    command = ("-m", "moto.server", "-H", "127.0.0.1", "-p")
    return Contender("moto", lambda port: _python(*command, str(port)), "/moto-api/data.json", _moto)


def azurite() -> Contender:
    """Give Azurite's blob service, installed by npm the first time."""
    node, program = shutil.which("node"), _azurite()
    if node is None:
        raise Absent("node is not installed")
    options = ("--inMemoryPersistence", "--skipApiVersionCheck", "--silent", "--disableTelemetry")
    command = (node, str(program), "--blobHost", "127.0.0.1", *options, "--blobPort")
    return Contender("Azurite", lambda port: (*command, str(port)), f"/{ACCOUNT}?comp=list&{_sas()}", _azurite_loads)


@contextmanager
def running(contender: Contender, children: Children) -> Generator[Started]:
    """Run a server on any free port for as long as the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    with TemporaryDirectory(prefix="maas-bench-") as folder:
        environment = children.environment({"PYTHONPATH": str(Path.cwd())})
        quiet = subprocess.DEVNULL
        began = time.perf_counter()
        with subprocess.Popen(
            contender.command(port), env=environment, cwd=folder, stdout=quiet, stderr=quiet
        ) as process:
            try:
                endpoint = f"http://127.0.0.1:{port}"
                _await(process, Wanted("GET", endpoint + contender.path))
                yield Started(endpoint, process.pid, (time.perf_counter() - began) * 1000)
            finally:
                process.terminate()


def _await(process: subprocess.Popen[bytes], wanted: Wanted) -> None:
    end = time.perf_counter() + 30
    while True:
        try:
            answer(wanted)
        except OSError:
            if process.poll() is not None or time.perf_counter() > end:
                raise RuntimeError(f"{wanted.url} did not answer") from None
            time.sleep(0.002)
        else:
            return


def _python(*words: str) -> Sequence[str]:
    return (sys.executable, *words)


def _ours(endpoint: str) -> Loads:
    place = f"{endpoint}{WORKSPACE}/datastores/workspaceblobstore"
    store = json.loads(answer(Wanted("GET", f"{place}?{VERSION}", TOKEN)))["properties"]
    secret = json.loads(answer(Wanted("POST", f"{place}/listSecrets?{VERSION}", TOKEN)))["sasToken"]
    host = f"{store['protocol']}://{store['accountName']}.blob.{store['endpoint']}"
    blob = f"{host}/{store['containerName']}/bench?comp=block&blockid=YQ%3D%3D&{secret}"
    return Loads(Wanted("GET", f"{endpoint}{WORKSPACE}?{VERSION}", TOKEN), Wanted("PUT", blob, SERVICE, bytes(BLOCK)))


def _moto(endpoint: str) -> Loads:
    answer(Wanted("PUT", f"{endpoint}/bench"))
    answer(Wanted("PUT", f"{endpoint}/bench/small", {"x-amz-acl": "public-read"}, b"{}" * 300))
    begun = answer(Wanted("POST", f"{endpoint}/bench/large?uploads")).decode()
    upload = begun.partition("<UploadId>")[2].partition("</UploadId>")[0]
    part = f"{endpoint}/bench/large?partNumber=1&uploadId={upload}"
    return Loads(Wanted("GET", f"{endpoint}/bench/small"), Wanted("PUT", part, {}, bytes(BLOCK)))


def azurite_container(endpoint: str) -> tuple[str, str]:
    """Make a container of Azurite's; give its URL, and a SAS that opens it."""
    base, sas = f"{endpoint}/{ACCOUNT}", _sas()
    answer(Wanted("PUT", f"{base}/bench?restype=container&{sas}", SERVICE))
    return f"{base}/bench", sas


def _azurite_loads(endpoint: str) -> Loads:
    base, sas, version = f"{endpoint}/{ACCOUNT}", _sas(), SERVICE
    answer(Wanted("PUT", f"{base}/bench?restype=container&{sas}", version))
    answer(Wanted("PUT", f"{base}/bench/small?{sas}", {**version, "x-ms-blob-type": "BlockBlob"}, b"{}" * 300))
    block = f"{base}/bench/large?comp=block&blockid=YQ%3D%3D&{sas}"
    return Loads(Wanted("GET", f"{base}/bench/small?{sas}", version), Wanted("PUT", block, version, bytes(BLOCK)))


def _sas() -> str:
    now = time.time()
    terms = {"permissions": "rwdlac", "protocol": "https,http"}
    return account_sas(KEY, ACCOUNT, start=now - 300, expiry=now + 86400, **terms)


def _azurite() -> Path:
    """Give Azurite's program out of the user's cache; npm puts it there the first time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "maas_client" / f"azurite-{AZURITE}"
    program = cache / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    npm = shutil.which("npm")
    if program.exists():
        return program
    if npm is None:
        raise Absent("npm is not installed")
    cache.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache.parent) as made:
        command = [
            npm,
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
            made,
            f"azurite@{AZURITE}",
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=150, check=True)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise Absent(f"npm could not install azurite@{AZURITE} ({type(error).__name__})") from error
        Path(made).rename(cache)
        Path(made).mkdir()  # for the context to remove
    return program
