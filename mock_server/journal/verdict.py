"""The verdict on the client under test: a pure function of the journal."""

from collections.abc import Callable, Iterator

from mock_server.core.json_values import Json
from mock_server.journal import integrity_checks, retry_checks

Check = Callable[[list[Json]], Iterator[list[Json]]]
CHECKS: tuple[tuple[str, str, Check], ...] = (
    ("retried too early", "a request was repeated before its Retry-After had passed", retry_checks.too_early),
    (
        "retried what must not be retried",
        "a request was repeated although its response could not change",
        retry_checks.retried_final_error,
    ),
    (
        "retried what must not be retried",
        "a request that may have been carried out was sent again",
        retry_checks.retried_unsafe_request,
    ),
    ("retry storm", "a failing request was sent more than ten times in a minute", retry_checks.retry_storms),
    ("no back-off", "a failing request was repeated at once, or at a constant interval", retry_checks.no_back_off),
    ("created twice", "the same body created two resources under two names", integrity_checks.created_twice),
    (
        "ignored a truncated stream",
        "a conversation continued from a response whose stream had been cut",
        integrity_checks.continued_after_cut_stream,
    ),
    (
        "credentials sent where they don't belong",
        "a credential went to a foreign host, to another service, or next to a signature",
        integrity_checks.misdirected_credentials,
    ),
    (
        "uploaded what was there already",
        "bytes were sent again to a place that had acknowledged them",
        integrity_checks.redundant_uploads,
    ),
)
CHARGES = tuple(dict.fromkeys(name for name, _, _ in CHECKS))
"""The names of all charges."""


def judge(entries: list[Json]) -> Json:
    """Return every charge with the entries that show it; no charges mean a clean client."""
    charges = [
        {"charge": name, "because": because, "requests": shown}
        for name, because, check in CHECKS
        for shown in check(entries)
    ]
    return {"verdict": "guilty" if charges else "clean", "charges": charges, "requests": len(entries)}
