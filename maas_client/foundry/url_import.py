"""Import of a file from a URL: the request that lets the service read it, with a URL that is a secret."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..core.errors import UnexpectedReply
from ..core.http_messages import Request, json_body
from ..core.json_fields import Document, text
from ..core.secret_text import SecretText
from ..http.json_replies import document_of
from ..http.retry import NON_IDEMPOTENT
from .connection import FoundryConnection
from .file_creation import PURPOSE

PATH = "/files/import"


@dataclass(frozen=True, slots=True)
class ImportBody:
    """The body of an import. Its URL is read where it is sent, and is in no local variable that tracebacks show."""

    filename: str
    url: SecretText = field(repr=False)

    @property
    def size(self) -> int:
        """The size of the body in bytes."""
        return sum(map(len, self))

    def __iter__(self) -> Iterator[bytes]:
        """Make the body."""
        yield json_body({"filename": self.filename, "purpose": PURPOSE, "content_url": self.url.reveal()})


async def import_from_url(connection: FoundryConnection, filename: str, url: SecretText) -> Document:
    """Let the service read a URL, and return the file, which is pending; sent once if the outcome is unknown.

    Only the project's API and the account's dated one have this (Azure/azure-rest-api-specs, 2024-10-21, import_file).
    """
    request = Request(
        "POST",
        connection.url(PATH, base="project-dated"),
        {"Accept": "application/json", "Content-Type": "application/json"},
        ImportBody(filename, url),
    )
    reply = await connection.send(request, policy=NON_IDEMPOTENT)
    document = document_of(request, reply)
    if not text(document, "id"):
        raise UnexpectedReply(f"POST {PATH}", status=reply.status, detail="the response has no id of the file")
    return document
