"""Azurite, Microsoft's storage emulator: installed once into the user's cache, started on loopback, ended by its id."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

VERSION = "3.35.0"
ACCOUNT = "devstoreaccount1"
# Azurite's documentation publishes this key; it opens nothing else.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
INSTALL_SECONDS = 150
START_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Azurite:
    """A running Azurite."""

    url: str


@contextmanager
def start(folder: Path) -> Generator[Azurite]:
    """Run Azurite on any free port of loopback for as long as the block."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Azurite needs node, which is not installed")
    program = _installed() / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [node, str(program), "--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence"]
    command += ["--skipApiVersionCheck", "--silent", "--disableTelemetry"]
    with (
        (folder / "log.txt").open("wb") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as running,
    ):
        try:
            _await(port, running)
            yield Azurite(f"http://127.0.0.1:{port}/{ACCOUNT}")
        finally:
            running.terminate()
            running.wait(10)


def _installed() -> Path:
    """Give the folder in which npm has put Azurite; it is put there the first time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "maas_client"
    place = cache / f"azurite-{VERSION}"
    if place.is_dir():
        return place
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("Azurite needs npm, which is not installed")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as made:
        command = [
            npm,
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
            made,
            f"azurite@{VERSION}",
        ]
        try:
            ended = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm did not install Azurite within {INSTALL_SECONDS} seconds")
        if ended.returncode:
            pytest.skip(f"npm could not install Azurite: {ended.stderr.strip()[-300:]}")
        if not place.exists():  # another session may have been faster
            Path(made).rename(place)
            Path(made).mkdir()  # for the context to remove
    return place


def _await(port: int, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and running.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.skip(f"Azurite did not answer within {START_SECONDS} seconds (its exit code: {running.poll()})")
