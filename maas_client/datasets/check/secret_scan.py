"""Scanning rows for likely secrets and personal data."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ..rows.excerpt import Json, escape, pointer
from ..rows.schemas import Problem


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of secret or personal data: its name, a literal that always occurs in it, and its pattern."""

    kind: str
    hint: str
    form: re.Pattern[str]


def _pattern(kind: str, hint: str, form: str) -> Pattern:
    return Pattern(kind, hint, re.compile(form))


_ADDRESS = _pattern("a password in a URL", "://", r"\b[a-z][a-z0-9+.-]{1,30}://[^\s:/@]{1,100}:[^\s:/@]{3,100}@")
_PRIVATE_KEY = _pattern("a private key", "PRIVATE KEY", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")
_TOKENS = (
    _pattern("an AWS access key", "AKIA", r"\bAKIA[0-9A-Z]{16}\b"),
    _pattern("an AWS access key", "ASIA", r"\bASIA[0-9A-Z]{16}\b"),
    _pattern("an Azure storage key", "AccountKey=", r"\bAccountKey=[A-Za-z0-9+/]{80,}={0,2}"),
    _pattern("an Azure storage signature", "sig=", r"\bsig=[A-Za-z0-9%+/]{40,}"),
    _pattern("a GitHub token", "gh", r"\bgh[pousr]_[A-Za-z0-9]{36,}"),
    _pattern("a GitHub token", "github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{22,}"),
    _pattern("a GitLab token", "glpat-", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    _pattern("a Google API key", "AIza", r"\bAIza[A-Za-z0-9_-]{35}"),
    _pattern("a Hugging Face token", "hf_", r"\bhf_[A-Za-z0-9]{30,}"),
    _pattern("a Slack token", "xox", r"\bxox[abeoprs]-[A-Za-z0-9-]{16,}"),
    _pattern("a Stripe key", "k_live_", r"\b[rs]k_live_[A-Za-z0-9]{20,}"),
    _pattern("an API key", "sk-", r"\bsk-[A-Za-z0-9_-]{20,}"),
    # Matched from the start of a run of these characters to the first `eyJ` in it, so that a run is scanned once, not
    # again from every `eyJ`. The group is the token.
    _pattern(
        "a JSON Web Token",
        "eyJ",
        r"(?<![A-Za-z0-9_-])(?:(?!\beyJ)[A-Za-z0-9_-])*+"
        r"(eyJ[A-Za-z0-9_-]{10,}+\.eyJ[A-Za-z0-9_-]{10,}+\.[A-Za-z0-9_-]{10,})",
    ),
)
_MAIL = _pattern(
    "an e-mail address", "@", r"(?<![\w.%+-])[A-Za-z0-9][\w.%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b"
)
_NUMBERS = (
    _pattern("a card number", "", r"\d(?<![\d.].)(?:[ -]?\d){12,18}(?![\d.])"),
    _pattern("a social security number", "-", r"\d{3}(?<![\d-]...)-\d{2}-\d{4}(?![\d-])"),
    _pattern("a phone number", "", r"\d{3}(?<![\d.]...)\)?[ .-]\d{3}[ .-]\d{4}(?![\d-])"),
)
_HARMLESS = re.compile(r"@(?:[A-Za-z0-9-]+\.)*example\.(?:com|org|net)\Z|@localhost\Z", re.IGNORECASE)

_LETTER, _DIGIT, _GAP = ord("a"), ord("0"), ord("-")
_RUNS = bytes(
    _LETTER if chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) in "_-/+") else byte for byte in range(256)
)
"""Maps every character that tokens consist of to one letter."""

_NUMERALS = bytes(_DIGIT if byte in b"0123456789" else _GAP if byte in b" .-" else byte for byte in range(256))
"""Maps all digits to one character, and separators between groups of digits to another."""

_SHOWN = 4
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class SecretPattern:
    """A cheap prefilter on text translated by `table`, and the patterns that lines with a match may contain."""

    table: bytes | None
    mark: bytes
    patterns: Mapping[str, Sequence[Pattern]]


