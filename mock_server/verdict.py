"""The client under test, judged by what it sent: a pure reading of the journal."""

from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from itertools import pairwise

from mock_server.values import Json, number, text

EARLY = 0.05  # seconds that clocks and schedulers may differ by
FINAL = frozenset({400, 401, 403, 404, 405, 409, 412, 413, 422})
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
CREATIONS = frozenset({"jobs.create", "endpoints.create", "data.create"})
WINDOW = 5.0  # seconds within which the same request again counts as a retry of a final refusal


def judge(entries: list[Json]) -> Json:
    """Give every charge with the entries that show it; none means a clean client."""
    charges = [
        {"charge": name, "because": because, "requests": shown}
        for name, because, check in CHECKS
        for shown in check(entries)
    ]
    return {"verdict": "guilty" if charges else "clean", "charges": charges, "requests": len(entries)}


def _retried_early(entries: list[Json]) -> Iterator[list[Json]]:
    for first, second in _repeats(entries):
        wait = _retry_after(first)
        if wait is not None and _between(first, second) < wait - EARLY:
            yield [first, second]


def _retried_final(entries: list[Json]) -> Iterator[list[Json]]:
    for first, second in _repeats(entries):
        if first["status"] in FINAL and _retry_after(first) is None and first["method"] != "GET":
            soon = second["time"] - first["time"] < WINDOW
            if (
                soon
                and first["request_sha256"] == second["request_sha256"]
                and first["credential"] == second["credential"]
            ):
                yield [first, second]


def _retried_unsafe(entries: list[Json]) -> Iterator[list[Json]]:
    for first, second in _repeats(entries):
        lost = first["status"] is None or first["status"] >= 500
        if lost and first["method"] not in REPEATABLE and first["operation"] != "chat.complete":
            yield [first, second]


def _created_twice(entries: list[Json]) -> Iterator[list[Json]]:
    made: dict[tuple[str, str, str], Json] = {}
    for entry in entries:
        if entry["operation"] not in CREATIONS or entry["status"] != 201:
            continue
        key = (entry["operation"], entry["request_sha256"], entry["workspace"])
        if key in made and made[key]["url"] != entry["url"]:
            yield [made[key], entry]
        made[key] = entry


CHECKS: tuple[tuple[str, str, Callable[[list[Json]], Iterator[list[Json]]]], ...] = (
    ("retried too early", "a request was repeated before its Retry-After was over", _retried_early),
    ("retried a final refusal", "a request was repeated though its answer could not change", _retried_final),
    ("retried what must not be", "a request that may have been carried out was sent again", _retried_unsafe),
    ("created twice", "the same body created two resources under two names", _created_twice),
)


def _repeats(entries: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Give each request with the next one of the same method and address."""
    lanes: dict[tuple[str, str], list[Json]] = {}
    for entry in entries:
        lanes.setdefault((entry["method"], entry["url"]), []).append(entry)
    for lane in lanes.values():
        yield from pairwise(lane)


def _between(first: Json, second: Json) -> float:
    """Measure the wait on the wall clock or the workspace's, whichever says more: a client may wait on either."""
    on_wall: float = second["time"] - first["ended"]
    on_clock: float = second["clock"] - first["clock_ended"]
    return max(on_wall, on_clock)


def _retry_after(entry: Json) -> float | None:
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
