"""Names of jobs and endpoints for completion, from a file: a shell that completes never waits for the service.

Completion reads the file and opens no connection. If the file is old, another process refreshes it in the background,
for the next completion.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...core.json_fields import is_object, items

FRESH = 30.0
"""Seconds for which names are used without a refresh."""

BETWEEN_REFRESHES = 10.0
"""Seconds between two attempts to refresh, so that pressing Tab repeatedly starts one process."""

LARGEST = 1 << 20
"""Maximum bytes of the file that are read."""


@dataclass(frozen=True, slots=True)
class NameCache:
    """The file with the names of one workspace."""

    path: Path

    def names(self, kind: str) -> list[str]:
        """Return the names of jobs or endpoints; none if the file is missing or damaged."""
        with suppress(OSError, ValueError):
            with self.path.open("rb") as opened:
                found: object = json.loads(opened.read(LARGEST))
            return [name for name in items(found, kind) if isinstance(name, str)] if is_object(found) else []
        return []

    def write(self, names: Mapping[str, Sequence[str]]) -> None:
        """Replace the file at once, readable by its owner only."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self.path.with_suffix(f".{os.getpid()}")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps({kind: list(each) for kind, each in names.items()}), "utf-8")
        temporary.replace(self.path)

    def is_due(self, now: float) -> bool:
        """Return whether the names are old, and no process has begun to refresh them just now."""
        return now - _changed(self.path) > FRESH and now - _changed(self._attempt) > BETWEEN_REFRESHES

    def begin(self, now: float) -> None:
        """Record that a process begins to refresh the names."""
        self._attempt.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._attempt.touch(mode=0o600)
        os.utime(self._attempt, (now, now))

    @property
    def _attempt(self) -> Path:
        return self.path.with_suffix(".attempt")


def known_names(kind: str, cache: NameCache, *, now: float, refresh: Callable[[], object]) -> list[str]:
    """Return the names in the cache, and call `refresh`, which must not wait, if they are due."""
    with suppress(OSError):
        if cache.is_due(now):
            cache.begin(now)
            refresh()
    return cache.names(kind)


def cache_for(options: Mapping[str, str | None], environ: Mapping[str, str], directory: Path) -> NameCache:
    """Return the cache of the workspace that these options, variables and working directory select.

    The settings themselves are not resolved: importing what does that takes longer than the completion.
    """
    selecting = {name: value for name, value in environ.items() if name.startswith(("AZURE", "FOUNDRY_", "MAAS_"))}
    key = json.dumps([dict(options), selecting, str(directory)], sort_keys=True)
    return NameCache(_folder(environ) / f"names-{hashlib.sha256(key.encode()).hexdigest()[:16]}.json")


def _folder(environ: Mapping[str, str]) -> Path:
    """Return the folder for caches: XDG_CACHE_HOME, %LOCALAPPDATA% on Windows, else ~/.cache."""
    base = environ.get("XDG_CACHE_HOME", "") or (environ.get("LOCALAPPDATA", "") if os.name == "nt" else "")
    return (Path(base) if base else Path.home() / ".cache") / "maas"


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
