"""What comes with an installation, looked into: `python -m tests.supply audit | licences`.

`audit` asks the advisory database about every pinned package, by pip-audit. `licences` writes the list in the docs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.supply.packages import needed

ROOT = Path(__file__).parents[2]
LICENCES = ROOT / "docs" / "licences.md"
PIP_AUDIT = "pip-audit==2.10.1"
HEAD = (
    "# Installed packages and their licences",
    "",
    "Every installed package, direct or transitive, on Python 3.11. `make licences` writes this list.",
    "",
    "| package | licence | comes with |",
    "|---|---|---|",
)
LONGEST = 300.0
"""Seconds for the whole audit."""


def table() -> str:
    """Write the packages of the core and of the mock server with their licences."""
    core, server = needed(), needed(frozenset({"mock"}))
    rows = [(name, licence, "core" if name in core else "mock") for name, licence in server.items()]
    return "\n".join([*HEAD, *(f"| {' | '.join(row)} |" for row in rows), ""])


def audit() -> int:
    """Look every pinned package up; 1 if one is known to be vulnerable. Says so when nothing could be looked up."""
    command = [sys.executable, "-m", "uv", "tool", "run", "--from", PIP_AUDIT, "pip-audit"]
    options = ["--requirement", str(ROOT / "constraints.txt"), "--no-deps", "--disable-pip", "--format", "json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False, timeout=LONGEST)
    if not done.stdout.startswith("{"):
        print(f"pip-audit failed:\n{done.stderr}", file=sys.stderr)
        return 1
    packages = json.loads(done.stdout)["dependencies"]
    looked_up = [each for each in packages if "vulns" in each]
    for package in looked_up:
        for vulnerability in package["vulns"]:
            fixed = ", ".join(vulnerability["fix_versions"]) or "nothing yet"
            print(f"{package['name']} {package['version']}: {vulnerability['id']}, fixed in {fixed}")
    if not looked_up:
        print(f"skipped: no advisories could be had for any of {len(packages)} packages: the database is out of reach")
        return 0
    vulnerable = [package for package in looked_up if package["vulns"]]
    print(f"{len(looked_up)} of {len(packages)} packages looked up, {len(vulnerable)} vulnerable")
    return int(bool(vulnerable))


def main() -> int:
    """Do what the command line asks for."""
    match sys.argv[1:]:
        case ["audit"]:
            return audit()
        case ["licences"]:
            LICENCES.write_text(table(), "utf-8")
            return 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main())
