"""The client under test, judged by what it sent: a pure reading of the journal."""

from collections.abc import Callable, Iterator

from mock_server.core.json_values import Json
from mock_server.journal import integrity_checks as carelessness, retry_checks as impatience

Check = Callable[[list[Json]], Iterator[list[Json]]]
CHECKS: tuple[tuple[str, str, Check], ...] = (
    ("retried too early", "a request was repeated before its Retry-After was over", impatience.too_early),
    (
        "retried what must not be retried",
        "a request was repeated though its answer could not change",
        impatience.final,
    ),
    (
        "retried what must not be retried",
        "a request that may have been carried out was sent again",
        impatience.unsafe,
    ),
    ("retry storm", "a failing request was sent more than ten times in a minute", impatience.storms),
    ("no back-off", "a failing request was repeated at once, or at a steady pace", impatience.no_back_off),
    ("created twice", "the same body created two resources under two names", carelessness.created_twice),
    (
        "ignored a truncated stream",
        "a conversation went on from an answer whose stream had been cut",
        carelessness.took_for_whole,
    ),
    (
        "credentials sent where they don't belong",
        "a credential went to a foreign host, to another service, or beside a signature",
        carelessness.misdirected,
    ),
    (
        "uploaded what was there already",
        "bytes were sent again to a place that had acknowledged them",
        carelessness.uploaded_in_vain,
    ),
)


def judge(entries: list[Json]) -> Json:
    """Give every charge with the entries that show it; none means a clean client."""
    charges = [
        {"charge": name, "because": because, "requests": shown}
        for name, because, check in CHECKS
        for shown in check(entries)
    ]
    return {"verdict": "guilty" if charges else "clean", "charges": charges, "requests": len(entries)}
