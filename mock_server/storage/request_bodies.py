"""Bodies of blobs and blocks: written to the store as they arrive, checked at the end."""

import base64
import hashlib

from starlette.requests import ClientDisconnect

from mock_server.core.errors import ServiceError
from mock_server.http.routing import Call
from mock_server.state.blob_store import Part, new_part

CHUNK = 512 * 1024
MAX_BODY_BYTES = 4000 * 1024 * 1024  # of a block, in current service versions


async def receive(call: Call, block: str, *, with_md5: bool = True) -> tuple[Part, str]:
    """Write a body to the store as it arrives; returns the part and its MD5, or '' if not requested."""
    name, position, size = new_part(), 0, 0
    digest, buffer = hashlib.md5(usedforsecurity=False) if with_md5 else None, bytearray()
    try:
        async for piece in call.request.stream():
            buffer += piece
            size += len(piece)
            if digest is not None:
                digest.update(piece)
            if size > MAX_BODY_BYTES:
                raise ServiceError(
                    413,
                    "RequestBodyTooLarge",
                    "The request body is too large and exceeds the maximum permissible limit.",
                )
            if len(buffer) >= CHUNK:
                call.world.blobs.append(name, position, bytes(buffer))
                position += 1
                buffer.clear()
        if buffer:
            call.world.blobs.append(name, position, bytes(buffer))
        _check_length(call, size)
        md5 = "" if digest is None else check_md5(call, digest.digest())
    except (ClientDisconnect, ServiceError) as error:
        call.world.blobs.discard([name])
        if isinstance(error, ServiceError):
            raise
        raise ServiceError(
            400, "IncompleteBody", "The connection was closed in the middle of the request body."
        ) from error
    return Part(block, name, size), md5


def check_md5(call: Call, digest: bytes) -> str:
    """Return a body's MD5 in base64; rejects a body that does not match its Content-MD5."""
    calculated = base64.b64encode(digest).decode()
    if call.headers.get("content-md5") in (None, calculated):
        return calculated
    message = "The MD5 value specified in the request did not match with the MD5 value calculated by the server."
    raise ServiceError(400, "Md5Mismatch", message)


def _check_length(call: Call, size: int) -> None:
    announced = call.headers.get("content-length")
    if announced is None:
        raise ServiceError(411, "MissingContentLengthHeader", "Content-Length HTTP header is missing.")
    if announced != str(size):
        raise ServiceError(400, "IncompleteBody", "The request body is shorter than its Content-Length.")
