"""Strings that hide their value, and the registry of secret values for redaction.

Creating a `SecretText` registers its value: if the service sends it back, in any common encoding, it is blanked
before it becomes part of an error or a log line. The last LIMIT values are registered.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from itertools import count
from typing import NoReturn, SupportsIndex
from urllib.parse import parse_qsl

REDACTED = "***"

LIMIT = 512
"""Maximum number of registered values; the least recently used ones are evicted first, a quarter at a time."""

SHORTEST = 8
"""Shortest registered value in characters. A shorter one would blank ordinary words and offers no security."""

_RUN = re.compile(r"[A-Za-z0-9]+")
_ENTITIES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_SECRET_NAME = re.compile(r"(?i)sig(?:nature)?$|token$|secret|password|(?:^|[_-])key$|^code$")


class Secret:
    """Base of objects that hold a secret: they cannot be pickled, and so never reach a cache, a queue or a file."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        """Refuse to be pickled or copied, with TypeError as is usual for objects that cannot be pickled."""
        raise TypeError(f"{type(self).__name__} holds a secret and is not pickled")


class SecretText(Secret):
    """A string that is shown as `***` everywhere; only `reveal` returns its value."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        self.register()

    @classmethod
    def of(cls, text: str | SecretText) -> SecretText:
        """Wrap a string; a `SecretText` is returned as it is."""
        return text if isinstance(text, SecretText) else cls(text)

    def register(self) -> None:
        """Register the value for redaction, or mark it as just used."""
        remember(self._text)

    def reveal(self) -> str:
        """Return the value; keep it out of local variables, which tracebacks may show."""
        return self._text

    def __repr__(self) -> str:
        return REDACTED

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, _: str) -> str:
        return REDACTED

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, SecretText) else NotImplemented

    def __hash__(self) -> int:
        return hash((SecretText, self._text))


class SecretUrl(SecretText):
    """A signed URL, or its query alone: the signature, tokens and keys in it are secret, and the rest is not."""

    __slots__ = ()

    def register(self) -> None:
        """Register the secret parts of the URL for redaction."""
        query = self._text.partition("?")[2] or self._text
        for name, value in parse_qsl(query):
            if _SECRET_NAME.search(name):
                remember(value)


class SecretHeader(SecretText):
    """The value of a header that contains a secret which is registered on its own."""

    __slots__ = ()

    def register(self) -> None:
        """Do nothing: the secret part is registered already."""


class _KnownSecret:
    """A registered secret value, and when it was last used."""

    __slots__ = ("_patterns", "last_used", "text")

    def __init__(self, text: str) -> None:
        self.text, self.last_used = text, 0
        self._patterns: tuple[tuple[str, re.Pattern[str]], ...] | None = None

    def blank(self, text: str) -> str:
        """Blank the value in a text, in any of its encodings."""
        if self._patterns is None:  # compiled on first use: most values are never searched for
            self._patterns = tuple(
                (_unencoded_part(form), _pattern(form)) for form in (self.text, *_in_base64(self.text))
            )
        for probe, pattern in self._patterns:
            if probe in text:
                text = pattern.sub(REDACTED, text)
        return text


_USES = count()
_KNOWN: dict[str, _KnownSecret] = {}
"""Shared by all threads without a lock: each step is one operation on a dict with string keys, which is atomic."""


def remember(text: str) -> None:
    """Register a secret value for redaction, or mark it as recently used."""
    if len(text) < SHORTEST:
        return
    (_KNOWN.get(text) or _KNOWN.setdefault(text, _KnownSecret(text))).last_used = next(_USES)
    if len(_KNOWN) > LIMIT:
        for known in sorted(_KNOWN.copy().values(), key=lambda known: known.last_used)[: -LIMIT * 3 // 4]:
            _KNOWN.pop(known.text, None)


_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
"""The start of a path on Windows, as in C:/data: no scheme has a single letter."""


def is_url(text: str) -> bool:
    """Return whether a text is a URL that may hold a secret, and not a path or an Azure ML reference."""
    return "://" in text and not text.startswith("azureml://") and _DRIVE.match(text) is None


def redact_known(text: str) -> str:
    """Blank every registered secret value."""
    for known in _KNOWN.copy().values():
        text = known.blank(text)
    return text


def _unencoded_part(form: str) -> str:
    """Return the longest part that no encoding changes; empty if it is too short to search for."""
    longest = max(_RUN.findall(form), key=len, default="")
    return longest if len(longest) >= 4 else ""


def _pattern(form: str) -> re.Pattern[str]:
    return re.compile("".join(_character(character) for character in form))


def _character(character: str) -> str:
    """Return a pattern for a character as it is, percent-encoded, or escaped as in JSON, XML and HTML.

    Its repetitions are bounded, so that matching takes linear time.
    """
    if _RUN.fullmatch(character):
        return character
    code = ord(character)
    octets = character.encode("utf-8", "surrogatepass")
    name = _ENTITIES.get(character)
    forms = [
        rf"\\{{0,4}}{re.escape(character)}",
        "".join(f"%(?:25){{0,3}}{_hex(f'{octet:02x}')}" for octet in octets),
        rf"\\{{1,4}}u{_hex(f'{code:04x}')}",
        f"&(?:amp;){{0,2}}#0{{0,6}}{code};",
        f"&(?:amp;){{0,2}}#[xX]0{{0,6}}{_hex(f'{code:x}')};",
        *([f"&(?:amp;){{0,2}}{name};"] if name else []),
    ]
    return f"(?:{'|'.join(forms)})"


def _hex(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)


def _in_base64(text: str) -> Iterable[str]:
    """Yield the substrings by which a text is found inside base64: one for each offset in a group of three bytes."""
    octets = text.encode("utf-8", "surrogatepass")
    for before in range(3):
        whole = base64.b64encode(bytes(before) + octets).decode()
        rest = (before + len(octets)) % 3
        sure = whole[(0, 2, 3)[before] : len(whole) - (0, 3, 2)[rest]]
        if len(sure) >= SHORTEST:
            yield sure
            if "+" in sure or "/" in sure:
                yield sure.replace("+", "-").replace("/", "_")
