"""The encoding of a source: the named one, or one that its first bytes show for certain; and its text as UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Generator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from ...core.errors import InvalidInput
from ..json_recovery.transcoding import encoding_of
from ..rows.lines import BOM

UTF8 = "utf-8"

REMEDY = "if the file is in another encoding, name it, such as `--encoding windows-1252` (encoding=)"
"""What to do about a byte that is not UTF-8: which encoding it is in cannot be known for certain."""

_CHUNK = 256 * 1024
_MARKS = (BOM, b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")


def source_encoding(start: bytes, *, named: str | None, name: str) -> str:
    """Return the encoding of a file that starts with these bytes.

    Raises InvalidInput if there is no encoding of the name, or the file's byte-order mark contradicts it.
    """
    if named is None:
        return encoding_of(start) or UTF8
    encoding = named.strip().lower()
    try:
        "a".encode(encoding)  # also refuses what is not an encoding of text, such as base64
        codec = codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise InvalidInput(
            f"there is no encoding {named!r}; some are utf-8, utf-16, windows-1252, iso-8859-1, shift_jis, gb18030"
        ) from error
    if not codec.startswith("utf") and start.startswith(_MARKS):
        raise InvalidInput(f"{name} starts with a Unicode byte-order mark, so it is not in {encoding}: omit --encoding")
    return UTF8 if codec in {UTF8, "utf-8-sig", "ascii"} else encoding


@contextmanager
def as_utf8(file: BinaryIO, encoding: str, *, name: str) -> Generator[BinaryIO]:
    """Open a file as UTF-8: the file itself, or a temporary copy of its text.

    Raises InvalidInput at the first bytes that are not in the encoding.
    """
    if encoding == UTF8:
        yield file
        return
    with TemporaryFile() as copy:
        target = cast("BinaryIO", copy)  # a wrapper around one on Windows
        _transcode(file, target, encoding, name=name)
        target.seek(0)
        yield target


def _transcode(source: BinaryIO, target: BinaryIO, encoding: str, *, name: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    size, first = 0, True
    while True:
        data = source.read(_CHUNK)
        size += len(data)
        try:
            text = decoder.decode(data, not data)
        except UnicodeDecodeError as error:
            at = size - len(error.object) + error.start
            byte = f"byte 0x{error.object[error.start]:02x}, the file's byte {at + 1},"
            raise InvalidInput(f"{name}: {byte} is not {encoding}: name its encoding with --encoding") from error
        except UnicodeError as error:
            raise InvalidInput(f"{name} is not {encoding} ({error}): name its encoding with --encoding") from error
        if text and first:
            text, first = text.removeprefix("\ufeff"), False
        target.write(text.encode(UTF8, "surrogatepass"))
        if not data:
            return
