"""Parsers under broken inputs: for seconds here, for as long as you like with `python -m tests.fuzz SECONDS`."""

from __future__ import annotations

import os

import pytest

from tests.fuzz.fuzzing import fuzz, seeds
from tests.fuzz.targets import TARGETS

SECONDS = 40.0 if os.environ.get("MAAS_THOROUGH") else 4.0


@pytest.mark.parametrize("target", TARGETS)
def test_every_saved_input_is_handled(target: str) -> None:
    assert seeds(target)
    for data in seeds(target):
        TARGETS[target](data)


def test_broken_inputs_are_handled() -> None:
    outcome = fuzz(SECONDS)
    assert outcome.failed == {}
    assert outcome.inputs > 500
