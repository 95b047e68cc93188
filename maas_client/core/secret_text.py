"""Texts that hide themselves, and the secret values that the redaction knows.

Whoever makes a `SecretText` makes its value known: wherever the service sends it back, in whichever common encoding, it
is blanked before it becomes part of an error or a log line. The last LIMIT values are known.
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
"""Values that are known at a time; those that were used longest ago are forgotten first, a quarter at once."""

SHORTEST = 8
"""Characters. A shorter value would blank ordinary words, and is no secret worth the name."""

_RUN = re.compile(r"[A-Za-z0-9]+")
_ENTITIES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_SECRET_NAME = re.compile(r"(?i)sig(?:nature)?$|token$|secret|password|(?:^|[_-])key$|^code$")


class Secret:
    """Base of what holds a secret: it is not pickled, and so never lands in a cache, a queue or a file unseen."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        """Refuse to be pickled or copied; TypeError is what pickle says of all that it cannot do."""
        raise TypeError(f"{type(self).__name__} holds a secret and is not pickled")


class SecretText(Secret):
    """A text that shows as `***` wherever an object is shown: only `reveal` gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        self.keep_known()

    @classmethod
    def of(cls, text: str | SecretText) -> SecretText:
        """Return a text that hides itself, which it may do already."""
        return text if isinstance(text, SecretText) else cls(text)

    def keep_known(self) -> None:
        """Let the redaction know the value, which was just used."""
        remember(self._text)

    def reveal(self) -> str:
        """Return the text; keep it out of local variables, which tracebacks may show."""
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


class SecretAddress(SecretText):
    """A signed address, or its query alone: secret in it are the signature, tokens and keys, and the rest is not."""

    __slots__ = ()

    def keep_known(self) -> None:
        """Let the redaction know what is secret in the address."""
        query = self._text.partition("?")[2] or self._text
        for name, value in parse_qsl(query):
            if _SECRET_NAME.search(name):
                remember(value)


class SecretHeader(SecretText):
    """The value of a header that holds a secret, which is known by itself."""

    __slots__ = ()

    def keep_known(self) -> None:
        """Let the redaction know nothing more."""


class _Known:
    """A secret value, and when it was last used."""

    __slots__ = ("_patterns", "text", "turn")

    def __init__(self, text: str) -> None:
        self.text, self.turn = text, 0
        self._patterns: tuple[tuple[str, re.Pattern[str]], ...] | None = None

    def blank(self, text: str) -> str:
        """Blank the value in a text, however it is written there."""
        if self._patterns is None:  # made when first needed: most values never are
            self._patterns = tuple((_probe(form), _pattern(form)) for form in (self.text, *_in_base64(self.text)))
        for probe, pattern in self._patterns:
            if probe in text:
                text = pattern.sub(REDACTED, text)
        return text


_TURNS = count()
_KNOWN: dict[str, _Known] = {}
"""Shared by all threads without a lock: each step is one operation of a dict with strings for keys, which is atomic."""


def remember(text: str) -> None:
    """Make a secret value known to the redaction, or keep it known."""
    if len(text) < SHORTEST:
        return
    (_KNOWN.get(text) or _KNOWN.setdefault(text, _Known(text))).turn = next(_TURNS)
    if len(_KNOWN) > LIMIT:
        for known in sorted(_KNOWN.copy().values(), key=lambda known: known.turn)[: -LIMIT * 3 // 4]:
            _KNOWN.pop(known.text, None)


def is_address(text: str) -> bool:
    """Say whether a text is a URL, which may hold a signature or a password, and no path and nothing in Azure ML."""
    return "://" in text and not text.startswith("azureml://")


def blank_known(text: str) -> str:
    """Blank every secret value that is known."""
    for known in _KNOWN.copy().values():
        text = known.blank(text)
    return text


def _probe(form: str) -> str:
    """Return the longest part that no encoding changes; nothing where there is hardly any."""
    longest = max(_RUN.findall(form), key=len, default="")
    return longest if len(longest) >= 4 else ""


def _pattern(form: str) -> re.Pattern[str]:
    return re.compile("".join(_character(character) for character in form))


def _character(character: str) -> str:
    """Return a pattern for a character as it is, percent-encoded, or escaped as in JSON, XML and HTML.

    Its repetitions are bounded, so that the time for a text grows with its length.
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
    """Yield what every base64 of something with this text inside holds: one form for each place in a group of three."""
    octets = text.encode("utf-8", "surrogatepass")
    for before in range(3):
        whole = base64.b64encode(bytes(before) + octets).decode()
        rest = (before + len(octets)) % 3
        sure = whole[(0, 2, 3)[before] : len(whole) - (0, 3, 2)[rest]]
        if len(sure) >= SHORTEST:
            yield sure
            if "+" in sure or "/" in sure:
                yield sure.replace("+", "-").replace("/", "_")
