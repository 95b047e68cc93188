"""Durations in ISO 8601, such as `PT1M30S`, as Resource Manager writes them."""

from __future__ import annotations

import re

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?"
    r"(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}


def parse_duration(text: object) -> float | None:
    """Return the seconds of a duration; None for anything else, and for months and years, which have no length."""
    found = _DURATION.fullmatch(text.strip().upper()) if isinstance(text, str) and len(text) < 64 else None
    if found is None or not any(found.groups()):
        return None
    return sum(float(number) * _SECONDS[unit] for unit, number in found.groupdict().items() if number)


def iso_duration(seconds: float) -> str:
    """Return seconds as Azure's own clients write them: hours, minutes and seconds without zeros, `PT0S` for none."""
    hours, rest = divmod(round(seconds, 3), 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{int(number)}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number]
    if rest or not parts:
        parts.append(f"{round(rest, 3):g}S")
    return f"PT{''.join(parts)}"
