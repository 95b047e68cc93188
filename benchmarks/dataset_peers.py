"""Who else checks data sets: how the table calls them, what is asked of us beside them, and where they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.servers_peers import Absent

TOGETHER = "3.1.1"


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody else's check: its name, what the table calls it, the target of our time over its, what it needs set."""

    name: str
    shown: str
    target: float | None = None
    environment: Mapping[str, str] | None = None


def peers() -> Iterator[Peer]:
    """Give the peers that are here; the others are skipped by name."""
    try:
        environment = {"PYTHONPATH": str(_together())}
        yield Peer("together", f"together {TOGETHER} check_file", 0.4, environment)
    except Absent as reason:
        print(f"skipped: together: {reason}", file=sys.stderr)
    yield Peer("pydantic", f"pydantic {version('pydantic')}, TypedDict loop", 0.588)
    yield Peer("cookbook", "the checks of OpenAI's cookbook")


def _together() -> Path:
    """Give the folder that together is in, out of the user's cache; it is installed there the first time.

    It cannot stand beside the rest, which has a newer rich and a newer filelock than it bears (together 3.1.1).
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "maas_client"
    folder = cache / f"together-{TOGETHER}-{sys.implementation.cache_tag}"
    if folder.exists():
        return folder
    if find_spec("uv") is None:
        raise Absent("uv is not installed; `make bench` installs it")
    cache.mkdir(parents=True, exist_ok=True)
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    with TemporaryDirectory(dir=cache) as made:
        target = Path(made) / "together"
        try:
            command = [*install, "--target", str(target), f"together=={TOGETHER}"]
            subprocess.run(command, capture_output=True, timeout=150, check=True)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise Absent(f"uv could not install together=={TOGETHER} ({type(error).__name__})") from error
        shutil.move(target, folder)
    return folder
