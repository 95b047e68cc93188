"""What a request to Foundry is about, in words: `cannot read job 'ftjob-1' in project 'demo'`.

The same operations have three bases (an account's v1 and dated API, and a project's), and Resource Manager has the
account's deployments. A path is all that matters here, so a server on loopback is described alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from .request_subject import HTTP, VERBS, Subject, quoted

_KINDS: Mapping[str, str] = {
    "files": "file",
    "jobs": "job",
    "uploads": "upload",
    "models": "model",
    "deployments": "deployment",
    "webhook_endpoints": "webhook endpoint",
}
"""Collections in URLs, and what one of their members is called."""

_NEW: Mapping[str, str] = {
    "files": "upload a file to",
    "uploads": "begin an upload to",
    "webhook_endpoints": "add a webhook endpoint to",
}
"""What a POST to a collection does, where that is not to create one of its members in a place."""

_ACTIONS: Mapping[str, str] = {
    "content": "read the content of {}",
    "parts": "send a part of {}",
    "complete": "complete {}",
    "cancel": "cancel {}",
    "pause": "pause {}",
    "resume": "resume {}",
    "events": "read the events of {}",
    "checkpoints": "read the checkpoints of {}",
    "copy": "copy a checkpoint of {}",
    "skus": "read the SKUs of {}",
    "completions": "chat with {}",
}
"""The last part of a path below a member, and what such a request does."""

_OF_ACCOUNTS: Mapping[str, str] = {"listkeys": "read the keys of {}", "usages": "read the quota of {}"}
_OTHERS: Mapping[tuple[str, ...], str] = {
    ("files", "import"): "import a file",
    ("chat", "completions"): "chat with a deployment",
    ("alpha", "graders", "run"): "run a grader",
    ("alpha", "graders", "validate"): "check a grader",
}
_GROUPS = {"fine_tuning", "dashboard"}
"""Parts of a path that only group collections."""

_DATA = re.compile(r"^(?:/api/projects/(?P<project>[^/]+))?/openai(?:/v1)?/(?P<rest>.+)$", re.IGNORECASE)
_PROJECT = re.compile(r"^/api/projects/(?P<project>[^/]+)(?:/(?P<rest>.*))?$", re.IGNORECASE)
_ACCOUNT = re.compile(r"/Microsoft\.CognitiveServices/accounts/(?P<account>[^/]+)(?:/(?P<rest>.*))?$", re.IGNORECASE)
_GROUP = re.compile(r"/resourceGroups/(?P<group>[^/]+)", re.IGNORECASE)
_RESOURCE = re.compile(r"(?P<account>[a-z0-9-]+)\.(?:openai|cognitiveservices|services\.ai)\.", re.IGNORECASE)
_ABSENT = {"notfound", "not_found", "resourcenotfound", "deploymentnotfound"}
"""Codes of a 404, in lower case, that say that the request's own resource is missing."""


def is_foundry(request: str) -> bool:
    """Return whether a request, named by its method and URL, goes to a Foundry account or project."""
    found = HTTP.match(request)
    if found is None or ".blob." in found["host"]:  # a container may be called `openai`
        return False
    return any(base.search(found["path"]) for base in (_DATA, _PROJECT, _ACCOUNT))


def is_management(request: str) -> bool:
    """Return whether a request goes to Resource Manager, for something below a Foundry account."""
    found = HTTP.match(request)
    return found is not None and _ACCOUNT.search(found["path"]) is not None


def foundry_subject(request: str) -> Subject | None:
    """Return the subject of a request to Foundry; None for another request, and for a path that is not known."""
    found = HTTP.match(request)
    if found is None:
        return None
    method, path = found["method"], found["path"]
    if (account := _ACCOUNT.search(path)) is not None:
        return _in_account(method, account)
    within = _DATA.search(path) or _PROJECT.search(path)
    if within is None:
        return None
    resource = _RESOURCE.match(found["host"])
    place = f"account {quoted(resource['account'])}" if resource else ""
    place = f"project {quoted(within['project'])}" if within["project"] else place
    parts = _parts(within["rest"])
    if not parts:
        return Subject(f"{VERBS.get(method, 'change')} {place}", place, "project", unquote(within["project"] or ""))
    return _below(method, parts, place)


def missing_in_foundry(request: str, *, code: str, detail: str) -> str:
    """Return which resource a 404 of Foundry says does not exist; empty if it says something else."""
    found, subject = HTTP.match(request), foundry_subject(request)
    if found is None or subject is None:
        return ""
    if detail.rstrip(".").lower() == "project not found" and (project := _PROJECT.search(found["path"])):
        return f"no project {quoted(project['project'])}"
    account = _ACCOUNT.search(found["path"])
    if account and code.lower() == "resourcenotfound" and "/accounts/" in detail and "/deployments/" not in detail:
        group = _GROUP.search(found["path"])
        return f"no account {quoted(account['account'])}" + (f" in resource group {quoted(group[1])}" if group else "")
    if not subject.name or found["method"] == "PUT":
        return ""
    return f"no {subject.thing}" if subject.name in detail or code.lower() in _ABSENT else ""


def _in_account(method: str, account: re.Match[str]) -> Subject | None:
    """Return the subject of a request to Resource Manager."""
    place, parts = f"account {quoted(account['account'])}", _parts(account["rest"])
    action = _OF_ACCOUNTS.get(parts[0].lower()) if parts else f"{VERBS.get(method, 'change')} {{}}"
    if action is not None:
        return Subject(action.format(place), place, "account", unquote(account["account"]))
    return _below(method, parts, place)


def _below(method: str, parts: Sequence[str], place: str) -> Subject | None:
    """Return the subject of a path below a base, such as `files/file-1/content`."""
    where = f" in {place}" if place else ""
    if (other := _OTHERS.get(tuple(parts))) is not None:
        return Subject(f"{other}{where}", f"{other.partition(' a ')[2]}{where}", "", "")
    kind = _KINDS.get(parts[0])
    if kind is None:
        return None
    if len(parts) == 1:
        does = _NEW.get(parts[0], f"create a {kind} in") if method == "POST" else f"list the {kind}s in"
        return Subject(f"{does} {place}" if place else does[:-3], f"{kind}s{where}", kind, "")
    thing = f"{kind} {quoted(parts[1])}{where}"
    action = _ACTIONS.get(parts[-1], "") if len(parts) > 2 else f"{VERBS.get(method, 'change')} {{}}"
    return Subject(action.format(thing), thing, kind, unquote(parts[1])) if action else None


def _parts(rest: str | None) -> list[str]:
    """Return the parts of a path, without those that only group others."""
    parts = [part for part in (rest or "").split("/") if part]
    return parts[1:] if parts and parts[0] in _GROUPS else parts
