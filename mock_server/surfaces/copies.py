"""Block blobs from a URL: the blocks and blobs whose bytes the server fetches for itself."""

from starlette.responses import Response

from mock_server.core.errors import ServiceError
from mock_server.http.routing import Call, nothing
from mock_server.storage import copy_from_url as copying, copy_source
from mock_server.storage.blob_headers import check_conditions, stamps
from mock_server.surfaces import block_blobs


async def put_block(call: Call) -> Response:
    """Put Block From URL: a source, or a range of it, waits under its id until a block list names it."""
    block = block_blobs.block_id(call)
    wanted = copy_source.read(call.headers)
    async with copying.opened(call, wanted) as source:
        # Since 2019-02-02 the sum goes back to who sent one; the CRC64 that others get is not computed here.
        summed = wanted.md5 is not None or call.headers.get("x-ms-version", "") < block_blobs.SUMS_ON_REQUEST
        part, digest = await copying.receive(call, wanted, source, block, summed=summed)
    block_blobs.stage(call, part)
    return nothing(201, {**({"Content-MD5": digest} if summed else {}), "x-ms-request-server-encrypted": "true"})


async def put_blob(call: Call) -> Response:
    """Put Blob From URL: a whole source becomes the blob, with its properties unless they are not wanted."""
    if call.headers.get("x-ms-blob-type") != "BlockBlob":
        message = (
            "This server copies by Put Blob From URL and Put Block From URL alone: send x-ms-blob-type: BlockBlob."
        )
        raise ServiceError(400, "UnsupportedHeader", message)
    if "x-ms-source-range" in call.headers:
        message = "Put Blob From URL takes a whole source: copy ranges of it by Put Block From URL."
        raise ServiceError(400, "UnsupportedHeader", message)
    wanted = copy_source.read(call.headers)
    check_conditions(call, block_blobs.committed(call))
    async with copying.opened(call, wanted) as source:
        part, digest = await copying.receive(call, wanted, source, "", summed=True)
    with_properties = call.headers.get("x-ms-copy-source-blob-properties", "true").lower() != "false"
    properties = {**(source.properties if with_properties else {}), "Content-MD5": digest}
    blob = block_blobs.replace(call, part, properties)
    return nothing(201, {**stamps(blob), "Content-MD5": digest, "x-ms-request-server-encrypted": "true"})
