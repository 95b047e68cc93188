"""Parsing and formatting of durations."""

from __future__ import annotations

import re
from datetime import timedelta

_NUMBER = r"(\d{1,9}(?:\.\d{1,9})?)"
_SPAN = re.compile(rf"(?=.)(?:{_NUMBER}d)?(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?", re.ASCII)
_SECONDS = re.compile(_NUMBER, re.ASCII)
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def parse_duration(text: str) -> timedelta | None:
    """Parse a duration such as 90s, 30m, 2h or 1d12h; return None if it is invalid."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    seconds = sum(float(number) * unit for number, unit in zip(found.groups("0"), _UNITS.values(), strict=True))
    return timedelta(seconds=min(seconds, timedelta.max.total_seconds() / 2))


def parse_seconds(text: str) -> float | None:
    """Parse a duration as a number of seconds, with or without units; return None if it is invalid."""
    if _SECONDS.fullmatch(text):
        return float(text)
    span = parse_duration(text)
    return None if span is None else span.total_seconds()


def format_duration(span: timedelta) -> str:
    """Format a duration as h:mm:ss; negative durations (clock skew) become 0."""
    seconds = max(0, int(span.total_seconds()))
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def format_age(span: timedelta) -> str:
    """Format a duration with its two largest units, as in 1d12h or 5m30s; negative durations become 0s."""
    left = max(0, int(span.total_seconds()))
    parts: list[str] = []
    for unit, seconds in _UNITS.items():
        number, left = divmod(left, seconds)
        parts.append(f"{number}{unit}" if number else "")
    largest = next((index for index, part in enumerate(parts) if part), len(parts))
    return "".join(parts[largest : largest + 2]) or "0s"
