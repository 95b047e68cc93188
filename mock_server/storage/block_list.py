"""Block lists: parsing their XML, and selecting the parts of the blob to commit."""

import base64
import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, unescape

from mock_server.core.sas_and_shared_key import is_base64
from mock_server.state.blob_store import Kind, Part

MAX_BLOCKS = 50_000
MAX_ID_BYTES = 64
ENTRY = re.compile(r"\s*<(?P<kind>Latest|Committed|Uncommitted)>(?P<id>[^<>]*)</(?P=kind)>")
DOCUMENT = re.compile(
    r"\ufeff?\s*+(?:<\?xml[^>]*\?>\s*+)?<BlockList(?:\s[^>]*)?(?:/>|>(?P<entries>.*)</BlockList>)\s*\Z", re.DOTALL
)


def parse(body: bytes) -> list[tuple[Kind, str]]:
    """Parse the body of Put Block List; raises ValueError for an invalid one.

    The document is flat, so a pattern is enough: no XML parser has to be protected against entity expansion.
    """
    document = DOCUMENT.match(body.decode("utf-8"))
    if document is None:
        raise ValueError("expected a BlockList element")
    entries, position, named = document["entries"] or "", 0, list[tuple[Kind, str]]()
    while entry := ENTRY.match(entries, position):
        position = entry.end()
        named.append((_kind(entry["kind"]), unescape(entry["id"]).strip()))
    if entries[position:].strip():
        raise ValueError(f"{entries[position:].strip()[:60]!r} is not a Latest, Committed or Uncommitted element")
    if len(named) > MAX_BLOCKS:
        raise ValueError(f"a blob has at most {MAX_BLOCKS} blocks")
    return named


def select_parts(
    named: Sequence[tuple[Kind, str]], committed: Sequence[Part], staged: Sequence[Part]
) -> list[Part] | None:
    """Return the parts that a list names, in its order; None if it names an unknown block."""
    old = {part.id: part for part in committed if part.id}
    new = {part.id: part for part in staged}
    by_kind = {"Latest": old | new, "Committed": old, "Uncommitted": new}
    selected = [by_kind[kind].get(block) for kind, block in named]
    found = [part for part in selected if part is not None]
    return found if len(found) == len(selected) else None


def render(committed: Sequence[Part] | None, staged: Sequence[Part] | None) -> str:
    """Return the body of Get Block List; omits a section that is None."""
    sides = (("CommittedBlocks", committed), ("UncommittedBlocks", staged))
    body = "".join(
        f"<{name}>"
        + "".join(f"<Block><Name>{escape(part.id)}</Name><Size>{part.size}</Size></Block>" for part in parts if part.id)
        + f"</{name}>"
        for name, parts in sides
        if parts is not None
    )
    return f'<?xml version="1.0" encoding="utf-8"?><BlockList>{body}</BlockList>'


def is_block_id(block: str) -> bool:
    """Return whether a block id is valid: base64 of at most 64 bytes."""
    return len(block) <= 88 and is_base64(block) and id_length(block) <= MAX_ID_BYTES


def id_length(block: str) -> int:
    """Return the length in bytes of a decoded block id."""
    return len(base64.b64decode(block))


def _kind(name: str) -> Kind:
    kinds: dict[str, Kind] = {"Latest": "Latest", "Committed": "Committed", "Uncommitted": "Uncommitted"}
    return kinds[name]
