"""Queries on the journal: which requests repeat another, and how long a client waited in between."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from itertools import pairwise

from mock_server.core.json_values import Json, number, text

IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})


def group_by_target(entries: list[Json]) -> list[list[Json]]:
    """Group requests by method and address, each group in order of time."""
    groups: dict[tuple[str, str], list[Json]] = {}
    for entry in entries:
        groups.setdefault((entry["method"], entry["url"]), []).append(entry)
    return list(groups.values())


def consecutive_pairs(entries: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield each request with the next one of the same method and address."""
    for requests in group_by_target(entries):
        yield from pairwise(requests)


def retry_runs(entries: list[Json]) -> Iterator[list[Json]]:
    """Yield runs of one request repeated because it failed; the last attempt may have succeeded."""
    for requests in group_by_target(entries):
        streak: list[Json] = []
        for entry in requests:
            if streak and not (failed_transiently(streak[-1]) and is_same_request(streak[-1], entry)):
                yield streak
                streak = []
            streak.append(entry)
        yield streak


def is_same_request(first: Json, second: Json) -> bool:
    """Return whether two requests had the same body and credential, and the same source if they are copies."""
    equal = content_digest(first) == content_digest(second) and first["credential"] == second["credential"]
    return equal and copy_source_of(first) == copy_source_of(second)


def content_digest(entry: Json) -> str:
    """Return the hash of what a request sent: of the file in a form, whose boundary differs every time, or the body."""
    digest: str = entry.get("content_sha256") or entry["request_sha256"]
    return digest


def copy_source_of(entry: Json) -> tuple[str, str, str] | None:
    """Return the source of a copy request (address, range, version); None if the request sent the bytes itself."""
    headers: Json = entry["request_headers"]
    if "x-ms-copy-source" not in headers:
        return None
    source, part, version = (
        text(headers, name) for name in ("x-ms-copy-source", "x-ms-source-range", "x-ms-source-if-match")
    )
    return source, part, version


def failed_transiently(entry: Json) -> bool:
    """Return whether a request failed in a way that may be temporary."""
    return has_unknown_outcome(entry) or entry["status"] in (408, 429)


def has_unknown_outcome(entry: Json) -> bool:
    """Return whether a client cannot know if its request was carried out."""
    return entry["status"] is None or entry["status"] >= 500


def seconds_between(first: Json, second: Json) -> float:
    """Return the wait on the wall clock or the workspace's clock, whichever is longer: a client may use either."""
    on_wall: float = second["time"] - first["ended"]
    on_clock: float = second["clock"] - first["clock_ended"]
    return max(on_wall, on_clock)


def retry_after(entry: Json) -> float | None:
    """Return the seconds that a response's Retry-After asks for, or None."""
    headers = {name.lower(): value for name, value in entry["response_headers"].items()}
    for name, unit in (("retry-after-ms", 1000.0), ("x-ms-retry-after-ms", 1000.0)):
        milliseconds = number(headers.get(name))
        if milliseconds is not None:
            return milliseconds / unit
    value = text(headers, "retry-after")
    seconds = number(value)
    if seconds is not None or not value:
        return seconds
    try:
        ended: float = entry["ended"]
        return parsedate_to_datetime(value).timestamp() - ended
    except (TypeError, ValueError, OverflowError):
        return None
