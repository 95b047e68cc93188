"""Responses read as JSON objects."""

from __future__ import annotations

from ..core.http_messages import Reply, Request
from ..core.json_fields import Document, is_object
from .error_responses import unexpected


def document_of(request: Request, reply: Reply) -> Document:
    """Read a response's JSON object; an empty body is an empty object, anything else raises UnexpectedReply."""
    if not reply.body.strip():
        if request.method == "GET" and reply.status == 200:
            raise unexpected(request, reply, "the response is empty")
        return {}
    try:
        document: object = reply.json()
    except ValueError as error:
        raise unexpected(request, reply, f"the response is not JSON ({error})") from None
    if not is_object(document):
        del document  # it may be a key, and tracebacks may show local variables
        raise unexpected(request, reply, "the response is JSON, but not an object")
    return document
