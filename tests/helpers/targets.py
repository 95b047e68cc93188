"""What `make test` leaves out; `make test-all` runs every test. Reasons are libraries, programs or minutes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

TESTS = Path(__file__).parents[1]
ALL = os.environ.get("MAAS_TESTS") == "all"
"""Whether everything runs; read before the tests remove MAAS_* variables."""

LIBRARIES = "pyarrow, tokenizers or tiktoken"
PROCESSES = "minutes of processes that are killed"
MINUTES = "minutes"

LEFT_OUT: Mapping[str, str] = {
    "attack": "minutes of attacks by several processes",
    "chaos": "minutes of whole jobs under random faults",
    "cli/test_estimate_from_the_shell.py": LIBRARIES,
    "cli/test_watching_on_a_terminal.py": MINUTES,
    "datasets/test_bounds_of_tables.py": LIBRARIES,
    "datasets/test_convert_parquet.py": LIBRARIES,
    "datasets/test_dataset_documents.py": LIBRARIES,
    "datasets/test_estimate_cost.py": LIBRARIES,
    "datasets/test_estimate_tokens.py": LIBRARIES,
    "datasets/test_foundry_estimate.py": LIBRARIES,
    "datasets/test_tokens_reference.py": LIBRARIES,
    "datasets/test_tokens_report.py": LIBRARIES,
    "datasets/test_tokens_tokenizers.py": LIBRARIES,
    "docs": "Sphinx and a browser",
    "examples": "jupyter, dask and processes of their own",
    "exports/test_chat_templates.py": "jinja2",
    "exports_run": "PyTorch, TRL and Olive, in an environment of their own",
    "fuzz": "minutes of random input",
    "judges": "Microsoft's SDKs, MLflow, OpenAI's client and Azurite",
    "mock_server/test_durability.py": PROCESSES,
    "notebook": "jupyter and a browser",
    "oracle": "two versions of the datasets library",
    "planning/test_plan_schema.py": LIBRARIES,
    "promises/test_hostile_answers.py": MINUTES,
    "promises/test_no_secret_anywhere.py": MINUTES,
    "promises/test_patterns.py": MINUTES,
    "promises/test_scenarios.py": MINUTES,
    "promises/test_streams.py": MINUTES,
    "release/test_packages.py": "hatchling and twine",
    "transfers/downloads/test_faults_on_the_wire.py": MINUTES,
    "transfers/downloads/test_kills.py": PROCESSES,
    "transfers/downloads/test_memory.py": MINUTES,
    "transfers/uploads/test_kill_9.py": PROCESSES,
    "transfers/uploads/test_kill_9_on_azurite.py": "Azurite",
    "transfers/uploads/test_memory.py": "gigabytes of files",
    "ui": "a browser",
}
"""By folder or file below `tests`: what it takes."""


def is_left_out(path: Path) -> bool:
    """Say whether `make test` does not run a test file or folder."""
    below = path.relative_to(TESTS).as_posix() if path.is_relative_to(TESTS) else ""
    return any(below == entry or below.startswith(f"{entry}/") for entry in LEFT_OUT)
