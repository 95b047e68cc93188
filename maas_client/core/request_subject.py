"""What a request is about, in words, for the first words of an error: `cannot read job 'nope' in workspace 'w'`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from .redaction import redact
from .text import one_line

_LONGEST = 100

_KINDS: Mapping[str, str] = {
    "jobs": "job",
    "runs": "job",
    "serverlessendpoints": "endpoint",
    "computes": "cluster",
    "onlineendpoints": "endpoint",
    "data": "data asset",
    "models": "model",
    "datastores": "datastore",
}
"""Collections in URLs, in lower case, and what one of their members is called."""

VERBS: Mapping[str, str] = {"GET": "read", "HEAD": "read", "PUT": "create", "PATCH": "update", "DELETE": "delete"}
"""What a request of a method does to one resource."""

_ACTIONS: Mapping[str, str] = {
    "cancel": "cancel {}",
    "details": "read the details of {}",
    "list": "read the metrics of {}",
    "full": "read the metrics of {}",
    "listkeys": "read the keys of {}",
    "regeneratekeys": "regenerate a key of {}",
    "listnodes": "list the nodes of {}",
    "listsecrets": "read the secrets of {}",
    "token": "read the token of {}",
    "getlogs": "read the logs of {}",
}
"""What comes after a member's name, in lower case, and what such a request does."""

HTTP = re.compile(r"(?P<method>[A-Z]+) https?://(?P<host>[^/?#\s]*)(?P<path>[^?#\s]*)")
"""A request that is named by its method and URL."""

_PARENT = re.compile(r"/(?P<kind>workspaces|registries)/(?P<parent>[^/]+)(?P<rest>(?:/.*)?)$", re.IGNORECASE)
_GROUP = re.compile(r"/resourceGroups/(?P<group>[^/]+)", re.IGNORECASE)
_MEMBER = re.compile(
    rf"(?:/experiments/[^/]+)?/(?P<kind>{'|'.join(_KINDS)})(?:/(?P<name>[^/]+))?"
    r"(?:/versions(?:/(?P<version>[^/]+))?|/deployments(?:/(?P<deployment>[^/]+))?)?(?:/(?P<action>[a-z]+))?/?$",
    re.IGNORECASE,
)


class Subject(NamedTuple):
    """What a request does, and to what.

    `thing` is such as `job 'nope' in workspace 'w'`; `name` the resource's name, without its version, and empty where
    the request concerns all of a kind.
    """

    does: str
    thing: str
    kind: str
    name: str


def is_http(request: str) -> bool:
    """Return whether a request is named by its method and URL."""
    return HTTP.match(request) is not None


def workspace_of(request: str) -> str:
    """Return the workspace of a request and its resource group, in words; empty for another request."""
    found = _PARENT.search(request.partition("?")[0])
    group = _GROUP.search(request)
    if found is None:
        return ""
    return f"workspace {quoted(found['parent'])}" + (f" in resource group {quoted(group['group'])}" if group else "")


def subject_of(request: str) -> Subject | None:
    """Return the subject of a request that is named by its method and URL; None for a URL of another kind."""
    found = HTTP.match(request)
    if found is None:
        return None
    within = _PARENT.search(found["path"])
    if within is None:
        return _elsewhere(found)
    place = f"{'workspace' if within['kind'].lower() == 'workspaces' else 'registry'} {quoted(within['parent'])}"
    verb = VERBS.get(found["method"], "change")
    if within["rest"] in {"", "/"}:
        return Subject(f"{verb} {place}", place, "workspace", unquote(within["parent"]))
    member = _MEMBER.match(within["rest"])
    if member is None:
        return None
    kind = _KINDS[member["kind"].lower()]
    if not member["name"]:
        return Subject(f"list the {kind}s in {place}", f"{kind}s in {place}", kind, "")
    version = f":{member['version']}" if member["version"] else ""
    thing = f"{kind} {quoted(member['name'] + version)} in {place}"
    if member["deployment"]:
        thing = f"deployment {quoted(member['deployment'])} of {thing}"
    does = _ACTIONS.get((member["action"] or "").lower(), f"{verb} {{}}").format(thing)
    return Subject(does, thing, kind, unquote(member["deployment"] or member["name"]))


def _elsewhere(found: re.Match[str]) -> Subject | None:
    """Return the subject of a chat call, or of a request to Blob Storage."""
    host, path = found["host"], found["path"]
    if path.endswith(("/chat/completions", "/score")):
        thing = f"the endpoint at {one_line(host)[:_LONGEST]}"
        return Subject(f"chat with {thing}", thing, "endpoint", "")
    if ".blob." in host or ".blob." in path.lstrip("/").partition("/")[0]:
        thing = f"blob {quoted(path.rpartition('/')[2])}"
        return Subject(f"{'write' if found['method'] == 'PUT' else 'read'} {thing}", thing, "blob", "")
    return None


def quoted(name: str) -> str:
    """Return a name of a URL as an error shows it: unescaped, in quotation marks, without secrets."""
    return repr(redact(one_line(unquote(name)))[:_LONGEST])
