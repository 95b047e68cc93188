"""Headers as they are written: a list of harmless ones, and names and values of others as placeholders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .samples import MEDIA
from .strings import Place, Strings
from .word_lists import listed

_OF_REQUESTS = listed(
    "content-type accept content-length range x-ms-range if-match if-none-match if-modified-since if-unmodified-since "
    "x-ms-version x-ms-blob-type x-ms-blob-content-type x-ms-meta-upload_status prefer"
)
OF_ANSWERS = listed(
    "content-type content-length content-range accept-ranges retry-after retry-after-ms x-ms-retry-after-ms etag "
    "last-modified date location azure-asyncoperation operation-location x-ms-request-id x-request-id apim-request-id "
    "x-ms-correlation-request-id x-ms-client-request-id x-ms-routing-request-id x-ms-version x-ms-error-code "
    "x-ms-blob-type x-ms-creation-time x-ms-lease-state x-ms-lease-status x-ms-server-encrypted "
    "x-ms-request-server-encrypted x-ms-meta-upload_status x-ms-meta-hdi_isfolder x-ratelimit-limit-requests "
    "x-ratelimit-limit-tokens x-ratelimit-remaining-requests x-ratelimit-remaining-tokens "
    "x-ratelimit-reset-requests x-ratelimit-reset-tokens x-ms-ratelimit-remaining-subscription-reads "
    "x-ms-ratelimit-remaining-subscription-writes x-ms-region x-ms-response-type x-ms-deployment-name "
    "azureml-model-deployment azureml-model-group x-aml-cluster cache-control vary pragma expires server "
    "strict-transport-security x-content-type-options www-authenticate request-context "
    "x-ms-azureml-model-error-reason x-ms-azureml-model-error-statuscode allow extra-parameters"
)
_LEFT_OUT = listed(
    "set-cookie content-md5 x-ms-content-crc64 content-encoding transfer-encoding connection keep-alive "
    "x-ms-blob-content-md5 traceparent tracestate"
)
"""Answer headers about the connection or the content, which are left out with their names."""

_IDS = frozenset({"x-ms-client-request-id", "request-context"})
_FIXED: Mapping[str, frozenset[str]] = {
    "strict-transport-security": frozenset({"max-age=31536000; includesubdomains", "max-age=31536000"}),
    "server": frozenset({"windows-azure-blob/1.0 microsoft-httpapi/2.0", "uvicorn", "azurelb", "microsoft-iis/10.0"}),
    "cache-control": frozenset({"no-cache", "no-store", "no-cache, no-store", "private", "max-age=0"}),
    "vary": frozenset({"accept-encoding", "origin", "accept-encoding,accept-encoding", "origin, accept-encoding"}),
}
"""Headers of which only these values are kept, in lower case."""

_SCHEMES = frozenset({"bearer", "basic", "negotiate", "pop"})


def request_headers(headers: Mapping[str, str], strings: Strings) -> dict[str, str]:
    """Return the headers of a request that are kept, names in lower case."""
    named = {name.lower(): value for name, value in headers.items()}
    return {name: _value(name, value, strings) for name, value in named.items() if name in _OF_REQUESTS}


def answer_headers(headers: Mapping[str, str], strings: Strings) -> dict[str, str]:
    """Return the headers of an answer as they are written, names in lower case."""
    return dict(_answer_headers(headers, strings))


def _answer_headers(headers: Mapping[str, str], strings: Strings) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        lower = name.lower()
        if lower in _LEFT_OUT:
            continue
        if lower in OF_ANSWERS:
            yield lower, _value(lower, value, strings)
        else:
            yield strings.paths.name("header", lower), strings.table.of("text", value) if value else value


def _value(name: str, value: str, strings: Strings) -> str:
    if name in {"content-type", "accept", "x-ms-blob-content-type"}:
        plain = value.partition(";")[0].strip().lower()
        return plain if plain in MEDIA or plain == "*/*" else "application/octet-stream"
    if name in _FIXED:
        return value if value.lower() in _FIXED[name] else "***"
    if name == "www-authenticate":
        scheme = value.partition(" ")[0].lower().rstrip(",")
        return f"{scheme} ***" if scheme in _SCHEMES else "***"
    if name in {"etag", "if-match", "if-none-match"} and value != "*":
        mark = '"' if value.endswith('"') else ""
        inner = value.removeprefix("W/").strip('"')
        return f"{mark}{strings.paths.name('etag', inner)}{mark}" if inner else value
    if name in {"range", "x-ms-range", "content-range"} and _is_range(value):
        return value
    field = "id" if name.endswith("request-id") or name in _IDS else name
    return strings.text(value, Place(field))


def _is_range(value: str) -> bool:
    return len(value) < 80 and set(value) <= set("bytes=-/* 0123456789")
