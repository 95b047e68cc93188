"""Scanning rows for likely secrets and personal data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..rows.excerpt import Json, escape, pointer
from ..rows.schemas import Problem
from .line_batch import LineBatch
from .prefilter import Prefilter, ascii_only

Where = tuple[str | int, ...]
"""The keys and indices that lead to a value in a row."""


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
    _pattern("a card number", "", r"[2-6]\d(?<![\d.]..)(?:[ -]?\d){11,17}(?![\d.])"),
    _pattern("a social security number", "-", r"\d{3}(?<![\d-]...)-\d{2}-\d{4}(?![\d-])"),
    _pattern("a phone number", "", r"\d{3}(?<![\d.]...)\)?[ .-]\d{3}[ .-]\d{4}(?![\d-])"),
)
_HARMLESS = re.compile(r"@(?:[A-Za-z0-9-]+\.)*example\.(?:com|org|net)\Z|@localhost\Z", re.IGNORECASE)

_SHOWN = 4
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a line must contain, every sign of it, before it is searched for patterns of a rule."""

    rule: str
    patterns: Sequence[Pattern]
    signs: Sequence[Prefilter]

    def of(self, text: bytes) -> bool:
        """Return whether ASCII text contains every sign."""
        return all(sign(text) for sign in self.signs)


def _suspicion(rule: str, patterns: Sequence[Pattern], *signs: str) -> Suspicion:
    return Suspicion(rule, patterns, tuple(map(Prefilter, signs)))


_SECRETS = (  # several signs of a few literals each are found faster than one of all
    _suspicion(
        "secret",
        (*_TOKENS, _PRIVATE_KEY),
        "A[KS]IA[0-9A-Z]{16}|AccountKey=[A-Za-z0-9+/]{80}|AIza[A-Za-z0-9_-]{35}|eyJ[A-Za-z0-9_-]{10}|-----BEGIN",
    ),
    _suspicion("secret", _TOKENS, "sk-[A-Za-z0-9_-]{20}|sig=[A-Za-z0-9%+/]{40}|xox[abeoprs]-[A-Za-z0-9-]{16}"),
    _suspicion(
        "secret",
        _TOKENS,
        "gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}|glpat-[A-Za-z0-9_-]{20}|hf_[A-Za-z0-9]{30}|"
        "k_live_[A-Za-z0-9]{20}",
    ),
    _suspicion("secret", (_ADDRESS,), "@", "://"),
)
_GROUPS = r"[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}|[0-9]{3}-[0-9]{2}-[0-9]{4}"
_DIGITS = "[2-6][0-9][0-9 -]{11}"
_PERSONAL_DATA = (
    _suspicion("personal-data", (_MAIL,), "@", r"[\w.%+\x7f-]@[A-Za-z0-9]"),
    # The first is a fast one; by the second, fractions of numbers are no suspects.
    _suspicion("personal-data", _NUMBERS, f"{_GROUPS}|{_DIGITS}", f"{_GROUPS}|(?:^|[^0-9.]){_DIGITS}"),
)


class SecretScan:
    """Finds likely secrets in rows, and personal data unless `personal` is False."""

    def __init__(self, *, personal: bool = True) -> None:
        self._suspicions = (*_SECRETS, *(_PERSONAL_DATA if personal else ()))

    def find(self, batch: LineBatch) -> Iterator[tuple[int, Problem]]:
        """Yield problems in complete lines with the index of the line; at most one per rule and line.

        Most text contains nothing similar, so all lines are first searched at once for what every pattern requires.
        """
        suspicions = [suspicion for suspicion in self._suspicions if suspicion.of(batch.ascii)]
        for index, line in enumerate(batch.lines) if suspicions else ():
            masked = ascii_only(line)
            if mine := [suspicion for suspicion in suspicions if suspicion.of(masked)]:
                for problem in _read(line, mine):
                    yield index, problem


def _read(line: bytes, suspicions: Sequence[Suspicion]) -> Iterator[Problem]:
    """Search one line for the patterns of its suspicions."""
    try:
        row: Json = json.loads(line)
    except (ValueError, RecursionError):
        row = line.decode("utf-8", "replace")
    found: dict[str, Problem] = {}
    for where, text in _texts(row, (), 0):
        for suspicion in suspicions:
            rule = suspicion.rule
            problem = None if rule in found else _search(rule, suspicion.patterns, where, text)
            if problem is not None:
                found[rule] = problem
    yield from found.values()


def _search(rule: str, patterns: Sequence[Pattern], where: Where, text: str) -> Problem | None:
    for pattern in patterns:
        if pattern.hint in text:
            for match in pattern.form.finditer(text):
                if _is_real(pattern.kind, match[0]):
                    found = escape(match[match.lastindex or 0][:_SHOWN].strip() + "…")
                    return Problem(rule, pointer(*where), found, f"the text contains what looks like {pattern.kind}")
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


def _texts(value: Json, where: Where, depth: int) -> Iterator[tuple[Where, str]]:
    """Yield every string in a row with the keys and indices that lead to it."""
    if isinstance(value, str):
        yield where, value
    elif depth < _DEEPEST and isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*where, key), depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*where, index), depth + 1)
