"""Every request the server was sent, with the secrets taken out."""

import re
from collections import deque
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, unquote_plus

from mock_server.values import Json, dump, is_array, is_object, parse

KEPT = 10_000
BODY_LIMIT = 8_192
HIDDEN = "REDACTED"
SECRET_NAME = re.compile(
    r"(?:authorization|cookie|credential|key|keyvalue|password|pwd|sas|secret|sig|signature|token|skoid|sktid)s?\Z|\Acode\Z"
)
HARMLESS = frozenset({"continuationtoken", "metrickey", "nexttoken", "pagetoken", "skiptoken"})
SCHEMES = frozenset({"basic", "bearer", "digest", "negotiate", "sharedkey", "sharedkeylite"})
PARAMETER = re.compile(r"(?P<name>(?<![^?&;\s\"'])[\w$%.~+-]{1,100})=(?P<value>[^&;\s\"']+)")
BEARER = re.compile(r"\b([Bb]earer|BEARER|[Ss]hared[Kk]ey(?:[Ll]ite)?)\s+[^\s\"',;]+")


class Journal:
    """The last requests, oldest first; numbers go on, so a reader can tell what it has missed."""

    def __init__(self) -> None:
        self._entries: deque[str] = deque(maxlen=KEPT)  # encoded: a tenth of the memory
        self._count = 0

    def write(self, entry: Json) -> None:
        """Add one entry and number it."""
        self._count += 1
        self._entries.append(dump({"n": self._count, **entry}))

    def entries(self, workspace: str | None = None) -> list[Json]:
        """Give what is kept, all of it or one workspace's."""
        kept = (entry for entry in map(parse, self._entries) if is_object(entry))
        return [one for one in kept if workspace is None or one["workspace"].lower() == workspace.lower()]

    def clear(self) -> None:
        """Forget the entries and start counting anew."""
        self._entries.clear()
        self._count = 0


def safe_url(url: str) -> str:
    """Take signatures and tokens out of a URL's query, in whatever escapes their names are written."""
    address, mark, query = url.rpartition("?") if "?" not in url else url.partition("?")
    return address + mark + "&".join(map(_safe_pair, query.split("&")))


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


@lru_cache(maxsize=1024)  # the same few names come with every request
def is_secret(name: str) -> bool:
    """Tell by its name whether a header, a parameter or a member holds a secret."""
    letters = re.sub(r"[^a-z]", "", name.lower())
    return SECRET_NAME.search(letters) is not None and letters not in HARMLESS


def _safe_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={HIDDEN}" if equals and is_secret(unquote_plus(name)) else _safe_text(pair)


def _safe_parameter(found: re.Match[str]) -> str:
    return f"{found['name']}={HIDDEN}" if is_secret(unquote_plus(found["name"])) else found[0]


def _safe_header(name: str, value: str) -> str:
    if not is_secret(name):
        return _safe_text(value)
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {HIDDEN}" if space and scheme.lower() in SCHEMES else HIDDEN


def _safe(value: object, *, secret: bool = False) -> object:
    if is_object(value):
        return {key: _safe(item, secret=secret or is_secret(key)) for key, item in value.items()}
    if is_array(value):
        return [_safe(item, secret=secret) for item in value]
    if not isinstance(value, str):
        return value
    return HIDDEN if secret else _safe_text(value)


def _safe_text(value: str) -> str:
    """Take secrets out of words that may hold an address, a connection string or a header."""
    if "=" in value:
        value = PARAMETER.sub(_safe_parameter, value)
    return BEARER.sub(rf"\g<1> {HIDDEN}", value) if " " in value else value
