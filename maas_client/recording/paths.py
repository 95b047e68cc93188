"""Paths, of URLs, ids of resources and blobs: what is a name in them becomes a placeholder, the rest is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from urllib.parse import quote, unquote

from ..contract.table import OPERATIONS
from .placeholders import Placeholders
from .public_words import PLACES, REGISTRIES, files, models, regions

COLLECTIONS: Mapping[str, str] = {
    "subscriptions": "subscription",
    "resourcegroups": "group",
    "workspaces": "workspace",
    "registries": "registry",
    "locations": "region",
    "jobs": "job",
    "runs": "job",
    "experiments": "experiment",
    "serverlessendpoints": "endpoint",
    "onlineendpoints": "endpoint",
    "maas": "endpoint",
    "mir": "endpoint",
    "deployments": "deployment",
    "computes": "compute",
    "datastores": "datastore",
    "data": "data",
    "models": "model",
    "components": "component",
    "versions": "version",
    "accounts": "account",
    "storageaccounts": "account",
    "projects": "project",
    "files": "file",
    "uploads": "upload",
    "checkpoints": "checkpoint",
    "webhook_endpoints": "webhook",
}
"""What a segment after this one is called, if it is a name."""

_ARRANGED = re.compile(r"\Av[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}\Z", re.IGNORECASE)
_PROVIDER = re.compile(r"\AMicrosoft\.[A-Za-z]{1,60}\Z", re.IGNORECASE)
_NUMBER = re.compile(r"\A[0-9]{1,6}\Z")
_VERSION = re.compile(r"\A[0-9]{1,4}\.[0-9]{1,4}(?:\.[0-9]{1,6})?\Z")
_STAMP = re.compile(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T_][0-9:_.-]{1,20}Z?(?:_UTC)?)?\Z")
_EXTENSION = re.compile(
    r"\.(?:jsonl|json|csv|txt|log|safetensors|bin|pt|pth|yaml|yml|model|md|parquet|zip|gz|tsv|png|jinja)\Z",
    re.IGNORECASE,
)
_SHARD = re.compile(
    r"\A(?:(?:model|adapter_model|pytorch_model)-[0-9]{5}-of-[0-9]{5}\.[a-z]{3,11}|checkpoint-[0-9]{1,9})\Z"
)
_FAMILY = re.compile(r"\A(?:standard|basic|total|lowpriority)[A-Za-z0-9_ ]{0,60}\Z", re.IGNORECASE)
"""A family of VM sizes, or a total of them, of which a quota is: before `usages` it is Microsoft's word."""

_CORES = ("totalcores", "dedicatedcores", "lowprioritycores", "vmfamily")
"""What a quota counts, in its type and its id, in lower case."""

_SAFE = "-._~!$&'()*+,;=:@{}"


class Paths:
    """Replaces the names in paths, by one table of placeholders."""

    def __init__(self, table: Placeholders) -> None:
        self._table = table

    def name(self, kind: str, name: str) -> str:
        """Return what stands for a name of this kind; a version of digits and what Microsoft calls so is kept."""
        lower = name.lower()
        is_kept = (
            not name
            or _NUMBER.match(name)
            or (kind == "version" and _VERSION.match(name))
            or (kind == "region" and lower in regions())
            or (kind == "registry" and lower in REGISTRIES)
            or (kind == "datastore" and lower in PLACES)
            or (kind in {"model", "deployment"} and lower in models())
        )
        return name if is_kept else self._table.of(kind, name)

    def path(self, path: str) -> str:
        """Return a path of a URL, or an id of a resource, without its names; segments may be percent-encoded."""
        return "/".join(self._segments(path.split("/")))

    def blob(self, path: str) -> str:
        """Return a path of a blob or of a file in a datastore without the names in it."""
        return "/".join(self.file(unquote(segment)) for segment in path.split("/"))

    def file(self, name: str) -> str:
        """Return what stands for one name of a file or folder; its extension is kept."""
        if not name or name.lower() in files() or _STAMP.match(name) or _NUMBER.match(name) or _SHARD.match(name):
            return name
        if name.startswith("dcid."):
            return "dcid." + self.name("job", name[5:])
        if extension := _EXTENSION.search(name):
            stem, end = name[: extension.start()], extension[0]
            return f"{self.name('file', stem)}{end}" if stem else name
        return self.name("file", name)

    def _segments(self, segments: list[str]) -> Iterator[str]:
        """Yield what stands for each segment, by the one before it."""
        kind, before, is_public = "", "", False
        for place, segment in enumerate(segments):
            name = unquote(segment)
            lower = name.lower()
            if before == "paths" or (before == "logs" and place > 2):
                yield from (self.file(unquote(one)) for one in segments[place:])
                return
            is_provider = before == "providers" and _PROVIDER.match(name)
            if kind and name and (before, lower) not in _verbs() and not is_provider:
                is_public = is_public or (kind == "registry" and lower in REGISTRIES)
                keeps = is_public and kind in {"model", "component", "version", "registry"}
                yield segment if keeps else quote(self.name(kind, name), safe=_SAFE)
                kind = ""
            elif _FAMILY.match(name) and segments[place + 1 : place + 2] == ["usages"]:
                yield segment
            elif not name or is_provider or lower in _literals() or lower in files() or _ARRANGED.match(name):
                kind = COLLECTIONS.get(lower, "id" if lower in _before_names() else "")
                yield segment
            else:
                yield quote(self.file(name), safe=_SAFE)
            before = lower


@cache
def _templates() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(path.lower().split("/")) for one in OPERATIONS.values() for path in one.paths)


@cache
def _literals() -> frozenset[str]:
    """Return every literal segment of a path, in lower case."""
    found = {segment for template in _templates() for segment in template if segment and "{" not in segment}
    return frozenset({*found, *COLLECTIONS, *_CORES, "paths", "outputs", "quotas", "subscriptions", "openai", "api"})


@cache
def _before_names() -> frozenset[str]:
    """Return the literals that a name follows."""
    return frozenset(one for each in _templates() for one, then in pairwise(each) if one and "{" in then)


@cache
def _verbs() -> frozenset[tuple[str, str]]:
    """Return the literals that follow another literal after which there may be a name, such as `files/import`."""
    return frozenset(
        (one, then) for each in _templates() for one, then in pairwise(each) if one in COLLECTIONS and "{" not in then
    )
