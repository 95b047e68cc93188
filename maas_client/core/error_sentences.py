"""The messages of errors: what failed and why first, then what to do, and the request in parentheses at the end."""

from __future__ import annotations

from http import HTTPStatus

from .foundry_subject import foundry_subject, is_foundry, missing_in_foundry
from .request_subject import Subject, is_http, subject_of, workspace_of


def transport_message(request: str, why: str) -> str:
    """Return the message of an error without a complete response."""
    if not is_http(request):
        return f"{request}: {why}"
    subject = _subject_of(request)
    return f"cannot {subject.does}: {why} ({request})" if subject else f"{why} ({request})"


def service_message(
    request: str, *, status: int, code: str, detail: str, request_id: str, hint: str, summary: str, param: str = ""
) -> str:
    """Return the message of an error response; `summary` is said in place of what the request and the detail say."""
    said = summary or service_summary(request, status=status, code=code, detail=detail)
    sentence = f"{said.rstrip('.')}. {hint}" if hint else said
    return sentence + service_facts(request, status=status, code=code, request_id=request_id, param=param)


def service_summary(request: str, *, status: int, code: str, detail: str) -> str:
    """Return what failed and why, without the request."""
    if not is_http(request):
        return f"{request}: {detail}" if detail else f"{request}: {_reason(status)}"
    return missing_thing(request, status=status, code=code, detail=detail) or _failed(request, status, detail)


def service_facts(request: str, *, status: int, code: str, request_id: str, param: str = "") -> str:
    """Return the request, the status, the code, the parameter and the request id, in parentheses after a space."""
    about = [f"{status} {code}".rstrip(), param and f"parameter {param}", request_id and f"request id {request_id}"]
    facts = ", ".join(filter(None, about))
    if is_http(request):
        return f" ({request}: {facts})"
    return f" (request id {request_id})" if request_id else ""


def missing_thing(request: str, *, status: int, code: str, detail: str) -> str:
    """Return which resource does not exist; empty if the response does not say that the request's own is missing."""
    if status == HTTPStatus.NOT_FOUND and is_foundry(request):
        return missing_in_foundry(request, code=code, detail=detail)
    if status != HTTPStatus.NOT_FOUND or "not found" not in detail:
        return ""
    subject = subject_of(request)
    if subject is None:
        return ""
    if subject.kind == "workspace" or (code == "ResourceNotFound" and "/workspaces/" in detail):
        return f"no {workspace_of(request)}"
    if not subject.name or subject.name not in detail or request.startswith("PUT"):
        return ""
    return f"no {subject.thing}"


def _failed(request: str, status: int, detail: str) -> str:
    subject, why = _subject_of(request), detail or _reason(status)
    return f"cannot {subject.does}: {why}" if subject else why


def _subject_of(request: str) -> Subject | None:
    return foundry_subject(request) if is_foundry(request) else subject_of(request)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"status {status}"
