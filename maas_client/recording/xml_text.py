"""XML documents of Azure Storage without names: elements are kept, their texts become placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .strings import Place, Strings
from .word_lists import listed

_TAG = re.compile(r"<([^<>]{0,4000})>")
_ELEMENT = re.compile(r"\A(/?)([A-Za-z][A-Za-z0-9_-]{0,60})((?:\s[^<>]*)?)\Z")
_ATTRIBUTE = re.compile(r"\s([A-Za-z][A-Za-z0-9:]{0,40})=\"([^\"<>]{0,2000})\"")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_KNOWN = listed(
    """
    EnumerationResults Prefix Marker MaxResults Delimiter Blobs Blob Name Properties Creation-Time Last-Modified Etag
    Content-Length Content-Type Content-Encoding Content-Language Content-CRC64 Content-MD5 Cache-Control
    Content-Disposition BlobType AccessTier AccessTierInferred AccessTierChangeTime LeaseStatus LeaseState
    ServerEncrypted OrMetadata Metadata NextMarker BlobPrefix BlockList CommittedBlocks UncommittedBlocks Block Size
    Latest Committed Uncommitted Error Code Message AuthenticationErrorDetail HeaderName HeaderValue QueryParameterName
    QueryParameterValue Reason Snapshot VersionId IsCurrentVersion Deleted ResourceType Owner Group Permissions Acl
    LeaseDuration CopyId CopyStatus RemainingRetentionDays TagCount Tags
    """
)
_KINDS = {"Latest": "blockid", "Committed": "blockid", "Uncommitted": "blockid", "Message": "message", "Code": "code"}
_WORDS = {"BlobType", "AccessTier", "LeaseStatus", "LeaseState", "Code", "ServerEncrypted", "ResourceType"}


def xml_without_names(document: str, strings: Strings) -> str | None:
    """Return an XML document as it is written; None for a text that is no such document."""
    try:
        return "".join(_pieces(document.lstrip("\ufeff"), strings))
    except _NotXml:
        return None


class _NotXml(ValueError):
    """The text is not XML as Azure Storage writes it."""


def _pieces(document: str, strings: Strings) -> Iterator[str]:
    open_elements: list[str] = []
    end = 0
    for tag in _TAG.finditer(document):
        yield _text(document[end : tag.start()], open_elements, strings)
        end = tag.end()
        inner = tag[1]
        if inner.startswith("?"):
            yield '<?xml version="1.0" encoding="utf-8"?>'
            continue
        found = _ELEMENT.match(inner.rstrip("/ "))
        if found is None:
            raise _NotXml
        closes, name, attributes = found[1], found[2], found[3]
        shown = name if name in _KNOWN else strings.paths.name("tag", name)
        yield f"<{closes}{shown}{_attributes(attributes, strings)}{'/' if inner.endswith('/') else ''}>"
        if closes:
            if not open_elements or open_elements.pop() != name:
                raise _NotXml
        elif not inner.endswith("/"):
            open_elements.append(name)
    if open_elements or not end or document[end:].strip():
        raise _NotXml


def _text(text: str, open_elements: list[str], strings: Strings) -> str:
    if not text.strip():
        return text
    if not open_elements or "<" in text:
        raise _NotXml
    name = open_elements[-1]
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    is_personal = bool({"Metadata", "Tags"} & set(open_elements))
    if name in {"Name", "Prefix"}:
        shown = strings.paths.blob(text)
    else:
        field = "code" if name in _WORDS else _KINDS.get(name, "id" if name == "Block" else name)
        shown = strings.text(text, Place(field, is_personal=is_personal, is_content=name == "Message"))
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attributes(attributes: str, strings: Strings) -> str:
    return "".join(
        f' {name}="{strings.text(value, Place(name))}"'
        for name, value in _ATTRIBUTE.findall(attributes)
        if name in {"ServiceEndpoint", "ContainerName"}
    )
