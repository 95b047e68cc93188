"""A job's name from whatever names the job: the name itself, an ARM id, or the URL that Studio shows.

Studio's URLs are those of a job's service `Studio`: `https://ml.azure.com/runs/NAME?wsid=/subscriptions/…`.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from ..azure.settings import Settings
from ..core.errors import InvalidInput
from ..core.redaction import redact
from ..core.text import printable

_WORKSPACE = re.compile(
    r"/?subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<group>[^/]+)(?:/providers/[^/]+)?"
    r"/workspaces/(?P<workspace>[^/?&]+)",
    re.IGNORECASE,
)
_JOB = re.compile(r"/(?:runs|jobs)/(?P<name>[^/]+)", re.IGNORECASE)
_LONGEST_SHOWN = 200


def is_reference(text: str) -> bool:
    """Return whether a text is an ARM id or a URL, and not a plain name."""
    return text.lower().startswith(("/subscriptions/", "azureml:")) or "://" in text


def job_name(text: str, settings: Settings) -> str:
    """Return the name of the job that a text names; a plain name is returned unchanged.

    Raises InvalidInput for an ARM id or URL that does not name a job, or names one of another workspace than the
    settings select.
    """
    if not is_reference(text):
        return text
    bare = text.removeprefix("azureml:")
    if "/" not in bare:
        return bare
    try:
        parts = urlsplit(bare)
    except ValueError as error:  # such as an IPv6 address without its end
        raise _names_no_job(text) from error
    path = unquote(parts.path if parts.scheme in {"http", "https"} else f"/{parts.netloc}{parts.path}")
    workspace = _WORKSPACE.search(path)
    found = _JOB.search(path, workspace.end() if workspace else 0)
    if found is None:
        raise _names_no_job(text)
    workspace = workspace or _WORKSPACE.search(parse_qs(parts.query).get("wsid", [""])[0])
    if workspace is not None:
        _check_workspace(found["name"], workspace, settings)
    return found["name"]


def _names_no_job(text: str) -> InvalidInput:
    return InvalidInput(
        f"{redact(printable(text))[:_LONGEST_SHOWN]!r} does not name a job: use its name, its ARM id "
        "(/subscriptions/…/jobs/NAME) or the URL that Studio shows (https://ml.azure.com/runs/NAME?wsid=…)"
    )


def _check_workspace(name: str, found: re.Match[str], settings: Settings) -> None:
    theirs = found["subscription"], found["group"], found["workspace"]
    ours = settings.subscription_id, settings.resource_group, settings.workspace
    if [each.casefold() for each in theirs] != [each.casefold() for each in ours]:
        raise InvalidInput(
            f"job {name!r} is in {_named(*theirs)}, but the settings select {_named(*ours)}: select the job's "
            "workspace, on the command line with --subscription, --resource-group and --workspace"
        )


def _named(subscription: str, group: str, workspace: str) -> str:
    return f"workspace {workspace!r} (resource group {group!r}, subscription {subscription!r})"
