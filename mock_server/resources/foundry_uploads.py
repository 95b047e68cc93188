"""Foundry's uploads of large files in parts: parts arrive in any order and number, and become one file at the end."""

import base64
import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, child, is_array, number, text
from mock_server.resources import foundry_files
from mock_server.resources.foundry_errors import invalid_payload, not_found, unexpected_state
from mock_server.state.blob_store import Blob, Part
from mock_server.state.world import World

KIND = "foundry-upload"
VALID_SECONDS = 2 * 3600.0
MAX_BYTES = 9 * 1024**3
MAX_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload at a given time."""

    id: str
    document: Json
    now: float

    @property
    def status(self) -> str:
        """Return its status."""
        status = text(self.document, "status")
        return "expired" if status == "pending" and self.now >= self.expires else status

    @property
    def expires(self) -> float:
        """Return when it expires."""
        return (number(self.document.get("created")) or 0.0) + VALID_SECONDS

    @property
    def file_id(self) -> str:
        """Return the id of the file that it becomes."""
        return text(self.document, "file")


def create(world: World, body: Json) -> Upload:
    """Begin an upload; rejects an invalid description of the file."""
    filename, kind, size = text(body, "filename"), text(body, "mime_type"), body.get("bytes")
    if not filename:
        raise invalid_payload("filename is required.", "filename")
    if not kind:
        raise invalid_payload("mime_type is required.", "mime_type")
    foundry_files.check_purpose(text(body, "purpose"))
    if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= MAX_BYTES:
        raise invalid_payload(f"bytes must be from 1 to {MAX_BYTES}.", "bytes")
    now, upload_id = world.now(""), f"upload_{uuid.uuid4().hex}"
    document: Json = {
        "filename": filename,
        "purpose": text(body, "purpose"),
        "bytes": size,
        "created": now,
        "status": "pending",
        "file": foundry_files.new_id(),
        "keep": _keep(body.get("expires_after")),
    }
    world.store.put(KIND, "", upload_id, document)
    return Upload(upload_id, document, now)


def get(world: World, upload_id: str) -> Upload:
    """Return an upload; raises the service's 404 if there is none."""
    document = world.store.get(KIND, "", upload_id)
    if document is None:
        raise not_found("Upload", upload_id)
    return Upload(upload_id, document, world.now(""))


def check_pending(upload: Upload) -> None:
    """Reject an action on an upload that is no longer open."""
    if upload.status != "pending":
        raise unexpected_state(f"The upload {upload.id} has the status {upload.status}.")


def add_part(world: World, upload: Upload, part: Part) -> str:
    """Keep a received body as a part; returns the part's id."""
    check_pending(upload)
    if len(world.blobs.staged(foundry_files.CONTAINER, upload.file_id)) >= MAX_PARTS:
        raise invalid_payload(f"An upload has at most {MAX_PARTS} parts.", "data")
    part_id = f"uplprt-{uuid.uuid4().hex}"
    world.blobs.stage(foundry_files.CONTAINER, upload.file_id, Part(part_id, part.part, part.size))
    return part_id


def block_id(part_id: str) -> str:
    """Return the id of a part's block, which `complete` accepts, too."""
    return base64.b64encode(part_id.encode()).decode()


def parts_in_order(world: World, upload: Upload, body: Json) -> Sequence[Part]:
    """Return the parts that a request to complete the upload names; rejects a list that does not make up the file."""
    check_pending(upload)
    requested: object = body.get("part_ids")
    if not is_array(requested) or not requested:
        raise invalid_payload("part_ids must be a list of the ids of parts.", "part_ids")
    staged = {part.id: part for part in world.blobs.staged(foundry_files.CONTAINER, upload.file_id)}
    known = staged | {block_id(name): part for name, part in staged.items()}
    named: dict[str, Part] = {}
    for name in requested:
        part = known.get(name) if isinstance(name, str) else None
        if part is None or part.id in named:
            message = f"part_ids contains {str(name)[:100]!r}, which is unknown or there twice."
            raise invalid_payload(message, "part_ids")
        named[part.id] = part
    parts = list(named.values())
    total, size = sum(part.size for part in parts), upload.document["bytes"]
    if total != size:
        raise invalid_payload(f"The parts have {total} bytes, and the upload was announced with {size}.", "part_ids")
    return parts


def md5_of(world: World, parts: Sequence[Part]) -> bytes:
    """Return the MD5 of the file that the parts make up; reads all of it."""
    whole = Blob("", "", sum(part.size for part in parts), "", 0.0, {}, {}, tuple(parts))
    digest = hashlib.md5(usedforsecurity=False)
    pieces: Iterator[bytes] = world.blobs.read(whole)
    for piece in pieces:
        digest.update(piece)
    return digest.digest()


def complete(world: World, upload: Upload, parts: Sequence[Part]) -> Upload:
    """Make the parts the file."""
    check_pending(upload)  # another request may have completed it while this one read the parts
    keep, now = number(upload.document.get("keep")), world.now("")
    world.blobs.commit(foundry_files.CONTAINER, upload.file_id, parts, modified=world.wall(), headers={}, metadata={})
    foundry_files.register(
        world,
        upload.file_id,
        filename=text(upload.document, "filename"),
        purpose=text(upload.document, "purpose"),
        size=sum(part.size for part in parts),
        now=now,
        expires_at=None if keep is None else now + keep,
        large=True,
    )
    return _with_status(world, upload, "completed")


def cancel(world: World, upload: Upload) -> Upload:
    """Cancel an upload; its parts are deleted."""
    check_pending(upload)
    empty = world.blobs.commit(
        foundry_files.CONTAINER, upload.file_id, [], modified=world.wall(), headers={}, metadata={}
    )
    world.blobs.delete(empty)
    return _with_status(world, upload, "cancelled")


def to_json(world: World, upload: Upload) -> Json:
    """Return an upload in the service's format."""
    file = foundry_files.find(world, upload.file_id, upload.now)
    return {
        "id": upload.id,
        "object": "upload",
        "status": upload.status,
        "bytes": upload.document["bytes"],
        "filename": text(upload.document, "filename"),
        "purpose": text(upload.document, "purpose"),
        "created_at": int(number(upload.document.get("created")) or 0.0),
        "expires_at": int(upload.expires),
        "file": None if file is None else foundry_files.to_json(file),
    }


def mismatch() -> ServiceError:
    """Return the error for a file whose MD5 is not the announced one."""
    return invalid_payload("The MD5 of the parts is not the md5 of the request.", "md5")


def _with_status(world: World, upload: Upload, status: str) -> Upload:
    document = {**upload.document, "status": status}
    world.store.put(KIND, "", upload.id, document)
    return Upload(upload.id, document, upload.now)


def _keep(requested: object) -> float | None:
    if requested is None:
        return None
    asked = child({"value": requested}, "value")
    seconds = number(asked.get("seconds"))
    if asked.get("anchor") != "created_at" or seconds is None or not 0 < seconds <= 1e9:
        raise invalid_payload("expires_after needs the anchor created_at and seconds.", "expires_after")
    return seconds
