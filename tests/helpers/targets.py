"""What `make test` leaves out; `make test-all` runs every test. Reasons are libraries, programs or minutes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

TESTS = Path(__file__).parents[1]
ALL = os.environ.get("MAAS_TESTS") == "all"
"""Whether everything runs; read before the tests remove MAAS_* variables."""

LEFT_OUT: Mapping[str, str] = {
    "attack": "minutes of attacks by several processes",
    "chaos": "minutes of whole jobs under random faults",
    "docs": "Sphinx and a browser",
    "examples": "jupyter, dask and processes of their own",
    "fuzz": "minutes of random input",
    "judges": "Microsoft's SDKs, MLflow, OpenAI's client and Azurite",
    "notebook": "jupyter and a browser",
    "ui": "a browser",
}
"""By folder or file below `tests`: what it takes."""


def is_left_out(path: Path) -> bool:
    """Say whether `make test` does not run a test file or folder."""
    below = path.relative_to(TESTS).as_posix() if path.is_relative_to(TESTS) else ""
    return any(below == entry or below.startswith(f"{entry}/") for entry in LEFT_OUT)
