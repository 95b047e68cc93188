"""`python -m tests.fuzz SECONDS [SEED]`: fuzz for so long, and say how many inputs there were and what failed."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

from tests.fuzz.fuzzing import fuzz

outcome = fuzz(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
sys.stdout.write(f"{outcome.inputs} inputs, {len(outcome.failed)} failures\n")
sys.stdout.writelines(f"{what}\n  {data!r}\n" for what, data in outcome.failed.items())
sys.exit(bool(outcome.failed))
