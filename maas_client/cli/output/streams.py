"""The standard streams: a character or a write that fails never changes what a command has done."""

from __future__ import annotations

import codecs
import errno
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import Any

import click

ERRORS = "maas_replace"
"""Name of the error handler that replaces what an encoding lacks."""

ASCII = "maas_ascii"
"""ASCII by another name: click takes a stream in ASCII for a mistake, and writes UTF-8 to it."""

_WRITERS = frozenset({"click.utils", "rich.console"})
"""The modules that write to stdout."""

_REPLACEMENTS = str.maketrans(
    {
        **dict.fromkeys("─━╌╸╺–—−", "-"),
        **dict.fromkeys("│┃", "|"),
        **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼", "+"),
        **dict(zip("▁▂▃▄▅▆▇█", "_.,-=+*#", strict=True)),
        **dict.fromkeys("▉▊▋▌▍▎▏", "#"),
        **dict.fromkeys("‘’", "'"),
        **dict.fromkeys("“”", '"'),
        "…": "~",
        "•": "*",
        "·": ".",
        "✓": "v",
        "✗": "x",
        "▸": ">",
        "×": "x",
        "→": "->",
        "≤": "<=",
        "≥": ">=",
        "\xa0": " ",
    }
)
"""Drawn characters and punctuation, each with something like it in ASCII; a drawing keeps its width."""


def prepare_streams() -> None:
    """Let stdout and stderr replace the characters that their encoding lacks, as a pipe's on Windows does."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, TextIOWrapper) or _holds_everything(stream.encoding):
            continue
        codecs.register_error(ERRORS, _replace)
        if codecs.lookup(stream.encoding).name == "ascii":
            codecs.register(_find_ascii)
            stream.reconfigure(encoding=ASCII, errors=ERRORS)
        else:
            stream.reconfigure(errors=ERRORS)


def can_write(text: str) -> bool:
    """Return whether stdout's encoding has every character of a text."""
    encoding: str | None = getattr(sys.stdout, "encoding", None)
    if encoding is None or _holds_everything(encoding):
        return True
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def write_note(text: str) -> None:
    """Write a line to stderr; one that cannot be written is lost, and so are those after it."""
    try:
        click.echo(text, err=True)
    except OSError:
        discard(sys.stderr)


def is_of_output(error: OSError) -> bool:
    """Return whether an error is that of a write to a standard stream, judged by its innermost frame."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame is not None and frame.tb_frame.f_globals.get("__name__") in _WRITERS


def is_broken_pipe(error: OSError) -> bool:
    """Return whether the reader of a pipe has gone: on Windows that is an invalid argument."""
    return isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL)


def discard(*streams: Any) -> None:
    """Redirect streams to the null device, or the interpreter's flush at exit fails and changes the exit code."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        with suppress(OSError, AttributeError):  # no stream, or none of the system
            os.dup2(nothing, stream.fileno())
    os.close(nothing)


def _holds_everything(encoding: str) -> bool:
    return codecs.lookup(encoding).name.startswith("utf")


def _replace(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    shown = error.object[error.start : error.end].translate(_REPLACEMENTS)
    return "".join(character if character.isascii() else "?" for character in shown), error.end


def _find_ascii(name: str) -> codecs.CodecInfo | None:
    if name != ASCII:
        return None
    found = codecs.lookup("ascii")
    return codecs.CodecInfo(
        found.encode,
        found.decode,
        found.streamreader,
        found.streamwriter,
        found.incrementalencoder,
        found.incrementaldecoder,
        name=ASCII,
    )
