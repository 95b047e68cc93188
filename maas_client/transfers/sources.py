"""Upload sources other than a file on disk: bytes, an open file, rows of an iterable, a URL."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from os import PathLike
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Protocol, TypeAlias

from ..core.errors import InvalidInput
from ..core.extras import install_command
from ..core.local_files import check_file_name, check_path
from ..core.redaction import redact, without_traceback
from ..core.secret_text import SecretText, SecretUrl
from ..wire import Wire

CHUNK = 1 << 20
"""Bytes copied at a time."""


class Readable(Protocol):
    """A file opened for reading in binary mode."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        ...


Row: TypeAlias = Mapping[str, object]
Source: TypeAlias = str | SecretText | PathLike[str] | bytes | Readable | Iterable[Row] | AsyncIterable[Row]
"""A path, a URL that fsspec can open (`s3://…`, `abfs://…`), the content, an open file, or rows."""


def is_on_disk(source: Source) -> bool:
    """Return whether a source is a local file, which can be read again later."""
    return isinstance(source, PathLike) or (isinstance(source, str) and "://" not in source)


@asynccontextmanager
async def as_file(wire: Wire, source: Source, filename: str | None) -> AsyncGenerator[Path]:
    """Provide a source as a file: itself, or a temporary file for the duration of the block.

    Raises InvalidInput if the file does not exist, the source has an unsupported type, or rows are not valid JSON.
    """
    if isinstance(source, str | PathLike) and is_on_disk(source):
        yield existing(source)
        return
    if isinstance(source, str):
        source = SecretUrl(source)
    name = filename or (_name_in(source) if isinstance(source, SecretText) else "data.jsonl")
    check_file_name(name)
    with TemporaryDirectory(prefix="maas_client_") as folder:
        file = Path(folder) / name
        if isinstance(source, AsyncIterable):
            with file.open("wb") as out:
                async for row in source:
                    out.write(_line(row))
        else:
            await wire.call(partial(_spool, source, file))
        yield file


def _name_in(url: SecretText) -> str:
    """Return the file name at the end of a URL, without its query, which may be a signature."""
    return PurePosixPath(url.reveal().partition("://")[2].partition("?")[0]).name


def existing(path: str | PathLike[str]) -> Path:
    """Return the path of an existing file; raise InvalidInput if it does not exist."""
    file = Path(check_path(path))
    if file.is_file():
        return file
    shown = redact(str(file))  # it may be a signed URL after all
    raise InvalidInput(f"there is no file {shown!r}" if not file.exists() else f"{shown!r} is not a file")


def _spool(source: str | SecretText | PathLike[str] | bytes | Readable | Iterable[Row], file: Path) -> None:
    with file.open("wb") as out:
        if isinstance(source, SecretText):
            _fetch(source, out)
        elif isinstance(source, bytes | bytearray | memoryview):
            out.write(source)
        elif isinstance(source, Iterable) and not hasattr(source, "read"):
            out.writelines(_line(row) for row in source)
        else:
            _copy(source, out)


def _copy(source: Any, out: BinaryIO) -> None:  # Any: any object with `read`; the result's type is checked
    read = getattr(source, "read", None)
    if read is None or not isinstance(first := read(0), bytes):
        raise InvalidInput(f"{type(source).__name__} cannot be uploaded: pass a path, bytes, a binary file or rows")
    out.write(first)
    copyfileobj(source, out, CHUNK)


def _fetch(url: SecretText, out: BinaryIO) -> None:
    """Copy the file at a URL. Errors drop fsspec's frames, which show the URL."""
    shown = redact(url.reveal().partition("?")[0])
    try:
        fsspec: Any = import_module("fsspec")  # Any: it has no types
    except ImportError:
        raise InvalidInput(f"opening {shown!r} requires fsspec: {install_command('fsspec')}") from None
    why = ""
    try:
        with fsspec.open(url.reveal(), "rb") as file:
            copyfileobj(file, out, CHUNK)
    except (OSError, ValueError, ImportError) as error:
        why = redact(str(error)) or type(error).__name__
    except BaseException as error:
        raise without_traceback(error) from None
    if why:
        raise InvalidInput(f"{shown!r} cannot be read: {why}")


def _line(row: object) -> bytes:
    if not isinstance(row, Mapping):
        raise InvalidInput(f"a row must be a JSON object, not {type(row).__name__}")
    try:
        return json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"a row cannot be written as JSON: {error}") from None
