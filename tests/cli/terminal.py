"""A command line on a pseudo-terminal, as a user sees it."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from contextlib import suppress

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
PATIENCE = 20.0


def on_a_terminal(*words: str, prompt: bytes = b"", keys: bytes = b"", **environment: str) -> tuple[int, str]:
    """Run a command line on a terminal, type `keys` after `prompt`, and return its exit code and output."""
    ours, theirs = pty.openpty()
    settings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
    settings |= {"PYTHONIOENCODING": "utf-8", **environment}  # a terminal is UTF-8, also on Windows
    command = [sys.executable, "-m", "maas_client", *words]
    seen = bytearray()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=settings) as running:
        os.close(theirs)
        with suppress(OSError):  # reading fails once the other side is closed
            while select.select([ours], [], [], PATIENCE)[0]:
                seen += os.read(ours, 1 << 16)
                if keys and prompt in seen:
                    os.write(ours, keys)
                    keys = b""
        running.kill()
    os.close(ours)
    return running.returncode, seen.decode(settings["PYTHONIOENCODING"])


def plain(drawn: str) -> str:
    """Remove escape sequences."""
    return ESCAPES.sub("", drawn)
