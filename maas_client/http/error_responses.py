"""Error responses as typed errors: JSON of ARM, data planes and gateways, blob XML, OpenAI's format, anything else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ..core.errors import Conflict, MaasError, ServiceError, UnexpectedReply, class_for
from ..core.http_messages import Reply, Request
from ..core.json_fields import Document, dig, is_object, items, part, text
from ..core.redaction import redact
from ..core.text import one_line, printable
from .online_hints import online_hint
from .retry import LONGEST_WAIT, TRANSIENT, retry_after

E = TypeVar("E", bound=MaasError)

# No pattern here matches past the next `<`, so matching takes linear and not quadratic time.
_XML_FIELD = re.compile(r"<(Code|Message)>([^<]*)</\1>")
_TITLE = re.compile(r"<title>([^<]*)</title>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_LONGEST = 2000
_LONGEST_BODY = 1 << 16
_NAME_TAKEN = "Please select a different name"
"""The service's message, with status 400, if another subscription has an endpoint of this name."""

HINTS: Mapping[int, str] = {
    401: "Sign in again (`az login`), or check the credential's tenant and the endpoint's key",
    403: "The identity needs the role Azure AI Developer, Contributor or Owner on the workspace",
    429: "Wait and try again",
}

STORAGE_HINTS: Mapping[str, str] = {
    "AuthorizationFailure": "The storage account's firewall does not admit this network",
    "AuthorizationPermissionMismatch": (
        "The identity needs the role Storage Blob Data Contributor on the storage account"
    ),
    "KeyBasedAuthenticationNotPermitted": (
        "The storage account does not accept keys: give the identity the role Storage Blob Data Contributor on it"
    ),
}
"""Hints by the error code of a 403 from storage, where a role on the workspace would not help.

learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes.
"""

REQUEST_IDS = ("x-ms-request-id", "apim-request-id", "x-request-id")
"""Response headers with the id of a request: Azure's own, that of its gateway, and that of OpenAI's API."""

MODEL_STATUS = "ms-azureml-model-error-statuscode"
"""Response header with the status of the model's own container.

azure-ai-docs, how-to-troubleshoot-online-endpoints.md (09/18/2024).
"""

BUDGET_SPENT = "It was not retried: too many of this client's requests fail, and its retry budget is exhausted"


@dataclass(frozen=True, slots=True)
class Failure:
    """The content of an error response."""

    code: str = ""
    message: str = ""
    correlation_id: str = ""
    param: str = ""


def read_failure(reply: Reply, *, first_words: bool = True) -> Failure:
    """Read the error of a response, in any format, without secrets; never raises.

    For a body in an unknown format the first words are kept, unless they may contain a secret.
    """
    body = reply.body[:_LONGEST_BODY].decode("utf-8", "replace").lstrip("\ufeff")
    code = reply.headers.get("x-ms-error-code", "")
    if body.lstrip().startswith("{"):
        failure = _from_json(reply)
        return replace(failure, code=failure.code or code)
    if "<Error>" in body:
        fields = dict(_XML_FIELD.findall(body))
        return Failure(fields.get("Code", code), redact(one_line(fields.get("Message", "")))[:_LONGEST].strip())
    return Failure(code, _first_words(body) if first_words else "")


def _from_json(reply: Reply) -> Failure:
    try:
        document: object = reply.json()
    except ValueError:
        return Failure(message="the error body is not valid JSON")
    error = part(document, "error") or (document if is_object(document) else {})
    message = _words(error, "message") or _words(error, "detail") or _words(document, "error")
    nested = [_words(item, "message") for item in items(error, "details")]
    more = "; ".join(words for words in (*nested, _filtered(error)) if words and words not in message)
    kind = _words(error, "type")  # of Foundry's v1 API it is always "error"
    return Failure(
        _words(error, "code") or (kind if kind != "error" else "") or _words(error, "statusCode"),
        f"{message} ({more})" if more else message,
        _correlation(items(error, "additionalInfo")),
        _words(error, "param") or _words(error, "target"),
    )


def _filtered(error: Document) -> str:
    """What a content filter has found, such as `violence: high`.

    learn.microsoft.com/azure/foundry/openai/concepts/content-filter (`content_filter_result` of the inner error).
    """
    inner = part(error, "innererror") or part(error, "inner_error")
    found = part(inner, "content_filter_result") or part(inner, "content_filter_results")
    severities = ((name, text(result, "severity")) for name, result in found.items() if dig(result, "filtered") is True)
    return redact(one_line(", ".join(f"{name}: {how}" if how else name for name, how in severities)))[:_LONGEST]


