"""Charges about retries: too early, too many, without back-off, or of requests that must not be retried."""

from collections.abc import Iterator
from itertools import pairwise

from mock_server.core.json_values import Json
from mock_server.journal.request_history import (
    IDEMPOTENT,
    consecutive_pairs,
    has_unknown_outcome,
    is_same_request,
    retry_after,
    retry_runs,
    seconds_between,
)

CLOCK_TOLERANCE = 0.05  # seconds by which clocks and schedulers may differ
HTTP_DATE_TOLERANCE = 1.0  # the resolution of an HTTP date
FINAL = frozenset({400, 401, 403, 404, 405, 409, 412, 413, 422})
RETRYABLE_CODES = frozenset(
    {
        "Md5Mismatch",  # data damaged in transit may arrive intact the next time
        "DeploymentNotFound",  # a Foundry deployment that has just been created
        "DeploymentNotReady",
    }
)
FINAL_RETRY_WINDOW = 5.0  # seconds within which an identical request counts as a retry of a final error
SAFE_POSTS = frozenset(  # POST requests that change nothing, or nothing more the second time
    {
        "chat.complete",
        "computes.list_nodes",
        "computes.scale",  # it sets values, and the second time the same
        "datastores.list_secrets",
        "endpoints.list_keys",
        "foundry.accounts.list_keys",
        "foundry.chat",
        "foundry.graders.run",
        "foundry.graders.validate",
        "foundry.uploads.part",  # a part that no one names is dropped
        "history.run_data",
        "jobs.cancel",
        "metrics.full",
        "metrics.list",
        "metrics.sample",
        "models.change",
        "models.change_container",
        "online_deployments.logs",
        "online_deployments.scale",
        "online_endpoints.list_keys",
        "online_endpoints.token",
        "scoring.chat",
        "scoring.score",
    }
)
LISTINGS = {
    "foundry.files.create": "foundry.files.list",
    "foundry.files.import": "foundry.files.list",
    "foundry.jobs.create": "foundry.jobs.list",
    "foundry.uploads.complete": "foundry.files.list",
    "foundry.webhooks.create": "foundry.webhooks.list",
}
"""Creations whose names the service chooses, and the operation that shows whether one was carried out."""
MAX_ATTEMPTS = 10
STORM_SECONDS = 60.0  # seconds within which that many attempts are a storm; slower ones are polls
IMMEDIATE_SECONDS = 0.1
STEADY_SECONDS = 5.0  # seconds between retries from which on a constant interval counts as back-off


def too_early(entries: list[Json]) -> Iterator[list[Json]]:
    """Find requests repeated before the Retry-After of their response had passed."""
    for first, second in consecutive_pairs(entries):
        wait = retry_after(first)
        slack = CLOCK_TOLERANCE if "," not in _retry_after_header(first) else HTTP_DATE_TOLERANCE
        if wait is not None and seconds_between(first, second) < wait - slack:
            yield [first, second]


def retried_final_error(entries: list[Json]) -> Iterator[list[Json]]:
    """Find requests repeated, with the same credential, although their response could not change."""
    for first, second in consecutive_pairs(entries):
        is_final = first["status"] in FINAL and retry_after(first) is None and first["method"] not in ("GET", "HEAD")
        codes = {first["code"], first["response_headers"].get("x-ms-error-code")}
        is_final = is_final and not codes & RETRYABLE_CODES
        if is_final and is_same_request(first, second) and seconds_between(first, second) < FINAL_RETRY_WINDOW:
            yield [first, second]


def retried_unsafe_request(entries: list[Json]) -> Iterator[list[Json]]:
    """Find retries of requests that are not idempotent and may have been carried out."""
    for first, second in consecutive_pairs(entries):
        is_unsafe = first["method"] not in IDEMPOTENT and first["operation"] not in SAFE_POSTS
        if is_unsafe and has_unknown_outcome(first) and not _was_looked_up(entries, first, second):
            yield [first, second]


def retry_storms(entries: list[Json]) -> Iterator[list[Json]]:
    """Find requests that were sent more than ten times in a minute because they failed."""
    for streak in retry_runs(entries):
        if len(streak) > MAX_ATTEMPTS and seconds_between(streak[0], streak[MAX_ATTEMPTS]) < STORM_SECONDS:
            yield streak


def no_back_off(entries: list[Json]) -> Iterator[list[Json]]:
    """Find failed requests repeated at once, or at a short constant interval, although no response asked for it."""
    for streak in retry_runs(entries):
        gaps = [seconds_between(first, second) for first, second in pairwise(streak) if retry_after(first) is None]
        at_once = len(gaps) >= 3 and max(gaps) < IMMEDIATE_SECONDS
        even = len(gaps) >= 4 and max(gaps) < STEADY_SECONDS and max(gaps) < 1.1 * min(gaps)
        if at_once or even:
            yield streak


def _was_looked_up(entries: list[Json], first: Json, second: Json) -> bool:
    """Return whether the client listed, between two creations, what the first one may have created."""
    listing = LISTINGS.get(first["operation"])
    between = False
    for entry in entries:
        if entry is second:
            return False
        if between and entry["operation"] == listing and entry["status"] == 200:
            return True
        between = between or entry is first
    return False


def _retry_after_header(entry: Json) -> str:
    headers = {name.lower(): value for name, value in entry["response_headers"].items()}
    value: str = headers.get("retry-after", "")
    return value
