"""Operations of Azure Blob Storage on the datastores' containers."""

from __future__ import annotations

from ..operation import Answer, Header, Level, Opaque, Operation, ValueKind, Xml
from .services import STORAGE

_COST = "the storage of the file, until it is deleted"
_VERSIONED = (Header(("ETag",)), Header(("Last-Modified",), ValueKind.DATE))
_SIZED = (*_VERSIONED, Header(("Content-Length",), ValueKind.COUNT))
_ANY = "*"


def _write(name: str, query: dict[str, str], headers: tuple[Header, ...], errors: tuple[int, ...]) -> Operation:
    return STORAGE.operation(
        name,
        "PUT",
        "/{blob*}",
        {201: Answer("written blob", Opaque.EMPTY, headers)},
        level=Level.DATA,
        cost=_COST,
        errors=errors,
        query=query,
    )


OPERATIONS = (
    STORAGE.operation(
        "blob.list",
        "GET",
        "",
        {200: Answer("blobs", Xml("EnumerationResults", entry="Blob", needs=("Name", "Content-Length")))},
        query={"restype": "container", "comp": "list"},
    ),
    STORAGE.operation(
        "blob.get_block_list",
        "GET",
        "/{blob*}",
        {200: Answer("blocks", Xml("BlockList", entry="Block", needs=("Name", "Size")))},
        errors=(404,),
        query={"comp": "blocklist"},
    ),
    _write("blob.put_block", {"comp": "block", "blockid": _ANY}, (), (400, 404, 409, 412)),
    _write("blob.put_block_list", {"comp": "blocklist"}, _VERSIONED, (400, 409, 412)),
    _write("blob.put", {}, _VERSIONED, (400, 409, 412)),
    STORAGE.operation(
        "blob.head", "HEAD", "/{blob*}", {200: Answer("blob properties", Opaque.EMPTY, _SIZED)}, errors=(404,)
    ),
    STORAGE.operation(
        "blob.get",
        "GET",
        "/{blob*}",
        {
            200: Answer("blob", Opaque.BYTES, _VERSIONED),
            206: Answer("part of a blob", Opaque.BYTES, (*_VERSIONED, Header(("Content-Range",)))),
        },
        errors=(404, 412, 416),
    ),
)
