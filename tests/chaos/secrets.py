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
    """What must not be seen anywhere, and whether it was."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def add(self, secret: str) -> None:
        """Take note of a secret, in each of its spellings; of a whole signature, its signing part counts."""
        for part in [secret, *_IN_ADDRESSES.findall("?" + secret)]:
            self.known |= {
                spelt for spelt in (part, unquote(part), quote(unquote(part), safe="")) if len(spelt) > SHORTEST
            }

    def hear_request(self, request: httpx.Request) -> None:
        """Take note of what a request carries."""
        for signature in _IN_ADDRESSES.findall(str(request.url)):
            self.add(signature)

    def listener(self) -> Callable[[bytes], None]:
        """Give what takes note of the secrets in an answer, piece after piece."""
        heard = bytearray()

        def hear(piece: bytes) -> None:
            heard.extend(piece)
            for key, signature in _IN_ANSWERS.findall(heard.decode("utf-8", "replace")):
                self.add(key or signature)

        return hear

    def seen_in(self, text: str) -> list[str]:
        """Give the secrets that a text shows, shortened."""
        return sorted(secret[:6] + "…" for secret in self.known if secret in text)


def told(error: BaseException) -> str:
    """Give all that an error says of itself, with its traceback and what it came from."""
    return "\n".join([repr(error), str(error), *traceback.format_exception(error)])


def written(folder: Path) -> str:
    """Give all that files below a folder say."""
    return "\n".join(
        f"{file.name}\n{file.read_bytes().decode('utf-8', 'replace')}" for file in folder.rglob("*") if file.is_file()
    )


@contextmanager
def everything_logged(wanted: bool) -> Generator[StringIO]:
    """Log everything, of every library, from DEBUG on, into a text, if that is wanted."""
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
