"""Persistent documents: one SQLite file in WAL mode, or a private temporary one.

A write is acknowledged after its commit. WAL with `synchronous=NORMAL` loses nothing if the process is killed at any
time: by then the operating system has the pages. (A power failure may lose data.)
"""

import errno
import os
import sqlite3
import stat
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from mock_server.core.json_values import Json, dump, is_object, parse
from mock_server.state.file_locks import PRIVATE_FLAGS

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL,
    body TEXT NOT NULL, due REAL, UNIQUE (kind, scope, name));
CREATE INDEX IF NOT EXISTS documents_due ON documents (kind, scope, due) WHERE due IS NOT NULL;
"""


def connect(state: Path | None) -> sqlite3.Connection:
    """Open the database of a state directory, or a temporary one that spills to disk when it grows large."""
    if state is not None:
        create_private_file(state / "state.db")
    # One connection serves the event loop and the thread that reads a dataset; SQLite serializes the two.
    connection = sqlite3.connect(state / "state.db" if state else "", isolation_level=None, check_same_thread=False)
    if state:
        _check_schema(connection)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
    else:
        connection.execute(
            "PRAGMA page_size=32768"
        )  # halves the cost of bodies; for small commits to a file it would cost more
        connection.execute("PRAGMA journal_mode=MEMORY")
        connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-8192")
    return connection


COLUMNS = frozenset({"seq", "kind", "scope", "name", "body", "due"})


def _check_schema(connection: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError for a file that is not this server's database, before anything is written to it."""
    try:
        found = frozenset(str(row[1]) for row in connection.execute("PRAGMA table_info(documents)"))
        tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE type='table'").fetchone()[0]
        if tables and found != COLUMNS:
            raise sqlite3.DatabaseError("its database belongs to another program")
    except BaseException:
        connection.close()
        raise


def create_private_file(path: Path) -> None:
    """Create a file that only its owner can read, if it does not exist; SQLite creates companion files alike.

    Raises OSError: ELOOP for a symbolic link, ENXIO or EINVAL for anything else that is not a regular file.
    """
    descriptor = os.open(path, PRIVATE_FLAGS | getattr(os, "O_NONBLOCK", 0), 0o600)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        if sys.platform != "win32":  # there the folder's permissions decide
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


class Store:
    """Documents by kind, scope (a workspace's guid, or "" for the server's own) and name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._db.executescript(SCHEMA)

    def get(self, kind: str, scope: str, name: str) -> Json | None:
        """Return one document, or None."""
        row = self._db.execute(
            "SELECT body FROM documents WHERE kind=? AND scope=? AND name=?", (kind, scope, sqlite_safe(name))
        ).fetchone()
        return _document(row[0]) if row else None

    def put(self, kind: str, scope: str, name: str, body: Json, *, due: float | None = None) -> None:
        """Write one document; `due` is the time at which it has to be processed again."""
        self._db.execute(
            "INSERT INTO documents (kind, scope, name, body, due) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (kind, scope, name) DO UPDATE SET body=excluded.body, due=excluded.due",
            (kind, scope, sqlite_safe(name), dump(body), due),
        )

    def add(self, kind: str, scope: str, name: str, body: Json, *, due: float | None = None) -> bool:
        """Write a new document; returns False, and writes nothing, if the name is taken."""
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO documents (kind, scope, name, body, due) VALUES (?, ?, ?, ?, ?)",
            (kind, scope, sqlite_safe(name), dump(body), due),
        )
        return cursor.rowcount == 1

    def delete(self, kind: str, scope: str, name: str) -> None:
        """Delete one document, if it exists."""
        self._db.execute("DELETE FROM documents WHERE kind=? AND scope=? AND name=?", (kind, scope, sqlite_safe(name)))

    def all(self, kind: str, scope: str) -> Iterator[tuple[str, Json]]:
        """Return the documents of a kind, newest first, decoded lazily."""
        rows = self._db.execute(
            "SELECT name, body FROM documents WHERE kind=? AND scope=? ORDER BY seq DESC", (kind, scope)
        ).fetchall()
        return ((name, _document(body)) for name, body in rows)

    def due(self, kind: str, scope: str, now: float) -> list[tuple[str, Json]]:
        """Return the documents that are due, earliest first."""
        rows = self._db.execute(
            "SELECT name, body FROM documents WHERE kind=? AND scope=? AND due<=? ORDER BY due, seq", (kind, scope, now)
        ).fetchall()
        return [(name, _document(body)) for name, body in rows]

    def export(self) -> list[Json]:
        """Return every document, oldest first, in the form that `put` accepts."""
        rows = self._db.execute("SELECT kind, scope, name, body, due FROM documents ORDER BY seq").fetchall()
        return [{"kind": k, "scope": s, "name": n, "body": _document(b), "due": d} for k, s, n, b, d in rows]

    def clear(self) -> None:
        """Delete every document but the server's own settings."""
        self._db.execute("DELETE FROM documents WHERE kind != 'server'")

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Make the writes inside a transaction; the block must not await."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def sqlite_safe(name: str) -> str:
    """Return a name that SQLite accepts: JSON can contain lone surrogates, UTF-8 cannot."""
    return name.encode("utf-8", "backslashreplace").decode()


def _document(body: str) -> Json:
    document = parse(body)
    if not is_object(document):
        raise TypeError(f"the state contains {body[:80]!r} instead of a JSON object")
    return document
