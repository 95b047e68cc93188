"""One reading of a dataset, alone in its process, so that neither imports nor memory mix.

`python -m benchmarks.dataset_child NAME FILE` prints what it took, as JSON, without imports and other preparations.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.processes import peak_mib

Work = Callable[[Path], int]
"""Reads a file and returns how many rows it found right; the bytes that it sent, if it uploads."""


def _check_and_hash(*, survey: bool) -> Work:
    """Check and hash in one reading, as an upload does."""
    from maas_client import CheckOptions
    from maas_client.transfers.file_identity import identity_of
    from maas_client.transfers.uploads.hashing import FileHashing

    def work(path: Path) -> int:
        checker = CheckOptions(survey=survey).checker(name=path.name)
        reading = FileHashing(path, identity_of(path), block_size=1 << 20, checksums=False, listener=checker.feed)
        reading.run()
        reading.wait_for_listener()
        reading.close()
        return checker.finish().kept

    return work


def _check(*, jobs: int) -> Work:
    """Check alone, in this many processes."""
    from maas_client import CheckOptions, check_file

    return lambda path: check_file(path, CheckOptions(survey=False), jobs=jobs).kept


def _default(*, jobs: int | None = None) -> Work:
    """Check with everything that is on by default; in as many processes as the command line takes without `jobs`."""
    from maas_client import check_file
    from maas_client.cli.commands.check import processes_for

    return lambda path: check_file(path, jobs=jobs or processes_for(path)).kept


def _upload(*, check: bool) -> Work:
    """Upload to the workspace that the environment names."""
    from maas_client import MaasClient

    def work(path: Path) -> int:
        with MaasClient.from_env() as maas:
            return maas.datasets.upload(path, check=check).bytes_sent

    return work


def _together() -> Work:
    """Look whether each line is a JSON object, with together's own code."""
    check: Callable[[Path], dict[str, Any]] = import_module("together.lib.utils.files").check_file

    def work(path: Path) -> int:
        report = check(path)
        return int(report["num_samples"]) if report["is_check_passed"] else 0

    return work


def _pydantic() -> Work:
    """Validate each line."""
    from benchmarks.dataset_pydantic import right_rows

    return right_rows


def _cookbook() -> Work:
    """Check each line as the cookbook does."""
    from benchmarks.dataset_cookbook import right_rows

    return right_rows


READINGS: Mapping[str, Callable[[], Work]] = {
    "check and hash": lambda: _check_and_hash(survey=False),
    "check, hash and survey": lambda: _check_and_hash(survey=True),
    "default check": lambda: _default(jobs=1),
    "default check, all processors": _default,
    "check": lambda: _check(jobs=1),
    "check in two": lambda: _check(jobs=2),
    "upload": lambda: _upload(check=False),
    "check and upload": lambda: _upload(check=True),
    "together": _together,
    "pydantic": _pydantic,
    "cookbook": _cookbook,
}


def main() -> int:
    """Read once and print what it took."""
    name, path = sys.argv[1:]
    work = READINGS[name]()
    began = time.perf_counter()
    right = work(Path(path))
    taken = (time.perf_counter() - began) * 1000
    print(json.dumps({"milliseconds": taken, "peak_mib": peak_mib(), "right": right}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
