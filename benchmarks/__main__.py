"""Measure everything and print one table; see the package's docstring for how to read it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import calls, command_line, drawing, foundry_uploads, imports, server_start
from benchmarks.harness import ROUNDS, Plan, Row, table
from benchmarks.processes import Children
from benchmarks.workspace import workspace


def measure(plan: Plan) -> Iterator[Row]:
    """Yield every row, as soon as it is measured."""
    with TemporaryDirectory(prefix="maas-bench-") as directory:
        children = Children(Path(directory) / "bytecode")
        yield from imports.rows(children, plan)
        yield from drawing.rows(plan)
        yield from foundry_uploads.rows(children, plan)
        with workspace(children) as running:
            yield from command_line.rows(children, plan, running)
            yield from calls.rows(plan, running)
            yield from server_start.rows(children, plan, running)


def main() -> int:
    """Run the benchmarks; the exit code is 0 unless `--strict` finds a row over its target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print a JSON array of rows")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a target is missed")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help="rounds per row (default: %(default)s)")
    options = parser.parse_args()
    if find_spec("openai") is None:
        parser.error("the peers are not installed; `make bench` installs them")
    rows: list[Row] = []
    for row in measure(Plan(rounds=options.rounds)):
        print(f"measured: {row.what}", file=sys.stderr)
        rows.append(row)
    print(json.dumps([row.to_dict() for row in rows], indent=2) if options.json else table(rows))
    return int(options.strict and any(row.verdict == "over" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
