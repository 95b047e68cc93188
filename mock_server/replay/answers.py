"""The answer to a request from a recorded exchange: names put back, URLs made this server's own, data filled in."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote
from xml.sax.saxutils import escape, unescape

from mock_server.core.json_values import Json, child, dump, is_array, is_object, text
from mock_server.replay.addresses import own_url
from mock_server.replay.exchange import RecordedExchange
from mock_server.replay.filler import filler
from mock_server.replay.placeholders import Bindings, filled, placeholders_in
from mock_server.replay.request_bodies import uploaded_bytes
from mock_server.replay.requests import ReplayRequest
from mock_server.replay.uploads import Blob, Uploads

COMPUTED = frozenset({"content-length", "content-encoding", "transfer-encoding", "connection", "date", "content-md5"})
"""Headers that follow from what is sent, and are not sent as recorded."""
URL = re.compile(r"\Ahttps?://")
RANGE = re.compile(r"\Abytes=(\d{1,18})-(\d{1,18})\Z")
SAFE_IN_URLS = "/:@!$'()*,;~%"
XML_VALUE = re.compile(r'(?<=>)[^<>]+(?=<)|(?<==")[^"<>]+(?=")')


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent: status, headers and body. `exchange` is the recorded exchange that it is made from."""

    exchange: RecordedExchange
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def answer(
    exchange: RecordedExchange,
    request: ReplayRequest,
    bindings: Bindings,
    uploads: Uploads,
    accounts: Mapping[str, str],
) -> Answer:
    """Make the answer to a request from a recorded exchange that has one.

    Args:
        exchange: the recorded exchange.
        request: the request.
        bindings: what the placeholders stand for.
        uploads: the files that were uploaded during the replay: their sizes and contents are their own.
        accounts: storage accounts by container, as they are in the URLs of the recording.
    """
    fill = _filling(bindings, request.base)
    headers = {name: _header(name, value, fill) for name, value in exchange.headers.items() if name not in COMPUTED}
    status = exchange.status or 0
    blob = uploads.of(request) if 200 <= status < 300 else None
    if blob is not None and request.method in ("GET", "HEAD") and not dict(request.address.query).get("comp"):
        return _of_blob(exchange, request, headers, blob)
    body = _body(exchange.body, fill, exchange, request, accounts, uploads)
    if 200 <= status < 300 and (blocks := uploads.block_list(request)) is not None:
        body = blocks.encode()
    if request.method == "HEAD":
        return Answer(exchange, status, {**headers, "content-length": exchange.headers.get("content-length", "0")}, b"")
    if "data" in (exchange.body or {}) and "content-md5" in exchange.headers:
        headers["content-md5"] = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    return Answer(exchange, status, headers, body)


def left_as_recorded(exchange: RecordedExchange, bindings: Bindings) -> Iterator[str]:
    """Yield the placeholders of an answer that stand for nothing yet: the client sees them, and may send them."""
    for _, key in placeholders_in(dump([dict(exchange.headers), exchange.body])):
        if bindings.meaning_of(key) is None:
            yield key


def _filling(bindings: Bindings, base: str) -> Callable[[str], str]:
    in_urls = Bindings({name: quote(value, safe=SAFE_IN_URLS) for name, value in bindings.values.items()})

    def fill(template: str) -> str:
        return filled(own_url(template, base), in_urls) if URL.match(template) else filled(template, bindings)

    return fill


def _header(name: str, value: str, fill: Callable[[str], str]) -> str:
    value = fill(value)
    return f'"{value}"' if name == "etag" and not value.startswith(('"', "W/")) else value


def _body(
    body: Json | None,
    fill: Callable[[str], str],
    exchange: RecordedExchange,
    request: ReplayRequest,
    accounts: Mapping[str, str],
    uploads: Uploads,
) -> bytes:
    if body is None:
        return b""
    if "json" in body:
        document = _filled(_own_store(body["json"], request.base, accounts), fill)
        return dump(_own_sizes(_own_size(document, exchange, request), uploads)).encode()
    if "events" in body:
        lines = "".join(f"data: {dump(_filled(event, fill))}\n\n" for event in body["events"])
        return f"{lines}{'data: [DONE]' + chr(10) * 2 if body.get('done') else ''}".encode()
    if "xml" in body:
        return XML_VALUE.sub(lambda found: escape(fill(unescape(found[0]))), body["xml"]).encode()
    return filler(child(body, "data"))


def _filled(value: object, fill: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return fill(value)
    if is_array(value):
        return [_filled(one, fill) for one in value]
    if is_object(value):
        return {fill(name): _filled(one, fill) for name, one in value.items()}
    return value


def _own_store(document: object, base: str, accounts: Mapping[str, str]) -> object:
    """Let the address of a datastore's container be on this server, which a client builds from its parts."""
    if not is_object(document):
        return document
    if is_array(document.get("value")):
        return {**document, "value": [_own_store(one, base, accounts) for one in document["value"]]}
    properties = child(document, "properties")
    container, named = text(properties, "containerName"), text(properties, "accountName").rpartition("/")[2]
    if not base or not container or not named:
        return document
    scheme, _, host = base.partition("://")
    place = {"accountName": f"{host}/{accounts.get(container, named)}", "endpoint": host, "protocol": scheme}
    return {**document, "properties": {**properties, **place}}


def _own_size(document: object, exchange: RecordedExchange, request: ReplayRequest) -> object:
    """Let the description of an uploaded file have the size of the file that was sent."""
    recorded = uploaded_bytes(exchange.request_body)
    if recorded is None or not is_object(document) or document.get("bytes") != recorded:
        return document
    sizes = [len(part.content) for part in request.form if part.filename is not None]
    return {**document, "bytes": sizes[0]} if sizes else document


def _own_sizes(document: object, uploads: Uploads) -> object:
    """Let the descriptions of files of Foundry that were uploaded in this replay have the sizes that were sent."""
    if not is_object(document) or not uploads.files:
        return document
    if is_array(document.get("data")):
        return {**document, "data": [_own_sizes(one, uploads) for one in document["data"]]}
    file = uploads.files.get(text(document, "id"))
    return document if file is None or "bytes" not in document else {**document, "bytes": file.size}


def _of_blob(exchange: RecordedExchange, request: ReplayRequest, headers: Mapping[str, str], blob: Blob) -> Answer:
    """Answer for a file of this replay: its own size, checksum and content."""
    described = {**headers, **({"content-md5": blob.md5} if blob.md5 else {})}
    if request.method == "HEAD":
        return Answer(exchange, 200, {**described, "content-length": str(blob.size)}, b"")
    content = bytes(blob.size) if blob.content is None else blob.content
    asked = RANGE.match(request.range)
    if asked is None:
        return Answer(exchange, 200, described, content)
    start, end = int(asked[1]), min(int(asked[2]) + 1, blob.size)
    part = {**headers, "content-range": f"bytes {start}-{end - 1}/{blob.size}"}
    return Answer(exchange, 206, part, content[start:end])
