"""Redaction: secrets in texts for errors and logs are blanked, by pattern and by value."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from .secret_text import REDACTED, redact_known
from .text import one_line

_Document = Mapping[str, Any]

E = TypeVar("E", bound=BaseException)

KEPT = 1 << 20
"""Bytes of a response that an error keeps."""

_LONGEST_SECRET = 1 << 14

_SECRET_QUERY = re.compile(
    r"(?i)((?:(?:[?&;]|%26)(?:sharedaccesssignature|code|key)|(?<![a-z0-9])sig"
    r"|(?<![a-z0-9])(?:access_token|refresh_token|id_token|client_secret|client_assertion"
    r"|x-(?:amz|goog)-(?:signature|security-token)))(?:=|%3d))[^&\s\"'<>\\]+"
)
_SECRET_USER = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{1,15}://)[^/?#@\s\"'<>]+@")
_SECRET_SCHEME = re.compile(r"(?i)\b(bearer|sharedkey|basic)\s+[A-Za-z0-9._~+/=:-]{8,}")
_SECRET_HEADER = re.compile(
    r"(?i)(\b(?:authorization|api-key|ocp-apim-subscription-key|x-ms-copy-source-authorization|x-azureml-token|set-cookie|cookie"
    r"|signing_secret)[\"']?\s*[:=,]\s*(?:b?[\"'])?)(?!bearer|sharedkey|basic)[^\s\"',)]+"
)

_SECRET_SETTING = re.compile(r"(?i)(api_?key[\"']?\s*[:=]\s*[\"']?)[A-Za-z0-9+/=_-]{20,}")
_SECRET_OF_WEBHOOK = re.compile(r"(whsec_)[A-Za-z0-9+/=_%-]{8,}")

_SIGNED = re.compile(r"sig(?:nature)?(?:=|%3d)|x-amz-security-token|whsec_")
"""Text that occurs in every signed URL and secret of a webhook, in lower case: a cheap check before the patterns."""


def redact(text: str) -> str:
    """Blank every signature, token and key in a URL, header or log line, and every registered secret value."""
    return redact_known(_redact_patterns(text))


def _redact_patterns(text: str) -> str:
    for pattern, replacement in _REPLACEMENTS:
        text = pattern.sub(replacement, text)
    return text


def redact_body(body: bytes) -> bytes:
    """Return the beginning of a response as an error keeps it: KEPT bytes without the secrets."""
    # Latin-1 maps each byte to one character. In UTF-16 and UTF-32, which JSON may use, there are zero bytes between.
    text = body[: KEPT + _LONGEST_SECRET].decode("latin-1")
    safe = redact(text)
    if "\0" in safe and (dense := safe.replace("\0", "")) != (blanked := redact(dense)):
        safe = blanked
    return body[:KEPT] if safe == text else safe.encode("latin-1")[:KEPT]


def redact_document(document: _Document) -> tuple[_Document, _Document]:
    """Return a service document without signatures, and a copy for display that has no registered secret values either.

    A text may equal a registered secret by coincidence, so the client itself reads the first one.
    If there is nothing to blank, each is the original document.
    """
    whole = _texts(document)
    unsigned = document if _SIGNED.search(whole.lower()) is None else _redacted_object(document, _redact_patterns)
    return unsigned, unsigned if redact_known(whole) == whole else _redacted_object(document, redact)


def _texts(document: _Document) -> str:
    """Return all strings in a parsed JSON object, joined."""
    texts: list[str] = []
    nested: list[Iterable[object]] = [document.values()]
    for outer in nested:
        for inner in outer:
            if isinstance(inner, str):
                texts.append(inner)
            elif isinstance(inner, list):
                nested.append(cast("list[object]", inner))
            elif isinstance(inner, dict):
                nested.append(cast("dict[str, object]", inner).values())
    return "\0".join(texts)


def _redacted_object(document: _Document, blank: Callable[[str], str]) -> _Document:
    return {name: _redacted(value, blank) for name, value in document.items()}


def _redacted(value: object, blank: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return blank(value)
    if isinstance(value, dict):
        return _redacted_object(cast("dict[str, object]", value), blank)
    return [_redacted(inner, blank) for inner in cast("list[object]", value)] if isinstance(value, list) else value


def without_traceback(error: E) -> E:
    """Return an error without its traceback, cause and context.

    For errors from third-party code that received a secret, which its frames would show.
    """
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


def _redact_match(found: re.Match[str]) -> str:
    return f"{found[1]}{REDACTED}"


# Functions instead of templates: `re` imports its template module on first use, perhaps during interpreter shutdown.
_REPLACEMENTS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_SECRET_QUERY, _redact_match),
    (_SECRET_USER, lambda found: f"{found[1]}{REDACTED}@"),
    (_SECRET_SCHEME, lambda found: f"{found[1]} {REDACTED}"),
    (_SECRET_HEADER, _redact_match),
    (_SECRET_SETTING, _redact_match),
    (_SECRET_OF_WEBHOOK, _redact_match),
)


class _Redaction(logging.Filter):
    """Blank secrets in a log record before any handler sees it."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        safe = redact(message)
        if safe != message:
            record.msg, record.args = safe, ()
        return True


class _OneLine(logging.Filter):
    """Keep a log record to one line: it contains names and messages from the service."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        line = one_line(message)
        if line != message:
            record.msg, record.args = line, ()
        return True


_REDACTION, _ONE_LINE = _Redaction(), _OneLine()


def redact_logs(loggers: Iterable[str]) -> None:
    """Redact these loggers' records (httpx logs whole SAS URLs at INFO), and keep ours to one line each.

    Safe to call again.
    """
    for name in loggers:
        logging.getLogger(name).addFilter(_REDACTION)
    logging.getLogger("maas_client").addFilter(_ONE_LINE)
