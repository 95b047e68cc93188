"""What the command line says about an error of the library: exit code, message, and what to try next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

from ... import errors
from .exit_codes import DATASET_REFUSED, JOB_FAILED

_RESOURCES = {
    "jobs": ("job", "maas jobs list"),
    "runs": ("job", "maas jobs list"),
    "serverlessEndpoints": ("endpoint", "maas endpoints list"),
    "data": ("data asset", "maas upload FILE --name NAME"),
}
"""Resource collections in request URLs: what one resource is called, and the command that lists them."""


_RESOURCE = re.compile(
    rf"/workspaces/(?P<workspace>[^/\s?:]+)/(?P<kind>{'|'.join(_RESOURCES)})/(?P<name>[^/\s?:]+)"
    r"(?:/versions/(?P<version>[^/\s?:]+))?"
)


_WORKSPACE = re.compile(r"/subscriptions/[^/\s]+/resourceGroups/[^/\s]+/providers/[^/\s]+/workspaces/[^/\s?:]+")


CODES: Sequence[tuple[type[errors.MaasError], int]] = (
    (errors.DatasetRefused, DATASET_REFUSED),
    (errors.InvalidInput, 2),
    (errors.SettingsError, 2),
    (errors.NotFound, 3),
    (errors.CredentialError, 4),
    (errors.AuthenticationFailed, 4),
    (errors.PermissionDenied, 4),
    (errors.JobStalled, 75),
    (errors.JobError, JOB_FAILED),
    (errors.Throttled, 75),
    (errors.ServiceUnavailable, 75),
    (errors.TransportError, 75),
    (errors.WaitTimeout, 124),
    (errors.MaasError, 1),
)
"""The first class that matches the error decides."""


def exit_code_of(error: errors.MaasError) -> int:
    """Return the exit code of an error."""
    return next(code for kind, code in CODES if isinstance(error, kind))


def message_of(error: errors.MaasError) -> str:
    """Return the error message: what was not found, or the error's own with the workspace path abbreviated."""
    return _no_such_job(error) or _not_found_message(error) or _WORKSPACE.sub("/…", str(error))


def _no_such_job(error: errors.MaasError) -> str:
    """Return the explanation for a job that is named by its display name; empty for another error."""
    return error.detail if isinstance(error, errors.NotFound) and error.detail.startswith("no job ") else ""


def _not_found_message(error: errors.MaasError) -> str:
    """Return which job or endpoint does not exist; empty if that is not what the error says."""
    if not isinstance(error, errors.NotFound) or error.request.startswith("PUT"):
        return ""
    found = _RESOURCE.search(error.request)
    if found is None:
        return ""
    name, workspace = unquote(found["name"]), unquote(found["workspace"])
    if name not in error.detail or "not found" not in error.detail:
        return ""
    name += f":{unquote(found['version'])}" if found["version"] else ""
    code = f" {error.code}" if error.code else ""
    request_id = f", request id {error.request_id}" if error.request_id else ""
    return f"no {_RESOURCES[found['kind']][0]} {name!r} in workspace {workspace!r} ({error.status}{code}{request_id})"


def hint_for(error: errors.MaasError) -> str:
    """Return what to try next; empty if the error message already says it."""
    match error:
        case errors.NetworkSettingsError():
            return f"try: unset {error.variable}, or maas doctor" if error.variable.isidentifier() else ""
        case errors.SettingsError() if error.missing:
            return "try: maas init, or --subscription ID --resource-group NAME --workspace NAME"
        case errors.SettingsError():
            return "try: maas doctor"
        case errors.CredentialError() if error.remedy:
            return ""
        case errors.CredentialError() | errors.AuthenticationFailed() | errors.PermissionDenied():
            return "try: maas doctor"
        case errors.NotFound():
            return _hint_for_missing(error)
        case errors.ConnectionFailed():
            local = "127.0.0.1" in error.request or "localhost" in error.request
            return "is the mock server running? try: maas mock" if local else "try: maas doctor"
        case errors.UnknownModel() | errors.ModelRetired():
            return "try: maas models"
        case errors.Throttled() | errors.ServiceUnavailable() | errors.ReplyLost():
            return "try: the same command later (safe to repeat), or maas doctor"
        case errors.Conflict():
            return _hint_to_list(error.request)
        case errors.JobCanceled() | errors.JobStalled():
            return f"try: maas jobs show {error.job.name}"
        case errors.UnexpectedReply() | errors.UntrustedHost():
            return "try: the same command with --debug"
        case errors.StreamInterrupted():
            return "try: the same command again"
        case _:
            return ""


def _hint_for_missing(error: errors.NotFound) -> str:
    if error.code == "ResourceNotFound" and "workspaces" in error.detail:
        return "try: maas doctor"
    return _hint_to_list(error.request)


def _hint_to_list(request: str) -> str:
    """Return the command that lists resources of the kind in the request URL."""
    return next((f"try: {command}" for kind, (_, command) in _RESOURCES.items() if f"/{kind}/" in request), "")
