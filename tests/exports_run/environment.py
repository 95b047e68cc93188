"""The environment in which exports run: PyTorch, TRL, Olive and axolotl, apart from what development installs.

`python -m tests.exports_run.environment` makes it from pinned versions. pip installs PyTorch, since its configuration
says where this machine has the build for CPUs; elsewhere the index may give a larger one. Packages that cannot be had
make no error: the reason is kept, and the tests are skipped with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
HOME = Path(sys.prefix, "exports")
BIN = HOME / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = BIN / "python"
REASON = Path(sys.prefix, "exports-missing.txt")
"""Why there is no environment, where an attempt to make one has failed."""

RUN = os.environ.get("MAAS_EXPORTS") == "run"
"""Whether exports are to be run; read before the tests remove MAAS_* variables."""

PINS = ("--constraint", str(HERE / "constraints.txt"))


def main() -> None:
    """Make the environment, or keep the reason why it cannot be made."""
    REASON.unlink(missing_ok=True)
    uv = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet", "--python", str(PYTHON), *PINS]
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", *PINS]
    steps = (
        [sys.executable, "-m", "venv", "--clear", str(HOME)],
        [*pip, "torch"],
        [*uv, "--requirements", str(HERE / "requirements.txt")],
        [*uv, "--no-deps", "axolotl"],  # its own pins are for GPUs and other versions; its schema needs none of them
    )
    for step in steps:
        done = subprocess.run(
            step, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )  # the commands above
        if done.returncode:
            lines = [line for line in done.stdout.splitlines() if line.strip()]
            REASON.write_text(f"{Path(step[-1]).name} could not be installed: {' / '.join(lines[-3:])}\n", "utf-8")
            print(f"skipped: {REASON.read_text('utf-8').strip()}", file=sys.stderr)  # for a person
            return


def why_skipped() -> str | None:
    """Return why exports are not run here and now; None if they are."""
    if not RUN:
        return "`make exports` runs them, in an environment of their own"
    return REASON.read_text("utf-8").strip() if REASON.exists() else None


if __name__ == "__main__":
    main()