def _correlation(entries: Sequence[object]) -> str:
    """The correlation operation id: the `additionalInfo` entry of type Correlation."""
    found = (text(entry, "info", "value", "operation") for entry in entries if dig(entry, "type") == "Correlation")
    return next(found, "")


def _words(error: object, key: str) -> str:
    value = dig(error, key)
    return redact(one_line(str(value)))[:_LONGEST].strip() if isinstance(value, str | int) else ""


def _first_words(body: str) -> str:
    """Return a title or the first words of a body in an unknown format, such as a proxy's HTML page."""
    title = _TITLE.search(body)
    words = title[1] if title else _TAG.sub(" ", body)
    return redact(" ".join(printable(words).split()))[:200]


def request_name(request: Request) -> str:
    """Name a request for an error message: its method and its URL without secrets or api-version."""
    return f"{request.method} {redact(re.sub(r'[?&]api-version=[^&]*$', '', request.url))}"


def error_from(request: Request, reply: Reply) -> ServiceError:
    """Build the typed error for an error response."""
    failure = read_failure(reply, first_words=not request.secret_reply)
    if 300 <= reply.status < 400:
        return unexpected(request, reply, "the server redirects; credentials are not sent to another address")
    headers, name = reply.headers, request_name(request)
    kind = Conflict if _NAME_TAKEN in failure.message else class_for(reply.status)
    return kind(
        name,
        status=reply.status,
        code=redact(one_line(failure.code))[:_LONGEST],
        detail=failure.message,
        param=failure.param,
        request_id=_request_id(reply),
        correlation_id=one_line(headers.get("x-ms-correlation-request-id", "") or failure.correlation_id),
        body=_body_of(request, reply),
        retry_after=retry_after(reply),
        hint=STORAGE_HINTS.get(failure.code)
        or _foundry_hint(name, reply.status, failure)
        or online_hint(name, reply.status, failure.message, _model_status(reply))
        or _hint(reply),
        model_status=_model_status(reply),
    )


def _model_status(reply: Reply) -> int | None:
    """Return the status of the model's own container, where an online endpoint answers with 424 for it."""
    status = reply.headers.get(MODEL_STATUS, "").strip() if reply.status == 424 else ""
    return int(status) if status.isascii() and status.isdecimal() and len(status) == 3 else None


def _request_id(reply: Reply) -> str:
    return one_line(next(filter(None, (reply.headers.get(name) for name in REQUEST_IDS)), ""))


def with_budget_note(error: E) -> E:
    """Add to an error that its request was not retried because the client's retry budget is spent."""
    error.args = (f"{error}. {BUDGET_SPENT}",)
    return error


def _foundry_hint(request: str, status: int, failure: Failure) -> str:
    """Return what to do about an error of Foundry; empty for another service, and where nothing special is known."""
    from ..core.foundry_subject import is_foundry  # here: only errors need it

    if not is_foundry(request):
        return ""
    from .foundry_hints import foundry_hint

    return foundry_hint(request, status=status, code=failure.code, message=failure.message, param=failure.param)


def _hint(reply: Reply) -> str:
    """Return what to do next, and when, if the service asks for a pause."""
    asked = retry_after(reply)
    if reply.status not in TRANSIENT or not asked:
        return HINTS.get(reply.status, "")
    wait = f"Retry-After: {asked:.0f} s" if asked >= 1 else HINTS.get(reply.status, "")
    return f"{wait}; a call waits at most {LONGEST_WAIT:.0f} s" if asked > LONGEST_WAIT else wait


def unexpected(request: Request, reply: Reply, why: str) -> UnexpectedReply:
    """Build the error for an invalid successful response."""
    return UnexpectedReply(
        request_name(request),
        status=reply.status,
        detail=f"{why}; its {len(reply.body)} bytes may contain a secret and are not kept"
        if request.secret_reply
        else why,
        request_id=_request_id(reply),
        body=_body_of(request, reply),
    )


def _body_of(request: Request, reply: Reply) -> bytes:
    """Return the part of a response that an error keeps: nothing if it may hold a secret."""
    return b"" if request.secret_reply else reply.body
