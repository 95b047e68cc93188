"""Block blobs in SQLite: bodies arrive as chunks, then become a blob or a block in a short write.

A part is one uploaded body. Its chunks are written as they arrive, so memory stays bounded however large the body;
nothing refers to a part until it is complete. Parts left behind by a killed process are deleted at the next start.
"""

import sqlite3
import uuid
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from mock_server.core.json_values import dump, is_array, is_object, parse

SCHEMA = """
CREATE TABLE IF NOT EXISTS chunks (part TEXT NOT NULL, position INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_part ON chunks (part, position);
CREATE TABLE IF NOT EXISTS blocks (
    container TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, part TEXT NOT NULL, size INTEGER NOT NULL,
    PRIMARY KEY (container, name, id));
CREATE INDEX IF NOT EXISTS blocks_part ON blocks (part);
CREATE TABLE IF NOT EXISTS blobs (
    container TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified REAL NOT NULL,
    headers TEXT NOT NULL, metadata TEXT NOT NULL, parts TEXT NOT NULL, PRIMARY KEY (container, name));
"""
COLUMNS = "container, name, size, etag, modified, headers, metadata, parts"

Kind = Literal["Latest", "Committed", "Uncommitted"]


@dataclass(frozen=True, slots=True)
class Part:
    """One uploaded body: a block with its id, or the whole of a Put Blob with the id ''."""

    id: str
    part: str
    size: int


@dataclass(frozen=True, slots=True)
class Blob:
    """A committed blob: its headers as stored, its metadata and its parts."""

    container: str
    name: str
    size: int
    etag: str
    modified: float
    headers: Mapping[str, str]
    metadata: Mapping[str, str]
    parts: Sequence[Part]


