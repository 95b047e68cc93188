"""Opening a source file by its format."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from ...core.errors import InvalidInput
from ..check.rules import RULES
from ..rows.file_kinds import file_problem
from ..rows.lines import BOM
from .csv_rows import read_csv
from .encodings import as_utf8, source_encoding
from .format_names import FILE_KINDS, FileKind
from .json_rows import read_json
from .parquet_rows import read_parquet
from .source import Source

_CHUNK = 256 * 1024
_HEAD = 4096

_SUFFIXES: Mapping[str, FileKind] = {
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
}


@contextmanager
def open_source(path: Path, *, source_format: str, encoding: str | None = None) -> Generator[Source]:
    """Open a file in the requested format and encoding, by default those that its suffix or first bytes indicate.

    Raises InvalidInput if the file's format cannot be detected, it is not in the encoding, or it is a file of another
    kind, such as an archive.
    """
    name = str(path)
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb", buffering=_CHUNK))
        start = file.read(_HEAD)
        file.seek(0)
        kind = kind_of(path, start, source_format=source_format)
        if kind == "parquet":
            yield stack.enter_context(read_parquet(path, name=name))
            return
        other = file_problem(start)
        if other is not None:
            raise InvalidInput(f"{name}: {other.message}. {RULES[other.rule].remedy}")
        found = source_encoding(start, named=encoding, name=name)
        text = stack.enter_context(as_utf8(file, found, name=name))
        if kind == "json":
            source = Source(name, "line", read_json(text), position=lambda _rows: text.tell())
        else:
            source = stack.enter_context(read_csv(text, name=name, tabs=kind == "tsv"))
        yield replace(source, encoding=found)


def kind_of(path: Path, start: bytes, *, source_format: str) -> FileKind:
    """Return the format of a file that starts with these bytes; raise InvalidInput if it cannot be detected."""
    for kind in FILE_KINDS:
        if source_format == kind:
            return kind
    by_name = _SUFFIXES.get(path.suffix.lower())
    if by_name is not None:
        return by_name
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.removeprefix(BOM).lstrip()[:1] in {b"{", b"["}:
        return "json"
    choices = ", ".join(f"`--from {kind}`" for kind in FILE_KINDS)
    raise InvalidInput(f"{str(path)!r}: neither its name nor its first bytes show its format; choose with {choices}")
