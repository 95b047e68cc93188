"""Files that a client uploads during a replay: what their blocks and properties are follows from what it sent."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape

from mock_server.core.json_values import is_object, text
from mock_server.replay.request_bodies import TEXT_NODE
from mock_server.replay.requests import ReplayRequest

MOST_KEPT = 64 * 1024 * 1024
"""Bytes of one file that are kept; of a larger one only its size is known."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A file that was uploaded: its blocks by id, in order, and its content if it was kept."""

    blocks: Mapping[str, int]
    content: bytes | None = field(repr=False)

    @property
    def size(self) -> int:
        """Return its size in bytes."""
        return sum(self.blocks.values())

    @property
    def md5(self) -> str | None:
        """Return its Content-MD5, or None if its content was not kept."""
        if self.content is None:
            return None
        return base64.b64encode(hashlib.md5(self.content, usedforsecurity=False).digest()).decode()


@dataclass(frozen=True, slots=True)
class Uploads:
    """The files of a replay: blobs by path, blocks that are not committed yet, and files of Foundry by id."""

    blobs: Mapping[Sequence[str], Blob] = field(default_factory=dict[Sequence[str], Blob])
    staged: Mapping[Sequence[str], Mapping[str, bytes]] = field(
        default_factory=dict[Sequence[str], Mapping[str, bytes]], repr=False
    )
    files: Mapping[str, Blob] = field(default_factory=dict[str, Blob])

    def with_file(self, request: ReplayRequest, answer: bytes) -> "Uploads":
        """Return the files after an upload to Foundry: a form that was answered with the file's id."""
        content = next((part.content for part in request.form if part.filename is not None), None)
        if content is None:
            return self
        try:
            document: object = json.loads(answer)
        except ValueError:
            return self
        name = text(document, "id") if is_object(document) else ""
        return replace(self, files={**self.files, name: _blob({"": content})}) if name else self

    def after(self, request: ReplayRequest) -> "Uploads":
        """Return the files after a request that was answered with success."""
        path, query = tuple(request.address.segments), dict(request.address.query)
        if not _is_blob(path):
            return self
        if request.method == "DELETE":
            return replace(self, blobs={other: blob for other, blob in self.blobs.items() if other != path})
        if request.method != "PUT":
            return self
        kind = query.get("comp", "")
        if kind == "block":
            blocks = {**self.staged.get(path, {}), query.get("blockid", ""): request.body}
            return replace(self, staged={**self.staged, path: blocks})
        if kind == "blocklist":
            return self._committed(path, TEXT_NODE.findall(request.body.decode("utf-8", "replace")))
        return self if kind else replace(self, blobs={**self.blobs, path: _blob({"": request.body})})

    def of(self, request: ReplayRequest) -> Blob | None:
        """Return the file whose content is at a request's path, if it was uploaded during the replay."""
        path = tuple(request.address.segments)
        if path[-1:] == ("content",) and path[-3:-2] == ("files",):
            return self.files.get(path[-2])
        return self.blobs.get(path)

    def block_list(self, request: ReplayRequest) -> str | None:
        """Return the blocks of a file as Get Block List reports them; None for one that is not of this replay."""
        path, query = tuple(request.address.segments), dict(request.address.query)
        if query.get("comp") != "blocklist" or request.method != "GET":
            return None
        blob = self.blobs.get(path)
        waiting = {name: len(content) for name, content in self.staged.get(path, {}).items()}
        if blob is None and not waiting:
            return None
        kind = query.get("blocklisttype", "committed").lower()
        committed = "" if kind == "uncommitted" else _listed("CommittedBlocks", blob.blocks if blob else {})
        uncommitted = "" if kind == "committed" else _listed("UncommittedBlocks", waiting)
        return f'<?xml version="1.0" encoding="utf-8"?><BlockList>{committed}{uncommitted}</BlockList>'

    def _committed(self, path: Sequence[str], names: Sequence[str]) -> "Uploads":
        waiting = self.staged.get(path, {})
        chosen = {name: waiting[name] for name in names if name in waiting}
        staged = {other: blocks for other, blocks in self.staged.items() if other != path}
        return replace(self, blobs={**self.blobs, path: _blob(chosen)}, staged=staged)


def _blob(blocks: Mapping[str, bytes]) -> Blob:
    sizes = {name: len(content) for name, content in blocks.items()}
    return Blob(sizes, b"".join(blocks.values()) if sum(sizes.values()) <= MOST_KEPT else None)


def _listed(member: str, blocks: Mapping[str, int]) -> str:
    each = (f"<Block><Name>{escape(name)}</Name><Size>{size}</Size></Block>" for name, size in blocks.items())
    return f"<{member}>{''.join(each)}</{member}>"


def _is_blob(path: Sequence[str]) -> bool:
    return path[0].endswith(".blob")
