"""Blob addresses: the container and blob name in a path, for each way to write the account."""

import re

from mock_server.core.errors import ServiceError
from mock_server.state.world import ACCOUNT

MAX_NAME_LENGTH = 1024
CONTAINER = re.compile(r"(?:[a-z0-9]|-(?=[a-z0-9])){3,63}\Z|\$root\Z|\$web\Z")


def locate(path: str) -> tuple[str, str]:
    """Return the container and the blob, '' for none, of a decoded path; rejects invalid names."""
    first, _, rest = path.lstrip("/").partition("/")
    container, _, blob = (rest if ".blob." in first else f"{first}/{rest}").partition("/")
    if ".blob." in first and first.partition(".blob.")[0] != ACCOUNT:
        raise ServiceError(
            404,
            "ResourceNotFound",
            f"The account {first.partition('.blob.')[0][:80]!r} does not exist here; it is {ACCOUNT!r}.",
        )
    if not CONTAINER.match(container):
        raise ServiceError(400, "InvalidResourceName", "The specified resource name contains invalid characters.")
    if len(blob) > MAX_NAME_LENGTH:
        raise ServiceError(400, "InvalidUri", f"A blob's name has at most {MAX_NAME_LENGTH} characters.")
    return container, blob
