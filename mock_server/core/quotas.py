"""Quotas in virtual cores, as the server is given them: `FAMILY=N`, where `gpu` is every family with GPUs."""

import re
from collections.abc import Mapping

from mock_server.core.json_values import is_object

EVERY_GPU = "gpu"
LOW_PRIORITY = "lowpriority"
ACCEPTS = "names of families with a number of cores, such as gpu=1000, lowPriority=200, standardNCADSA100v4Family=48"
MOST = 1_000_000


def parse(given: object) -> dict[str, int] | None:
    """Return quotas by squeezed name, from `A=1 B=2` or an object; None if it is neither."""
    pairs = dict(given) if is_object(given) else _pairs(given)
    if pairs is None:
        return None
    found: dict[str, int] = {}
    for name, cores in pairs.items():
        number = int(cores) if isinstance(cores, str) and re.fullmatch(r"[0-9]{1,7}", cores) else cores
        if not _squeezed(name) or isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MOST:
            return None
        found[_squeezed(name)] = number
    return found


def written(quotas: Mapping[str, int]) -> str:
    """Return quotas as one line, the form in which a setting is kept."""
    return " ".join(f"{name}={cores}" for name, cores in quotas.items())


def _pairs(given: object) -> dict[str, str] | None:
    if not isinstance(given, str):
        return None
    parts = [part.partition("=") for part in given.split()]
    return {name: cores for name, _, cores in parts} if all(equals for _, equals, _ in parts) else None


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
