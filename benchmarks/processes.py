"""Child processes: how long one takes from its start to its end, and a server that runs while the block does."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Children:
    """Runs Python processes that keep their bytecode in one directory, as installed packages have it."""

    bytecode: Path

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return this process's environment without the developer's Azure settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE", "MAAS_", "OPENAI"))}
        own = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(self.bytecode), "NO_PROXY": "127.0.0.1"}
        return kept | own | dict(more or {})

    def milliseconds(self, arguments: Sequence[str], more: Mapping[str, str] | None = None) -> float:
        """Run a Python process to its end; return how long it took. One that fails ends the benchmark."""
        environment = self.environment(more)
        began = time.perf_counter()
        done = subprocess.run([sys.executable, *arguments], env=environment, cwd=ROOT, capture_output=True, check=False)
        took = time.perf_counter() - began
        if done.returncode:
            raise RuntimeError(f"python {' '.join(arguments)} failed:\n{done.stderr.decode()}")
        return took * 1000


def peak_mib(process: int | str = "self") -> float:
    """Return the most memory that a process has had; nan where the system does not report it (Linux does)."""
    status = Path(f"/proc/{process}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else float("nan")


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers. `start_ms` is the time from its process's start to its first answer."""

    endpoint: str
    pid: int
    start_ms: float

    def peak_mib(self) -> float:
        """Return its peak resident memory so far; nan where the system does not report it (Linux does)."""
        return peak_mib(self.pid)


@contextmanager
def server(children: Children, *arguments: str, path: str = "/_mock/health") -> Generator[Running]:
    """Start a server that writes its address to `--url-file`; hand it over once it has answered, and end it after."""
    with TemporaryDirectory(prefix="maas-bench-") as directory:
        url_file = Path(directory) / "url.json"
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments, "--url-file", str(url_file)],
            env=children.environment(),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        try:
            endpoint = _endpoint(url_file, process)
            _first_answer(endpoint, path)
            yield Running(endpoint, process.pid, (time.perf_counter() - began) * 1000)
        finally:
            process.terminate()
            process.wait()


def _endpoint(url_file: Path, process: subprocess.Popen[bytes]) -> str:
    """Wait for the address; looking every two milliseconds costs the server next to nothing."""
    end = time.perf_counter() + 30
    while not url_file.exists():
        if process.poll() is not None or time.perf_counter() > end:
            raise RuntimeError("the server did not start")
        time.sleep(0.002)
    endpoint: str = json.loads(url_file.read_text())["endpoint"]
    return endpoint


def _first_answer(endpoint: str, path: str) -> None:
    address = urlsplit(endpoint)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    connection.request("GET", path)
    if connection.getresponse().status != 200:
        raise RuntimeError(f"{endpoint}{path} did not answer")
    connection.close()
