"""The secrets of one run: every token that was handed out, and every key and signature that the service ever sent."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from urllib.parse import quote, unquote

import httpx

SHORTEST = 12
"""Characters. What is shorter turns up by chance."""

_IN_ANSWERS = re.compile(r'"(?:primaryKey|secondaryKey|sasToken|key)"\s*:\s*"([^"]+)"|[?&]sig=([^&"\s]+)')
_IN_ADDRESSES = re.compile(r"[?&]sig=([^&]+)")


class Secrets:
    """The secrets of a run, and where they appear."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def add(self, secret: str) -> None:
        """Record a secret, in each of its spellings; of a whole signature, its signing part counts."""
        for part in [secret, *_IN_ADDRESSES.findall("?" + secret)]:
            self.known |= {
                spelt for spelt in (part, unquote(part), quote(unquote(part), safe="")) if len(spelt) > SHORTEST
            }

    def add_request(self, request: httpx.Request) -> None:
        """Record the signatures in the URL of a request."""
        for signature in _IN_ADDRESSES.findall(str(request.url)):
            self.add(signature)

    def collector(self) -> Callable[[bytes], None]:
        """Return a function that records the secrets in an answer, chunk by chunk."""
        received = bytearray()

        def collect(piece: bytes) -> None:
            received.extend(piece)
            for key, signature in _IN_ANSWERS.findall(received.decode("utf-8", "replace")):
                self.add(key or signature)

        return collect

    def found_in(self, text: str) -> list[str]:
        """Return the secrets that a text contains, shortened."""
        return sorted(secret[:6] + "…" for secret in self.known if secret in text)


def full_text(error: BaseException) -> str:
    """Return the text of an error, with its traceback and causes."""
    return "\n".join([repr(error), str(error), *traceback.format_exception(error)])


def text_of_files(folder: Path) -> str:
    """Return the names and contents of the files below a folder."""
    return "\n".join(
        f"{file.name}\n{file.read_bytes().decode('utf-8', 'replace')}" for file in folder.rglob("*") if file.is_file()
    )


@contextmanager
def captured_logs(wanted: bool) -> Generator[StringIO]:
    """Capture the logs of every library, from DEBUG on, if that is wanted."""
    text, root = StringIO(), logging.getLogger()
    if not wanted:
        yield text
        return
    handler, before = logging.StreamHandler(text), root.level
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
