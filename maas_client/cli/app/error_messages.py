"""What the command line says about an error of the library: exit code, message, and what to try next."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ... import errors
from .exit_codes import DATASET_REFUSED, JOB_FAILED

_RESOURCES = {
    "jobs": "maas jobs list",
    "runs": "maas jobs list",
    "serverlessEndpoints": "maas endpoints list",
    "onlineEndpoints": "maas endpoints list",
    "computes": "maas computes list",
    "data": "maas datasets list",
    "files": "maas datasets list",
    "deployments": "maas endpoints list",
}
"""Resource collections in request URLs, and the command that lists or creates them."""


_WORKSPACE = re.compile(r"/subscriptions/[^/\s]+/resourceGroups/[^/\s]+/providers/[^/\s]+/workspaces/[^/\s?:]+")

_HOST = re.compile(r"https?://[^/?#\s]+")

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
    """Return the error message without the request, which `--debug` shows: what failed or is missing, and why."""
    return _WORKSPACE.sub("/…", _without_request(error))


def _without_request(error: errors.MaasError) -> str:
    """Return the message with the status, code and request id of a response; of a lost one, with the host."""
    message = str(error)
    if isinstance(error, errors.ServiceError):
        return message.replace(f"({error.request}: {error.status}", f"({error.status}")
    if isinstance(error, errors.OperationFailed):
        return message.replace(f" ({error.request})", "")
    if isinstance(error, errors.TransportError) and (host := _HOST.search(error.request)):
        return message.replace(f"({error.request})", f"({host[0]})")
    return message


def hint_for(error: errors.MaasError) -> str:
    """Return what to try next; empty if the error message already says it."""
    match error:
        case errors.NetworkSettingsError():
            return f"try: unset {error.variable}, or maas doctor" if error.variable.isidentifier() else ""
        case errors.SettingsError() if {"subscription_id", "resource_group", "workspace"} & {*error.missing}:
            return "try: maas init, or --subscription ID -g RESOURCE_GROUP -w WORKSPACE"
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
        case errors.ModelRetired():
            return "try: maas models"
        case errors.Throttled() | errors.ServiceUnavailable() | errors.ReplyLost():
            return "try: the same command later (safe to repeat), or maas doctor"
        case errors.Conflict():
            return _hint_to_list(error.request)
        case errors.JobCanceled() | errors.JobStalled():
            return f"try: maas jobs show {error.job.name}"
        case errors.EndpointFailed() if error.log_tail:
            return "\n".join(("the last lines of its container:", *(f"  {line}" for line in error.log_tail)))
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
    return next((f"try: {command}" for kind, command in _RESOURCES.items() if f"/{kind}/" in request), "")
