"""Answers that say no become errors that keep code, message, request id and body."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from maas_client import errors
from maas_client.core.http_messages import Reply, Request
from maas_client.http.error_responses import error_from, read_failure

ASKED = Request("PUT", "https://management.azure.com/subscriptions/s/x?sig=SECRET&api-version=2024-10-01-preview")

ARM = {
    "error": {
        "code": "UserError",
        "message": "Run x was not found.",
        "details": [{"code": "Inner", "message": "the inner reason"}],
        "additionalInfo": [
            {"type": "ComponentName", "info": {"value": "managementfrontend"}},
            {"type": "Correlation", "info": {"value": {"operation": "op-1", "request": "r"}}},
        ],
    }
}


def reply(status: int, body: object = b"", **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def test_an_arm_error_keeps_everything_that_support_asks_for() -> None:
    error = error_from(ASKED, reply(404, ARM, x_ms_request_id="rid"))
    assert isinstance(error, errors.NotFound)
    assert (error.status, error.code, error.request_id, error.correlation_id) == (404, "UserError", "rid", "op-1")
    assert "Run x was not found. (the inner reason)" in str(error)
    assert "rid" in str(error)
    assert json.loads(error.body) == ARM


def test_an_error_names_the_request_without_its_secret() -> None:
    text = str(error_from(ASKED, reply(400)))
    assert "PUT https://management.azure.com/subscriptions/s/x?sig=***" in text
    assert "SECRET" not in text


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("AuthorizationFailure", "firewall does not admit this network"),
        ("AuthorizationPermissionMismatch", "Storage Blob Data Contributor"),
        ("KeyBasedAuthenticationNotPermitted", "does not accept keys"),
        ("AuthorizationFailed", "Azure AI Developer"),
    ],
)
def test_a_403_of_storage_asks_for_no_role_on_the_workspace(code: str, hint: str) -> None:
    error = error_from(ASKED, reply(403, x_ms_error_code=code))
    assert isinstance(error, errors.PermissionDenied)
    assert hint in str(error)
    assert ("on the workspace" in str(error)) == (code == "AuthorizationFailed")


def test_a_blob_error_is_read_from_its_xml_and_its_header() -> None:
    xml = b"\xef\xbb\xbf<?xml version='1.0'?><Error><Code>Md5Mismatch</Code><Message>Not the same.\n</Message></Error>"
    error = error_from(ASKED, reply(400, xml))
    assert (error.code, error.detail) == ("Md5Mismatch", "Not the same.")
    assert error_from(ASKED, reply(404, b"", x_ms_error_code="BlobNotFound")).code == "BlobNotFound"


def test_an_openai_shaped_error_is_read_too() -> None:
    error = error_from(ASKED, reply(401, {"error": {"message": "bad key", "type": "invalid_key", "code": None}}))
    assert isinstance(error, errors.AuthenticationFailed)
    assert (error.code, error.detail) == ("invalid_key", "bad key")


def test_a_proxys_page_is_reported_by_its_title() -> None:
    page = b"<html><head><title>502 Bad Gateway</title></head><body>lots of markup</body></html>"
    assert error_from(ASKED, reply(502, page)).detail == "502 Bad Gateway"


def test_the_text_for_a_taken_name_is_a_conflict_at_any_status() -> None:
    body = {
        "error": {
            "code": "UserError",
            "message": "Serverless endpoint name 'x' is not available. Please select a different name.",
        }
    }
    assert isinstance(error_from(ASKED, reply(400, body)), errors.Conflict)


def test_a_redirect_is_refused_and_its_target_not_followed() -> None:
    assert isinstance(error_from(ASKED, reply(302, location="https://evil.example/")), errors.UnexpectedReply)


def test_the_retry_after_of_the_service_is_kept() -> None:
    error = error_from(ASKED, reply(429, retry_after="3600"))
    assert isinstance(error, errors.Throttled)
    assert error.retry_after == 3600


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.AuthenticationFailed),
        (403, errors.PermissionDenied),
        (404, errors.NotFound),
        (408, errors.ServiceUnavailable),
        (409, errors.Conflict),
        (412, errors.Conflict),
        (418, errors.BadRequest),
        (422, errors.BadRequest),
        (429, errors.Throttled),
        (500, errors.ServiceUnavailable),
        (599, errors.ServiceUnavailable),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[errors.ServiceError]) -> None:
    assert type(error_from(ASKED, reply(status))) is kind


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["error", "code", "message", "details", "additionalInfo", "info"]), inner),
    ),
    max_leaves=12,
)


@given(st.one_of(st.binary(max_size=80), JSON.map(lambda value: json.dumps(value).encode())), st.integers(300, 599))
def test_every_error_body_can_be_read(body: bytes, status: int) -> None:
    error = error_from(ASKED, reply(status, body))
    assert error.body == body


def test_terminal_sequences_in_an_error_are_stripped() -> None:
    assert read_failure(reply(400, {"error": {"code": "x", "message": "\x1b[31mred\x07"}})).message == "red"


def test_deeply_nested_json_is_an_ordinary_error() -> None:
    assert read_failure(reply(400, b'{"error":' + b"[" * 100_000)).message == "the error body is not valid JSON"
