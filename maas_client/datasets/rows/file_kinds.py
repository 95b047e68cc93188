"""Files that are not JSON lines but something else, recognised by their first bytes."""

from __future__ import annotations

from .schemas import Problem

_POINTER = "file-is-pointer"
_PAGE = "file-is-web-page"
_COMPRESSED = "file-is-compressed"
_TABLE = "file-is-table"

_SHEET = b"[Content_Types].xml"

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"version https://git-lfs.github.com/spec/", _POINTER, "a Git LFS pointer, not the file itself"),
    (b"\x1f\x8b", _COMPRESSED, "gzip"),
    (b"PK\x03\x04", _COMPRESSED, "a zip archive"),
    (b"BZh", _COMPRESSED, "bzip2"),
    (b"\xfd7zXZ\x00", _COMPRESSED, "xz"),
    (b"\x28\xb5\x2f\xfd", _COMPRESSED, "zstd"),
    (b"PAR1", _TABLE, "a Parquet file"),
    (b"ARROW1\x00\x00", _TABLE, "an Arrow file"),
    (b"SQLite format 3\x00", _TABLE, "an SQLite database"),
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml")


def file_problem(start: bytes) -> Problem | None:
    """Return the problem of a file that begins like another kind of file; None for any other."""
    head = start[:1024]
    if head.startswith(b"PK\x03\x04") and _SHEET in head:
        return _problem(_TABLE, "an Excel workbook")
    if head.lstrip().lower().startswith(_MARKUP):
        return _problem(_PAGE, "a web page, not JSON lines")
    return next((_problem(rule, what) for mark, rule, what in _SIGNATURES if head.startswith(mark)), None)


def _problem(rule: str, what: str) -> Problem:
    return Problem(rule, "", what, f"the file is {what}")
