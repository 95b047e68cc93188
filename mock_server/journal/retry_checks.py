"""Charges about sending again: too early, too often, too evenly, or at all."""

from collections.abc import Iterator
from itertools import pairwise

from mock_server.core.json_values import Json
from mock_server.journal.request_history import REPEATABLE, between, lost, repeats, retry_after, same, streaks

EARLY = 0.05  # seconds that clocks and schedulers may differ by
WHOLE_SECOND = 1.0  # what an HTTP date cannot say more exactly
FINAL = frozenset({400, 401, 403, 404, 405, 409, 412, 413, 422})
MENDED = frozenset({"Md5Mismatch"})  # what was damaged on its way may well arrive the next time
WINDOW = 5.0  # seconds within which the same request again counts as a retry of a final refusal
HARMLESS = frozenset(  # POST requests that change nothing, or nothing more the second time
    {
        "chat.complete",
        "datastores.list_secrets",
        "endpoints.list_keys",
        "history.run_data",
        "jobs.cancel",
        "metrics.full",
        "metrics.list",
        "metrics.sample",
    }
)
MOST_SENT = 10
STORM = 60.0  # seconds within which so many are a storm; later ones are polls of somebody who waits for better times
AT_ONCE = 0.1
EVEN = 5.0  # seconds between retries from which on a steady pace is patience enough


def too_early(entries: list[Json]) -> Iterator[list[Json]]:
    """Find requests repeated before the Retry-After of their answer was over."""
    for first, second in repeats(entries):
        wait = retry_after(first)
        slack = EARLY if "," not in _spelt(first) else WHOLE_SECOND
        if wait is not None and between(first, second) < wait - slack:
            yield [first, second]


def final(entries: list[Json]) -> Iterator[list[Json]]:
    """Find requests repeated, with the same credential, though their answer could not change."""
    for first, second in repeats(entries):
        is_final = first["status"] in FINAL and retry_after(first) is None and first["method"] not in ("GET", "HEAD")
        is_final = is_final and first["response_headers"].get("x-ms-error-code") not in MENDED
        if is_final and same(first, second) and between(first, second) < WINDOW:
            yield [first, second]


def unsafe(entries: list[Json]) -> Iterator[list[Json]]:
    """Find requests sent again that may have been carried out and do not bear it."""
    for first, second in repeats(entries):
        if lost(first) and first["method"] not in REPEATABLE and first["operation"] not in HARMLESS:
            yield [first, second]


def storms(entries: list[Json]) -> Iterator[list[Json]]:
    """Find requests that were sent more than ten times in a minute because they failed."""
    for streak in streaks(entries):
        if len(streak) > MOST_SENT and between(streak[0], streak[MOST_SENT]) < STORM:
            yield streak


def no_back_off(entries: list[Json]) -> Iterator[list[Json]]:
    """Find failed requests repeated at once, or at one short and steady pace, when no answer said how long to wait."""
    for streak in streaks(entries):
        gaps = [between(first, second) for first, second in pairwise(streak) if retry_after(first) is None]
        at_once = len(gaps) >= 3 and max(gaps) < AT_ONCE
        even = len(gaps) >= 4 and max(gaps) < EVEN and max(gaps) < 1.1 * min(gaps)
        if at_once or even:
            yield streak


def _spelt(entry: Json) -> str:
    headers = {name.lower(): value for name, value in entry["response_headers"].items()}
    value: str = headers.get("retry-after", "")
    return value
