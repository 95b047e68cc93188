"""Which operation a request is: by method, path, query and host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, unquote, urlsplit

from .operation import Base, Operation
from .table import OPERATIONS

_FIRST_SEGMENTS: Mapping[str, Base] = {
    "subscriptions": Base.MANAGEMENT,
    "metadata": Base.MANAGEMENT,
    "registrymanagement": Base.REGISTRY,
    "mferp": Base.REGISTRY,
    "history": Base.HISTORY,
    "metric": Base.HISTORY,
    "discovery": Base.HISTORY,
    "logs": Base.HISTORY,
    "maas": Base.SERVERLESS,
    "mir": Base.ONLINE,
}
_HOST_PARTS: Mapping[str, Base] = {
    ".blob.": Base.BLOB,
    ".inference.ml.": Base.ONLINE,
    ".models.ai.": Base.SERVERLESS,
}
_STORAGE_QUERY = frozenset({"sig", "comp", "restype"})
_CHAT = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Match:
    """The operation of a request, and the named segments of its path."""

    operation: Operation
    names: Mapping[str, str]


def match(method: str, url: str) -> Match | None:
    """Return which operation a request is; None for one that is not in the table.

    Args:
        method: the HTTP method.
        url: the whole URL as sent; names in it may be placeholders, and the host may be a local server's.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    base, path = _located(parts.netloc, parts.path, query)
    if base is None:
        return None
    part = {"comp"} & query.keys() if base is Base.BLOB else set[str]()  # `comp` names a part, such as metadata
    candidates = (
        one for one in OPERATIONS.values() if one.method == method and base in one.bases and one.query.keys() >= part
    )
    found = (
        (len(one.query), Match(one, names))
        for one in candidates
        if all(name in query and value in ("*", query[name]) for name, value in one.query.items())
        for names in _named(one, path)
    )
    best = max(found, key=lambda each: each[0], default=None)
    return None if best is None else best[1]


def _located(host: str, path: str, query: Mapping[str, str]) -> tuple[Base | None, str]:
    """Return where a request goes, and its path there: a local server has Azure's hosts as first segments."""
    first, _, rest = path.lstrip("/").partition("/")
    if ".blob." in first:
        return Base.BLOB, f"/{rest}"
    for part, base in _HOST_PARTS.items():
        if part in host.lower():
            return base, path
    if first == "openai":
        return (Base.ACCOUNT if rest.startswith("v1/") else Base.DATED), path
    if first == "api" and rest.startswith("projects/"):
        below = rest.split("/", 2)[-1]
        is_v1 = below.startswith("openai/v1/")
        return (Base.PROJECT if is_v1 else Base.DATED_PROJECT), path
    if (known := _FIRST_SEGMENTS.get(first.lower())) is not None:
        return known, path
    if path.endswith(_CHAT):
        return Base.SERVERLESS, path
    if path == "/score":
        return Base.ONLINE, path
    return (Base.BLOB, path) if _STORAGE_QUERY & query.keys() else (None, path)


def _named(operation: Operation, path: str) -> Iterator[dict[str, str]]:
    for template in operation.paths:
        if found := _pattern(template).fullmatch(path):
            yield {name: unquote(value) for name, value in found.groupdict().items()}
            return


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Compile a path template; literal segments match in any case, as Resource Manager reads them."""
    pattern = re.sub(r"\\\{(\w+)\\\*\\\}", r"(?P<\1>.+)", re.escape(template))
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", pattern)
    return re.compile(pattern + "/?", re.IGNORECASE)
