"""Every request the server was sent, with the secrets taken out."""

import re
from collections import deque
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, unquote_to_bytes

from mock_server.values import Json, dump, is_array, is_object, parse

KEPT = 10_000
BODY_LIMIT = 8_192
HIDDEN = "REDACTED"
SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "api-key", "x-ms-copy-source-authorization", "cookie", "x-mock-token"}
)
SECRET_KEYS = frozenset(
    {
        "key",
        "keyvalue",
        "primarykey",
        "secondarykey",
        "sastoken",
        "password",
        "secret",
        "token",
        "accesstoken",
        "apikey",
    }
)
SIGNATURE = re.compile(r"((?:^|[?&;])(?:sig|skoid|code|token)=)[^&;\s\"']*", re.IGNORECASE)


class Journal:
    """The last requests, oldest first; numbers go on, so a reader can tell what it has missed."""

    def __init__(self) -> None:
        self._entries: deque[str] = deque(maxlen=KEPT)  # encoded: a tenth of the memory
        self._count = 0

    def write(self, entry: Json) -> None:
        """Add one entry and number it."""
        self._count += 1
        self._entries.append(dump({"n": self._count, **entry}))

    def entries(self) -> list[Json]:
        """Give what is kept."""
        return [entry for entry in map(parse, self._entries) if is_object(entry)]

    def clear(self) -> None:
        """Forget the entries and start counting anew."""
        self._entries.clear()
        self._count = 0


def safe_url(url: str) -> str:
    """Take signatures and tokens out of a URL's query."""
    return SIGNATURE.sub(rf"\g<1>{HIDDEN}", url)


def safe_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Take the secrets out of headers; what kind of secret was there stays to be seen."""
    return {name: _safe_header(name, value) for name, value in headers}


def safe_body(content_type: str, body: bytes) -> object:
    """Give a JSON body without its secrets, or None for one that is too long or something else."""
    if "json" not in content_type.lower() or len(body) > BODY_LIMIT:
        return None
    try:
        return _safe(parse(body))
    except ValueError:
        return None


def query_of(raw: bytes) -> Mapping[str, str]:
    """Decode a query string; the first of equal names counts."""
    pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True)
    return dict(reversed(pairs))


def path_of(raw: bytes) -> str:
    """Decode a path's percent escapes; bytes that are not UTF-8 become replacement characters."""
    return unquote_to_bytes(raw).decode("utf-8", "replace")


def _safe_header(name: str, value: str) -> str:
    if name.lower() not in SECRET_HEADERS:
        return safe_url(value)
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {HIDDEN}" if space else HIDDEN


def _safe(value: object) -> object:
    if is_object(value):
        return {key: HIDDEN if key.lower() in SECRET_KEYS else _safe(item) for key, item in value.items()}
    if is_array(value):
        return [_safe(item) for item in value]
    return safe_url(value) if isinstance(value, str) else value
