"""Every request that the server received, redacted."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, unquote_plus

from mock_server.core.json_values import Json, dump, is_array, is_object, parse
from mock_server.journal.compressed_log import CompressedLog

MAX_ENTRIES = 100_000  # readable page by page
VERDICT_ENTRIES = 10_000  # readable at once, and the basis of a verdict
BODY_LIMIT = 8_192
REDACTED = "REDACTED"
SECRET_NAME = re.compile(
    r"(?:authorization|cookie|credential|key|keyvalue|password|pwd|sas|secret|sig|signature|token|skoid|sktid)s?\Z|\Acode\Z"
)
NOT_SECRET = frozenset({"continuationtoken", "metrickey", "nexttoken", "pagetoken", "skiptoken"})
SCHEMES = frozenset({"basic", "bearer", "digest", "negotiate", "sharedkey", "sharedkeylite"})
PARAMETER = re.compile(r"(?P<name>(?<![^?&;\s\"'])[\w$%.~+-]{1,100})=(?P<value>[^&;\s\"']+)")
BEARER = re.compile(r"\b([Bb]earer|BEARER|[Ss]hared[Kk]ey(?:[Ll]ite)?)\s+[^\s\"',;]+")


class Journal:
    """The most recent requests, oldest first; numbers only grow, so a reader can detect what it has missed."""

    def __init__(self) -> None:
        self._log = CompressedLog(max_lines=MAX_ENTRIES, min_lines=VERDICT_ENTRIES)
        self._generation = 1

    @property
    def generation(self) -> int:
        """Return how often numbering has started."""
        return self._generation

    @property
    def span(self) -> Json:
        """Return the numbers of the oldest and newest entries kept, and how often numbering has started."""
        return {"first": self._log.first, "last": self._log.last, "life": self._generation}

    def write(self, entry: Json, generation: int) -> None:
        """Add and number an entry, unless the journal was cleared since its request arrived."""
        if generation == self._generation:
            self._log.add(dump({"n": self._log.last + 1, **entry}))

    def entries(self, workspace: str | None = None) -> list[Json]:
        """Return the last 10,000 entries, or those among them that concern one workspace."""
        return decode_entries(self.newest(), workspace)

    def newest(self) -> list[str]:
        """Return the last 10,000 entries in encoded form, for decoding elsewhere."""
        return self.lines(self._log.last - VERDICT_ENTRIES, VERDICT_ENTRIES)

    def lines(self, after: int, limit: int) -> list[str]:
        """Return up to `limit` entries in encoded form, from the first one numbered above `after`."""
        return self._log.read(after, limit)

    def page(self, after: int, limit: int) -> list[Json]:
        """Return up to `limit` entries in order, from the first one kept that is numbered above `after`."""
        return decode_entries(self.lines(after, limit))

    def clear(self) -> None:
        """Drop the entries and restart numbering."""
        self._log.clear()
        self._generation += 1


def decode_entries(lines: Iterable[str], workspace: str | None = None) -> list[Json]:
    """Decode entries, all of them or those of one workspace."""
    kept = (entry for entry in map(parse, lines) if is_object(entry))
    return [one for one in kept if workspace is None or one["workspace"].lower() == workspace.lower()]


def safe_url(url: str) -> str:
    """Redact signatures and tokens in a URL's query, however their names are escaped."""
    address, question_mark, query = url.rpartition("?") if "?" not in url else url.partition("?")
    return address + question_mark + "&".join(map(_safe_pair, query.split("&")))


def safe_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Redact secrets in headers; the scheme of a credential stays visible."""
    return {name: _safe_header(name, value) for name, value in headers}


def safe_body(content_type: str, body: bytes) -> object:
    """Return a JSON body, redacted, or None for one that is too long or not JSON."""
    if "json" not in content_type.lower() or len(body) > BODY_LIMIT:
        return None
    try:
        return _safe(parse(body))
    except ValueError:
        return None


def parse_query(raw: bytes) -> Mapping[str, str]:
    """Decode a query string; the first of equal names wins."""
    pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True)
    return dict(reversed(pairs))


@lru_cache(maxsize=1024)  # every request has the same few names
def is_secret(name: str) -> bool:
    """Return whether the name of a header, parameter or JSON member denotes a secret."""
    letters = re.sub(r"[^a-z]", "", name.lower())
    return SECRET_NAME.search(letters) is not None and letters not in NOT_SECRET


def _safe_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={REDACTED}" if equals and is_secret(unquote_plus(name)) else _safe_text(pair)


def _safe_parameter(found: re.Match[str]) -> str:
    return f"{found['name']}={REDACTED}" if is_secret(unquote_plus(found["name"])) else found[0]


def _safe_header(name: str, value: str) -> str:
    if not is_secret(name):
        return _safe_text(value)
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {REDACTED}" if space and scheme.lower() in SCHEMES else REDACTED


def _safe(value: object, *, secret: bool = False) -> object:
    if is_object(value):
        return {key: _safe(item, secret=secret or is_secret(key)) for key, item in value.items()}
    if is_array(value):
        return [_safe(item, secret=secret) for item in value]
    if not isinstance(value, str):
        return value
    return REDACTED if secret else _safe_text(value)


def _safe_text(value: str) -> str:
    """Redact secrets in text that may contain an address, a connection string or a header."""
    if "=" in value:
        value = PARAMETER.sub(_safe_parameter, value)
    return BEARER.sub(rf"\g<1> {REDACTED}", value) if " " in value else value
