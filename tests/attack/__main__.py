"""Attack the clients and the mock server for a while: `python -m tests.attack [--seconds N] [--seed N] [ATTACK …]`.

Prints what each attack came to. The exit code is 1 if anything was found that should never be.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))  # as pytest has it (`pythonpath` in pyproject.toml)

from tests.attack import canceller, hostile, killer, rebinding
from tests.attack.figures import Figures

SECONDS = 240
"""For all attacks together."""

Attack = Callable[[Sequence[int], Figures], None]

ATTACKS: Mapping[str, tuple[Attack, int]] = {
    "hostile": (hostile.attack, 120),
    "canceller": (canceller.attack, 20),
    "killer": (killer.attack, 2),
    "rebinding": (rebinding.attack, 20),
}
"""Each attack by its name, and the seeds that it is given at once."""


def attacked(name: str, first: int, seconds: float) -> Figures:
    """Repeat an attack with one seed after another until its time is over, and print its figures."""
    attack, portion = ATTACKS[name]
    figures, begun = Figures(name), monotonic()
    for start in count(first, portion):
        attack(range(start, start + portion), figures)
        if monotonic() - begun >= seconds:
            break
    print("\n".join(figures.lines(monotonic() - begun)), flush=True)
    return figures


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line asks for."""
    options = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    options.add_argument("attacks", nargs="*", metavar="ATTACK", help=f"which ({', '.join(ATTACKS)}); all by default")
    options.add_argument("--seconds", type=float, default=SECONDS, help=f"for all of them together ({SECONDS})")
    options.add_argument("--seed", type=int, default=0, help="the seed of the first round (0)")
    asked = options.parse_args(words)
    names: Sequence[str] = asked.attacks or list(ATTACKS)
    if unknown := set(names) - set(ATTACKS):
        options.error(f"there is no attack {', '.join(sorted(unknown))}; there are {', '.join(ATTACKS)}")
    with TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state  # uploads are not remembered among the developer's own
        logging.getLogger("maas_client").addHandler(logging.NullHandler())
        found = [attacked(name, asked.seed, asked.seconds / len(names)) for name in names]
    return int(any(figures.failures for figures in found))


if __name__ == "__main__":
    sys.exit(main())
