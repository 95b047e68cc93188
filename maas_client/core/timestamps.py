"""Timestamps in the services' formats: ISO 8601, and seconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime


def parse_timestamp(text: str) -> datetime | None:
    """Parse the service's timestamp; return None if it is not valid."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def unix_timestamp(seconds: object) -> str:
    """Return seconds since 1970, as OpenAI's API counts time, in ISO 8601; empty if they are not a valid time."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return ""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return ""