class BlobStore:
    """The containers of the server's only storage account; a container exists once it contains a blob."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._db.executescript(SCHEMA)
        self._sweep()

    def append(self, part: str, position: int, data: bytes) -> None:
        """Write one chunk of a body that is still arriving."""
        self._db.execute("INSERT INTO chunks (part, position, data) VALUES (?, ?, ?)", (part, position, data))

    def discard(self, parts: Sequence[str]) -> None:
        """Delete bodies that nothing refers to."""
        self._db.executemany("DELETE FROM chunks WHERE part=?", [(part,) for part in parts])

    def stage(self, container: str, name: str, block: Part) -> None:
        """Store a body as an uncommitted block; a block with the same id is replaced."""
        with self._transaction():
            old = self._db.execute(
                "SELECT part FROM blocks WHERE container=? AND name=? AND id=?", (container, name, block.id)
            ).fetchall()
            self.discard([part for (part,) in old])
            self._db.execute(
                "INSERT OR REPLACE INTO blocks (container, name, id, part, size) VALUES (?, ?, ?, ?, ?)",
                (container, name, block.id, block.part, block.size),
            )

    def staged(self, container: str, name: str) -> list[Part]:
        """Return the uncommitted blocks of a blob."""
        rows = self._db.execute(
            "SELECT id, part, size FROM blocks WHERE container=? AND name=? ORDER BY id", (container, name)
        ).fetchall()
        return [Part(*row) for row in rows]

    def any_staged_id(self, container: str, name: str) -> str | None:
        """Return the id of one uncommitted block of a blob, or None; all ids of a blob have the same length."""
        row = self._db.execute(
            "SELECT id FROM blocks WHERE container=? AND name=? LIMIT 1", (container, name)
        ).fetchone()
        return row[0] if row else None

    def commit(
        self,
        container: str,
        name: str,
        parts: Sequence[Part],
        *,
        modified: float,
        headers: Mapping[str, str],
        metadata: Mapping[str, str],
    ) -> Blob:
        """Commit parts as the blob; staged blocks that are not among them and the old blob's bytes are deleted."""
        old = self.get(container, name)
        blob = Blob(container, name, sum(p.size for p in parts), _etag(), modified, headers, metadata, tuple(parts))
        kept = {part.part for part in parts}
        with self._transaction():
            discarded = [part.part for part in (old.parts if old else ()) if part.part not in kept]
            discarded += [part.part for part in self.staged(container, name) if part.part not in kept]
            self.discard(discarded)
            self._db.execute("DELETE FROM blocks WHERE container=? AND name=?", (container, name))
            self._write(blob)
        return blob

    def set_metadata(self, blob: Blob, *, modified: float, metadata: Mapping[str, str]) -> Blob:
        """Replace a blob's metadata; its ETag changes, its bytes do not."""
        updated = Blob(
            blob.container, blob.name, blob.size, _etag(), modified, blob.headers, metadata, blob.parts
        )  # not dataclasses.replace, with which a changed ETag is easy to forget
        self._write(updated)
        return updated

    def get(self, container: str, name: str) -> Blob | None:
        """Return a committed blob, or None."""
        row = self._db.execute(
            f"SELECT {COLUMNS} FROM blobs WHERE container=? AND name=?",  # noqa: S608 - a constant list of columns
            (container, name),
        ).fetchone()
        return _blob(row) if row else None

    def list(self, container: str, prefix: str, after: str, limit: int) -> list[Blob]:
        """Return blobs sorted by name, at most `limit`, starting after `after`."""
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM blobs WHERE container=? AND name>? AND substr(name, 1, ?)=? "  # noqa: S608 - as above
            "ORDER BY name LIMIT ?",
            (container, after, len(prefix), prefix, limit),
        ).fetchall()
        return [_blob(row) for row in rows]

    def delete(self, blob: Blob) -> None:
        """Delete a blob and its bytes."""
        with self._transaction():
            self.discard([part.part for part in blob.parts])
            self._db.execute("DELETE FROM blobs WHERE container=? AND name=?", (blob.container, blob.name))

    def read(self, blob: Blob, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield a blob's bytes from `start`, chunk by chunk."""
        remaining = blob.size - start if length is None else length
        skip = start
        for part in blob.parts:
            if skip >= part.size:
                skip -= part.size
                continue
            for data in self._chunks(part.part):
                piece = data[skip : skip + remaining]
                skip = max(0, skip - len(data))
                remaining -= len(piece)
                if piece:
                    yield piece
                if remaining <= 0:
                    return

    def all_blobs(self) -> Iterator[Blob]:
        """Return every committed blob."""
        rows = self._db.execute(f"SELECT {COLUMNS} FROM blobs ORDER BY container, name").fetchall()  # noqa: S608 - as above
        return (_blob(row) for row in rows)

    def clear(self) -> None:
        """Delete every blob and block."""
        self._db.executescript("DELETE FROM blobs; DELETE FROM blocks; DELETE FROM chunks;")

    def _chunks(self, part: str) -> Iterator[bytes]:
        position = 0
        while row := self._db.execute(
            "SELECT data FROM chunks WHERE part=? AND position=?", (part, position)
        ).fetchone():
            yield row[0]
            position += 1

    def _write(self, blob: Blob) -> None:
        parts = [[part.id, part.part, part.size] for part in blob.parts]
        row = (blob.container, blob.name, blob.size, blob.etag, blob.modified)
        self._db.execute(
            f"INSERT OR REPLACE INTO blobs ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - as above
            (*row, dump(dict(blob.headers)), dump(dict(blob.metadata)), dump(parts)),
        )

    def _sweep(self) -> None:
        kept = {part.part for blob in self.all_blobs() for part in blob.parts}
        kept.update(part for (part,) in self._db.execute("SELECT part FROM blocks"))
        stored = {part for (part,) in self._db.execute("SELECT DISTINCT part FROM chunks")}
        self.discard(sorted(stored - kept))

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def new_part() -> str:
    """Return a unique name for a new body."""
    return uuid.uuid4().hex


def _etag() -> str:
    return f'"0x8D{uuid.uuid4().hex[:13].upper()}"'


def _blob(row: tuple[str, str, int, str, float, str, str, str]) -> Blob:
    container, name, size, etag, modified, headers, metadata, parts = row
    return Blob(container, name, size, etag, modified, _strings(headers), _strings(metadata), _parts(parts))


def _strings(stored: str) -> dict[str, str]:
    value = parse(stored)
    return {key: str(item) for key, item in value.items()} if is_object(value) else {}


def _parts(stored: str) -> tuple[Part, ...]:
    value = parse(stored)
    return tuple(Part(*part) for part in value) if is_array(value) else ()
