"""Foundry's files: create, list, get, content, delete."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.responses import Response, StreamingResponse

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import text
from mock_server.http.journal_entry import CONTENT_SHA256
from mock_server.http.multipart import MultipartError, PartHead, read_parts
from mock_server.http.routing import Call, json_response
from mock_server.resources import foundry_files, foundry_jobs, foundry_results
from mock_server.resources.foundry_errors import invalid_payload
from mock_server.resources.foundry_files import File
from mock_server.state.blob_store import Part, new_part
from mock_server.storage.request_bodies import CHUNK
from mock_server.surfaces.foundry.bases import Offer, created, offers
from mock_server.surfaces.foundry.cursors import MAX_LIMIT, page, with_ends

MAX_FIELD = 64 * 1024
EXPIRY = range(1_209_600, 2_592_001)  # seconds


@dataclass
class Form:
    """A received form: its text fields, and its file, whose bytes are in the store."""

    fields: dict[str, str] = field(default_factory=dict[str, str])
    file: PartHead | None = None
    part: Part | None = None


async def create(call: Call) -> Response:
    """Create a file from a form; the order of its parts does not matter."""
    form = await receive_form(call, "file", foundry_files.MAX_FILE_BYTES)
    try:
        return created(call, foundry_files.to_json(_add(call, form)))
    except ServiceError:
        call.world.blobs.discard([form.part.part] if form.part else [])
        raise


async def list_files(call: Call) -> Response:
    """List the files, newest first."""
    purpose, order = call.query.get("purpose"), call.query.get("order", "desc")
    if order not in ("asc", "desc"):
        raise invalid_payload(f"Invalid 'order': use asc or desc; got '{order[:40]}'.", "order")
    found = [_as_it_is(call, file) for file in _all_files(call)]
    kept = [file for file in found if purpose is None or text(file.document, "purpose") == purpose]
    kept = kept if order == "desc" else kept[::-1]
    return json_response(
        with_ends(page(call, kept, name=lambda file: file.id, show=foundry_files.to_json, limit=MAX_LIMIT))
    )


async def get(call: Call) -> Response:
    """Return one file."""
    return json_response(foundry_files.to_json(_find(call)))


async def content(call: Call) -> Response:
    """Return a file's bytes."""
    file = _find(call)
    data = _growing(call, file)
    stored = foundry_files.content(call.world, file) if data is None else (data,)

    async def pieces() -> AsyncIterator[bytes]:
        for piece in stored:
            yield piece
            await asyncio.sleep(0)  # lets other requests proceed between chunks

    headers = {"Content-Length": str(file.size)}
    return StreamingResponse(pieces(), 200, headers, "application/octet-stream")


async def delete(call: Call) -> Response:
    """Delete a file."""
    file = _find(call)
    foundry_files.delete(call.world, file)
    return json_response({"object": "file", "deleted": True, "id": file.id})


async def receive_form(call: Call, name: str, limit: int) -> Form:
    """Receive a form whose file has this name; its bytes go to the store as they arrive, `limit` of them at most."""
    form, chunks, buffer, size, position = Form(), new_part(), bytearray(), 0, 0
    current, digest = None, hashlib.sha256()
    try:
        async for event in read_parts(call):
            if isinstance(event, PartHead):
                current = event
                if event.name != name:
                    form.fields[event.name] = ""
                elif form.file is not None:
                    raise invalid_payload(f"The form has more than one part '{name}'.", name)
                else:
                    form.file = event
            elif current is not None and current.name != name:
                form.fields[current.name] += event.data.decode("utf-8", "replace")
                if len(form.fields[current.name]) > MAX_FIELD:
                    raise invalid_payload(f"The field '{current.name[:80]}' is too long.", current.name[:80])
            else:
                buffer += event.data
                digest.update(event.data)
                size += len(event.data)
                if size > limit:
                    raise invalid_payload(foundry_files.TOO_BIG, name)
                if len(buffer) >= CHUNK:
                    call.world.blobs.append(chunks, position, bytes(buffer))
                    position += 1
                    buffer.clear()
        if buffer:
            call.world.blobs.append(chunks, position, bytes(buffer))
    except (MultipartError, ServiceError) as error:
        call.world.blobs.discard([chunks])
        if isinstance(error, ServiceError):
            raise
        raise invalid_payload(f"The form could not be read: {error}.") from error
    form.part = Part("", chunks, size)
    call.request.scope[CONTENT_SHA256] = digest.hexdigest()
    return form


def _add(call: Call, form: Form) -> File:
    if form.file is None or form.part is None or form.file.filename is None:
        raise invalid_payload("The form has no part 'file' with a file name.", "file")
    if not form.file.content_type:
        raise invalid_payload("The file has no or an empty content type specified.", "file")
    if not form.part.size:
        raise invalid_payload("The file is empty.", "file")
    purpose = form.fields.get("purpose", "")
    foundry_files.check_purpose(purpose)
    seconds = _expiry(form.fields)
    foundry_files.check_quota(call.world, form.part.size)
    expires_at = None if seconds is None else call.now + seconds
    return foundry_files.add(
        call.world, filename=form.file.filename, purpose=purpose, part=form.part, expires_at=expires_at
    )


def _expiry(fields: dict[str, str]) -> int | None:
    anchor, seconds = fields.get("expires_after[anchor]"), fields.get("expires_after[seconds]")
    if anchor is None and seconds is None:
        return None
    valid = seconds is not None and seconds.isascii() and seconds.isdigit() and len(seconds) < 10
    if anchor != "created_at" or seconds is None or not valid or int(seconds) not in EXPIRY:
        raise invalid_payload(
            f"'expires_after' needs the anchor created_at and from {EXPIRY.start} to {EXPIRY.stop - 1} seconds.",
            "expires_after",
        )
    return int(seconds)


def _find(call: Call) -> File:
    foundry_jobs.all_jobs(call.world, call.now)  # registers the results files of jobs
    return _as_it_is(call, foundry_files.get(call.world, call.params["file"], call.now))


def _all_files(call: Call) -> list[File]:
    """Return the files, after registering the results files of jobs."""
    foundry_jobs.all_jobs(call.world, call.now)
    return foundry_files.all_files(call.world, call.now)


def _as_it_is(call: Call, file: File) -> File:
    data = _growing(call, file)
    return file if data is None else foundry_results.with_bytes(file, data)


def _growing(call: Call, file: File) -> bytes | None:
    """Return the bytes of the results file of a job that still runs; None for every other file."""
    job_id = text(file.document, "job")
    document = call.world.store.get(foundry_jobs.KIND, "", job_id) if job_id else None
    if document is None:
        return None
    job = foundry_jobs.get(call.world, job_id, call.now)
    return foundry_results.content(job.course, job.elapsed or 0.0)


OFFERS: tuple[Offer, ...] = (
    *offers("foundry.files.create", "POST", "/files", create),
    *offers("foundry.files.list", "GET", "/files", list_files),
    *offers("foundry.files.get", "GET", "/files/{file}", get),
    *offers("foundry.files.content", "GET", "/files/{file}/content", content),
    *offers("foundry.files.delete", "DELETE", "/files/{file}", delete),
)
