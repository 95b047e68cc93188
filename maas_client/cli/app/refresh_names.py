"""Refreshing the names for completion: `python -m maas_client.cli.app.refresh_names`, in the background."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from .known_names import NameCache

MOST = 200
"""Maximum number of names of each kind."""

LONGEST = 10.0
"""Seconds that each attempt of a request may take: no command waits for it, but the process has to end soon."""

_NOT_HANDED_ON = frozenset({"_MAAS_COMPLETE", "MAAS_RECORD", "_MAAS_RECORD_TABLE"})
"""Variables that are for the command of the user: what completion asks for is not recorded with it."""


def start(cache: NameCache, options: Mapping[str, str | None]) -> None:
    """Start a process that refreshes the names, and return at once."""
    command = [sys.executable, "-m", __name__, str(cache.path), json.dumps(dict(options))]
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows only
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON}
    subprocess.Popen(  # noqa: S603 -- this program itself
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=flags,
        env=environment,
    )


def refresh(cache: NameCache, options: Mapping[str, str | None]) -> None:
    """Write the names of the workspace's jobs and endpoints; an error leaves the names as they were."""
    from ...core.errors import MaasError, NotOffered
    from .session import Session

    selecting: dict[str, Any] = dict(options)
    session = Session(quiet=True, **selecting)
    with suppress(MaasError, OSError):
        wire = session.new_wire()
        with session.client(wire) as maas, wire.within(LONGEST):
            jobs = [job.name for job in islice(maas.jobs.list(), MOST)]
            with suppress(NotOffered):  # Foundry has no pipelines
                jobs += [job.name for job in islice(maas.jobs.list(kind="pipeline"), MOST)]
            endpoints = [endpoint.name for endpoint in islice(maas.endpoints.list(), MOST)]
        cache.write({"jobs": jobs, "endpoints": endpoints})


if __name__ == "__main__":
    refresh(NameCache(Path(sys.argv[1])), json.loads(sys.argv[2]))
