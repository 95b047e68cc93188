"""Run the tests of `make test` beside four busy loops: `python -m tests.loaded [ARGUMENTS OF PYTEST]`."""

from __future__ import annotations

import subprocess
import sys

LOOPS = 4


def main(arguments: list[str]) -> int:
    """Return pytest's exit code; the loops end with it, however it ends."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(LOOPS)]
    try:
        return subprocess.run([sys.executable, "-m", "pytest", "-n", "auto", *arguments], check=False).returncode
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
