"""Requests as pages of other sites send them, with fixed seeds; `make attack` sends more."""

from __future__ import annotations

import os

from tests.attack import rebinding
from tests.attack.figures import Figures

THOROUGH = "MAAS_THOROUGH" in os.environ
FIRST = 1_000_000


def test_no_page_of_another_site_is_answered() -> None:
    figures = Figures("rebinding")
    rebinding.attack(range(FIRST, FIRST + (60 if THOROUGH else 6)), figures)
    assert figures.failures == []
    assert figures.counts["answered 403"] >= 100
