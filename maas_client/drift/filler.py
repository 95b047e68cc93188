"""Bodies for requests whose own were left out of a recording: as large, and rows of a dataset where it had rows."""

from __future__ import annotations

from urllib.parse import quote

from ..core.http_messages import json_body
from ..core.json_fields import Document, is_object, items, text

MOST_BYTES = 1 << 20
"""The largest filler: what is larger takes time, and shows no more."""

BOUNDARY = "----maas-drift"
ROW = b'{"messages": [{"role": "user", "content": "question %d"}, {"role": "assistant", "content": "answer %d"}]}\n'


def filler(data: Document) -> bytes:
    """Return bytes of the size that a recording says: rows of conversations, the last one stretched."""
    size = data.get("bytes")
    wanted = min(size, MOST_BYTES) if isinstance(size, int) else 0
    rows, length = list[bytes](), 0
    while length + 2 * len(ROW) < wanted or (not rows and wanted >= len(ROW)):
        rows.append(ROW % (len(rows), len(rows)))
        length += len(rows[-1])
    missing = wanted - length
    if rows and missing > 0:
        rows[-1] = rows[-1].replace(b"answer", b"answer" + b" " * missing, 1)
    return b"".join(rows) or b" " * max(wanted, 0)


def form(parts: list[Document]) -> tuple[str, bytes]:
    """Return the media type and the bytes of a multipart form."""
    pieces = list[bytes]()
    for part in parts:
        is_file = is_object(part.get("data"))
        name = f'; filename="{quote(text(part, "filename") or "file.jsonl")}"' if is_file else ""
        head = f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="{text(part, "name")}"{name}\r\n'
        if is_file:
            head += "content-type: application/octet-stream\r\n"
        value = part.get("json")
        content = filler(part["data"]) if is_file else _written(value)
        pieces += [head.encode(), b"\r\n", content, b"\r\n"]
    return f"multipart/form-data; boundary={BOUNDARY}", b"".join([*pieces, f"--{BOUNDARY}--\r\n".encode()])


def _written(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else json_body(value)


def parts_of(body: Document) -> list[Document]:
    """Return the parts of a recorded form."""
    return [part for part in items(body, "form") if is_object(part)]
