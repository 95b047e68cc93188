"""Durations in ISO 8601, such as PT5M: read, and written as the service writes them."""

import re

_DURATION = re.compile(r"P(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8}(?:\.\d{1,6})?)S)?)?\Z", re.ASCII)


def parse(duration: object) -> float | None:
    """Return a duration in seconds, or None for anything else than a duration."""
    match = _DURATION.match(duration) if isinstance(duration, str) else None
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def dump(seconds: float) -> str:
    """Return a number of seconds as a duration: 300 as PT5M."""
    whole = int(seconds)
    parts = ((whole // 3600, "H"), (whole // 60 % 60, "M"), (whole % 60, "S"))
    return "PT" + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0S")
