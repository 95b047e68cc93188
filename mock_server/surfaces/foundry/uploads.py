"""Foundry's large files: uploads in parts, and import from a URL; both are offered on dated bases only."""

import asyncio
import base64
import binascii
from contextlib import aclosing

from starlette.responses import Response

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, text
from mock_server.http.routing import Call, json_response
from mock_server.resources import foundry_files, foundry_uploads
from mock_server.resources.foundry_errors import invalid_payload
from mock_server.state.blob_store import Part
from mock_server.storage import copy_from_url
from mock_server.storage.copy_source import CopyRequest
from mock_server.storage.request_bodies import MAX_BODY_BYTES
from mock_server.surfaces.foundry.bases import Offer, created, json_body, offers
from mock_server.surfaces.foundry.files import receive_form

MD5_BYTES = 16
MAX_URL = 8_192
IMPORT_FAILED = "fileImportFailed"


async def create(call: Call) -> Response:
    """Begin an upload."""
    return _shown(call, foundry_uploads.create(call.world, await json_body(call)))


async def add_part(call: Call) -> Response:
    """Take one part; several may arrive at once."""
    foundry_uploads.check_pending(foundry_uploads.get(call.world, call.params["upload"]))
    form = await receive_form(call, "data", MAX_BODY_BYTES)
    try:
        if form.file is None or form.part is None or not form.part.size:
            raise invalid_payload("The form has no part 'data', or an empty one.", "data")
        upload = foundry_uploads.get(call.world, call.params["upload"])
        part_id = foundry_uploads.add_part(call.world, upload, form.part)
    except ServiceError:
        call.world.blobs.discard([form.part.part] if form.part else [])
        raise
    shown = {"id": part_id, "object": "upload.part", "created_at": int(call.now), "upload_id": upload.id}
    return json_response({**shown, "azure_block_id": foundry_uploads.block_id(part_id)})


async def complete(call: Call) -> Response:
    """Make the named parts, in their order, the file."""
    body = await json_body(call)
    upload = foundry_uploads.get(call.world, call.params["upload"])
    parts = foundry_uploads.parts_in_order(call.world, upload, body)
    expected = _md5(body)
    if expected is not None:
        found = await asyncio.to_thread(foundry_uploads.md5_of, call.world, parts)
        if found != expected:
            raise foundry_uploads.mismatch()
    latest = foundry_uploads.get(call.world, upload.id)
    return _shown(call, foundry_uploads.complete(call.world, latest, parts))


async def cancel(call: Call) -> Response:
    """Cancel an upload."""
    upload = foundry_uploads.get(call.world, call.params["upload"])
    return _shown(call, foundry_uploads.cancel(call.world, upload))


async def import_file(call: Call) -> Response:
    """Create a file from a URL; a source that cannot be read makes a file that ends as `error`."""
    body = await json_body(call)
    filename, url = text(body, "filename"), text(body, "content_url")
    if not filename:
        raise invalid_payload("filename is required.", "filename")
    foundry_files.check_purpose(text(body, "purpose"))
    if not url.lower().startswith(("http://", "https://")) or len(url) > MAX_URL:
        raise invalid_payload("content_url must be an http or https URL.", "content_url")
    foundry_files.check_quota(call.world, 0)
    imported: Json = {"filename": filename, "purpose": text(body, "purpose"), "is_import": True}
    try:
        part = await _copied(call, url)
    except ServiceError as error:
        file = foundry_files.register(
            call.world, foundry_files.new_id(), size=0, now=call.now, failure=(IMPORT_FAILED, error.message), **imported
        )
    else:
        file = foundry_files.add(call.world, part=part, **imported)
    return created(call, foundry_files.to_json(file), action="/import")


async def _copied(call: Call, url: str) -> Part:
    """Copy the source's bytes into the store."""
    request = CopyRequest(url, None, None, None, None, None, None, None)
    async with copy_from_url.open_source(call, request) as source:
        if source.size > foundry_files.MAX_FILE_BYTES:
            raise invalid_payload(foundry_files.TOO_BIG, "content_url")
        async with aclosing(source.pieces):
            part, _ = await copy_from_url.receive(call, request, source, "", with_md5=False)
    return part


def _md5(body: Json) -> bytes | None:
    """Return the announced MD5, given in hexadecimal or in base64."""
    requested: object = body.get("md5")
    if requested is None:
        return None
    given = requested if isinstance(requested, str) else ""
    try:
        digest = bytes.fromhex(given) if len(given) == 2 * MD5_BYTES else base64.b64decode(given, validate=True)
    except (ValueError, binascii.Error):
        digest = b""
    if len(digest) != MD5_BYTES:
        raise invalid_payload("md5 must be an MD5 in hexadecimal or base64.", "md5")
    return digest


def _shown(call: Call, upload: foundry_uploads.Upload) -> Response:
    return json_response(foundry_uploads.to_json(call.world, upload))


UPLOADS = "/uploads"
OFFERS: tuple[Offer, ...] = (
    *offers("foundry.files.import", "POST", "/files/import", import_file, on="CD"),
    *offers("foundry.uploads.create", "POST", UPLOADS, create, on="D"),
    *offers("foundry.uploads.part", "POST", UPLOADS + "/{upload}/parts", add_part, on="D"),
    *offers("foundry.uploads.complete", "POST", UPLOADS + "/{upload}/complete", complete, on="D"),
    *offers("foundry.uploads.cancel", "POST", UPLOADS + "/{upload}/cancel", cancel, on="D"),
)
