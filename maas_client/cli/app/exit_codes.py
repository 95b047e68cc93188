"""Exit codes, error messages and hints of failed commands."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from ... import errors

JOB_FAILED, DATASET_REFUSED, INTERRUPTED = 5, 6, 130

BROKEN_PIPE = 141
"""Stdout was closed (`maas jobs logs j | head -1`): no message, and the code that a shell reports for a process killed
by SIGPIPE. Not 0, because the reader of `jobs watch` may have missed the outcome."""

_RESOURCES = {
    "jobs": ("job", "maas jobs list"),
    "runs": ("job", "maas jobs list"),
    "serverlessEndpoints": ("endpoint", "maas endpoints list"),
}
"""Resource collections in request URLs: what one resource is called, and the command that lists them."""

_RESOURCE = re.compile(rf"/workspaces/(?P<workspace>[^/\s?:]+)/(?P<kind>{'|'.join(_RESOURCES)})/(?P<name>[^/\s?:]+)")
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


class Failed(Exception):
    """A failed command: message, exit code and, optionally, a hint such as a command to try next."""

    def __init__(self, message: str, *, code: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.hint = code, hint


@contextmanager
def resume_hint_on_interrupt(command: str, status: str = "the operation continues") -> Generator[None]:
    """On Ctrl-C, raise Failed with the status and the command that resumes."""
    try:
        yield
    except KeyboardInterrupt:
        raise Failed(f"interrupted; {status}", code=INTERRUPTED, hint=f"resume with: {command}") from None


@contextmanager
def file_names_in_errors(*files: str | Path) -> Generator[None]:
    """Add the file name to an OSError that has none; a failed read carries only the reason."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or " or ".join(map(str, files))
        raise


def exit_code_of(error: errors.MaasError) -> int:
    """Return the exit code of an error."""
    return next(code for kind, code in CODES if isinstance(error, kind))


def message_of(error: errors.MaasError) -> str:
    """Return the error message: what was not found, or the error's own with the workspace path abbreviated."""
    return _not_found_message(error) or _WORKSPACE.sub("/…", str(error))


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
    code = f" {error.code}" if error.code else ""
    request_id = f", request id {error.request_id}" if error.request_id else ""
    return f"no {_RESOURCES[found['kind']][0]} {name!r} in workspace {workspace!r} ({error.status}{code}{request_id})"


def hint_for(error: errors.MaasError) -> str:
    """Return what to try next; empty if the error message already says it."""
    match error:
        case errors.SettingsError():
            return "try: --subscription ID --resource-group NAME --workspace NAME"
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
