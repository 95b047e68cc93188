"""The time from a file's upload until the service has processed it: patience with a fresh file, errors with reasons."""

from __future__ import annotations

from functools import partial

from ..core.errors import NotFound, OperationFailed
from ..core.json_fields import Document, text
from ..core.redaction import redact
from ..core.url_paths import segment
from ..http.polling import POLL_TIMEOUT, Polling, Wait, resume_note, start_clock
from ..http.retry import NO_RETRY, poll_intervals, retry_after
from .connection import FoundryConnection
from .file_names import dataset_of

PROCESSED = "processed"
FAILED = frozenset({"error", "deleted", "deleting"})
"""Statuses of files that no job can use. Any other is of a file that is not finished, also one that is not known."""

FIRST_POLL, LONGEST_POLL = 2.0, 15.0
"""Seconds between two polls, at first and in the end; azd's extension polls every 2 s, openai's helper every 5 s."""

TIMEOUT = 3600.0
"""Seconds until a wait gives up: an import from a URL may take an hour; openai's helper waits half an hour."""

# Assumption: The service knows a file at most two minutes after it was uploaded, and answers 404 until then.
# Shown wrong by: 404 for the file later than that, or another status meanwhile.
# Verified by: upload file
# If wrong: NotFound for a file that is there a little later; the same upload finds it.
GRACE = 120.0
"""Seconds for which a file that was just uploaded may be unknown to the service."""


def is_usable(document: Document) -> bool:
    """Return whether a file is processed, or will be."""
    return text(document, "status") not in FAILED


async def until_processed(connection: FoundryConnection, document: Document, resume: str) -> Document:
    """Poll a file until it is processed, and return its document. Processed says nothing about its rows.

    Args:
        connection: to the account.
        document: the file as the service returned it when it was created, or listed.
        resume: how to wait again, for errors.

    Raises:
        OperationFailed: the service rejected the file, with its reason.
        NotFound: the file was deleted.
        WaitTimeout: the file is not processed after an hour.
    """
    wire, identifier = connection.wire, text(document, "id")
    wait = Wait(f"file {text(document, 'filename') or identifier!r}", resume, start_clock(wire), TIMEOUT, seen=True)
    intervals = poll_intervals(FIRST_POLL, LONGEST_POLL)

    def pause(asked: float | None) -> float:
        how = f"is not processed yet ({text(document, 'status') or 'no status'})"
        return wait.pause(wait.next_pause(how, next(intervals), asked, dataset_of(document)), asked)

    if _is_processed(document):
        return document
    with resume_note(wait.what, resume):
        async for found in Polling(wire, wait, partial(_look, connection, identifier, wait), pause, delay=FIRST_POLL):
            document = found or document
            if found is not None and _is_processed(document):
                return document
    raise AssertionError("unreachable: polling ends with a result or an error")


async def _look(connection: FoundryConnection, identifier: str, wait: Wait) -> tuple[Document | None, float | None]:
    """Return a file's document, or None if the service does not know the file yet."""
    path = f"/files/{segment(identifier)}"
    try:
        document, reply = await connection.request("GET", path, policy=NO_RETRY, timeout=POLL_TIMEOUT)
    except NotFound:
        if wait.seconds > GRACE:
            raise
        return None, None
    return document, retry_after(reply)


def _is_processed(document: Document) -> bool:
    """Return whether a file is processed; raise OperationFailed for one that never will be."""
    status = text(document, "status")
    if status in FAILED:
        reason = text(document, "error", "message") or text(document, "status_details")
        name = text(document, "filename")
        raise OperationFailed(
            f"file {redact(name)!r}, {text(document, 'id')}",
            status=f"ended as {status!r}",
            code=text(document, "error", "code"),
            detail=reason,
        )
    return status == PROCESSED
