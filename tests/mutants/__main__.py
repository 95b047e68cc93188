"""Break each guard in turn, in a copy of the project, and see that the tests fail: `python -m tests.mutants`.

Words on the command line choose the guards whose description holds one of them. The exit code is 1 if a guard can be
broken unnoticed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants.guards import GUARDS, Guard

ROOT = Path(__file__).parents[2]
COPIED = ("maas_client", "mock_server", "benchmarks", "tests", "examples", "docs", "pyproject.toml")
SHARED = "shared"
LONGEST = 600.0
"""Seconds that the tests of one guard may take."""

FAILED = 1, 2
"""pytest's exit codes for tests that failed: with several workers the first failure is an interruption."""


def main() -> int:
    """Try them all and say what became of each."""
    words = sys.argv[1:]
    chosen = [guard for guard in GUARDS if not words or any(word in guard.what for word in words)]
    survived = 0
    with TemporaryDirectory(prefix="maas-mutants-") as folder:
        project = Path(folder) / "project"
        project.mkdir()
        for name in COPIED:
            _copy(ROOT / name, project / name)
        if (ROOT.parent / SHARED).exists():
            (project.parent / SHARED).symlink_to(ROOT.parent / SHARED)
        for guard in chosen:
            first = _first_failure(project, guard)
            survived += not first
            print(f"{'noticed' if first else 'UNNOTICED':<10} {guard.what}{f': {first}' if first else ''}", flush=True)
    print(f"{len(chosen)} guards broken, {len(chosen) - survived} noticed")
    return int(survived > 0)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _first_failure(project: Path, guard: Guard) -> str:
    """Run a guard's tests while it is broken; return the first that failed, or nothing."""
    file = project / guard.package / guard.file
    whole = file.read_text("utf-8")
    file.write_text(whole.replace(guard.text, guard.broken), "utf-8")
    try:
        environment = {**os.environ, "PYTHONPATH": str(project)}  # also for the processes that tests start elsewhere
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "2", "-p", "no:cacheprovider", *guard.tests]
        with subprocess.Popen(
            command,
            cwd=project,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        ) as running:
            try:
                output, _ = running.communicate(timeout=LONGEST)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)  # with the workers of pytest-xdist
                return f"its tests did not end within {LONGEST} s"
    finally:
        file.write_text(whole, "utf-8")
    failures = [line for line in output.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failures[0].partition(" - ")[0] if running.returncode in FAILED and failures else ""


if __name__ == "__main__":
    sys.exit(main())
