"""What a path is with its names left out: generated ids and placeholders become `*`."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_GENERATED = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{16,}")
_PLACEHOLDER = re.compile(r"(?:\A|[^a-z])[a-z]{2,20}-[0-9]{1,9}\Z")
_NAMED_BY = frozenset(
    {
        "subscriptions",
        "resourcegroups",
        "workspaces",
        "jobs",
        "data",
        "datastores",
        "models",
        "versions",
        "computes",
        "deployments",
        "environments",
        "components",
        "codes",
        "onlineendpoints",
        "serverlessendpoints",
        "marketplacesubscriptions",
        "accounts",
        "projects",
        "locations",
        "runs",
        "registries",
        "files",
        "uploads",
        "responses",
        "checkpoints",
        "maas",
        "mir",
    }
)
"""Segments that a name follows."""


def family(text: str) -> str:
    """Return a text with `#` for each generated id in it."""
    return _GENERATED.sub("#", text)


def generated_in(text: str) -> list[str]:
    """Return the generated ids in a text."""
    return _GENERATED.findall(text)


def is_generated(token: str) -> bool:
    """Return whether a token is an id that a service made, or a placeholder of a recording."""
    return _PLACEHOLDER.search(token) is not None or _GENERATED.search(token) is not None


def path_pattern(url: str) -> str:
    """Return a URL's path with `*` for its names, from its last provider on if it is one of Resource Manager."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return "/*"
    segments, shown = path.split("/"), list[str]()
    for number, segment in enumerate(segments):
        before = segments[number - 1].lower() if number else ""
        named = before in _NAMED_BY and segment.lower() not in _NAMED_BY
        shown.append("*" if named or is_generated(segment) else segment)
    pattern = "/".join(shown)
    _, mark, below = pattern.rpartition("/providers/")
    return f"/{below}" if mark else pattern