_SECRET_SIGNS = (
    SecretPattern(_RUNS, b"a" * 20, {"secret": _TOKENS}),
    SecretPattern(None, b"-----BEGIN", {"secret": (_PRIVATE_KEY,)}),
)
_AT = b"@"
_NUMBER_SIGNS = tuple(
    SecretPattern(_NUMERALS, mark, {"personal-data": _NUMBERS})
    for mark in (b"-000-0000", b"000-00-0000", b"0000-0000-0000", b"0" * 13)
)


class SecretScan:
    """Finds likely secrets in rows, and personal data unless `personal` is False."""

    def __init__(self, *, personal: bool = True) -> None:
        mail = {"personal-data": (_MAIL,)} if personal else {}
        at = SecretPattern(None, _AT, {"secret": (_ADDRESS,), **mail})
        self._signs = (*_SECRET_SIGNS, at, *(_NUMBER_SIGNS if personal else ()))

    def find(self, lines: Sequence[bytes]) -> Iterator[tuple[int, Problem]]:
        """Yield problems in complete lines with the index of the line; at most one per rule and line.

        Most text contains nothing similar, so all lines are first searched at once for what every pattern requires.
        """
        text = b"".join(lines)
        turned: dict[bytes | None, bytes] = {None: text}
        suspects: dict[int, list[SecretPattern]] = {}
        ends: list[int] = []
        for sign in self._signs:
            if sign.table not in turned:
                turned[sign.table] = text.translate(sign.table)
            for at in _places(turned[sign.table], sign.mark):
                ends = ends or list(accumulate(map(len, lines)))
                suspects.setdefault(bisect_right(ends, at), []).append(sign)
        for index in sorted(suspects):
            for problem in _read(lines[index], suspects[index]):
                yield index, problem


def _places(text: bytes, mark: bytes) -> Iterator[int]:
    """Yield the first occurrence of the prefilter in each line."""
    at = text.find(mark)
    while at >= 0:
        yield at
        end = text.find(b"\n", at)
        at = text.find(mark, end) if end >= 0 else -1


def _read(line: bytes, signs: Sequence[SecretPattern]) -> Iterator[Problem]:
    """Match one line against the full patterns of its prefilters."""
    try:
        row: Json = json.loads(line)
    except (ValueError, RecursionError):
        row = line.decode("utf-8", "replace")
    found: dict[str, Problem] = {}
    for where, text in _texts(row, "", 0):
        for sign in signs:
            for rule, patterns in sign.patterns.items():
                problem = None if rule in found else _search(rule, patterns, where, text)
                if problem is not None:
                    found[rule] = problem
    yield from found.values()


def _search(rule: str, patterns: Sequence[Pattern], where: str, text: str) -> Problem | None:
    for pattern in patterns:
        if pattern.hint in text:
            for match in pattern.form.finditer(text):
                if _is_real(pattern.kind, match[0]):
                    found = escape(match[match.lastindex or 0][:_SHOWN].strip() + "…")
                    return Problem(rule, where, found, f"the text contains what looks like {pattern.kind}")
    return None


def _is_real(kind: str, found: str) -> bool:
    """Rule out false matches that only have the right shape."""
    if kind == "a card number":
        return _is_card([int(digit) for digit in found if digit.isdigit()])
    return kind != "an e-mail address" or not _HARMLESS.search(found)


def _is_card(digits: Sequence[int]) -> bool:
    """Verify the check digit of a card number (ISO/IEC 7812-1, Luhn)."""
    doubled = (digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2])
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _texts(value: Json, where: str, depth: int) -> Iterator[tuple[str, str]]:
    """Yield every string in a row with its JSON pointer."""
    if isinstance(value, str):
        yield where, value
    elif depth < _DEEPEST and isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, where + pointer(key), depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, where + pointer(index), depth + 1)
