"""Recordings as exchanges to compare."""

from __future__ import annotations

from pathlib import Path

from ..core.errors import InvalidInput
from ..recording.cassette import read_cassette
from ..recording.exchange import Exchange as Recorded
from .exchange import Exchange


def read_recording(path: Path) -> tuple[Exchange, ...]:
    """Read a recording.

    Args:
        path: the file.

    Returns:
        Its exchanges, in their order.

    Raises:
        InvalidInput: a line is no exchange of a recording, or of another version of the format; or there is none.
        OSError: the file cannot be read.
    """
    read = tuple(compared(one) for one in read_cassette(path))
    if not read:
        raise InvalidInput(f"{path} has no exchanges: record some requests with `maas record` first")
    return read


def compared(recorded: Recorded) -> Exchange:
    """Return a recorded exchange in the form that is compared."""
    return Exchange(
        number=recorded.n,
        method=recorded.method,
        url=recorded.url,
        at=recorded.at,
        operation=recorded.operation or "",
        status=recorded.status,
        failure=recorded.failure or "",
        headers=recorded.headers,
        body=recorded.body,
        request_headers=recorded.request_headers,
        request_body=recorded.request_body,
        credential=recorded.credential,
    )
