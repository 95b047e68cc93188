"""Text that is not a URL, where one is expected, does not cause failures."""

import base64
import json
import socket

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from mock_server.core.bearer_tokens import check_bearer
from mock_server.core.json_values import split_url
from mock_server.ui.request_list import row
from tests.mock_server.driver import Azure


@given(st.text() | st.builds("http://[{}".format, st.text()))
@settings(deadline=None)
def test_any_text_can_be_split(text: str) -> None:
    assert isinstance(split_url(text).path, str)


@pytest.mark.parametrize("audience", ["http://[", "http://[::1", "https://[x]/", "http://\u2100.test"])
def test_a_token_with_an_invalid_audience_is_rejected(audience: str) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"aud": audience}).encode()).decode().rstrip("=")
    with pytest.raises(Exception, match="wrong audience"):
        check_bearer({"authorization": f"Bearer a.{claims}.c"}, "127.0.0.1", 0.0)


def test_a_broken_host_does_not_break_the_verdict(azure: Azure) -> None:
    host, _, port = azure.server.endpoint.partition("//")[2].partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"GET /subscriptions/x HTTP/1.1\r\nHost: [::1\r\nAuthorization: Bearer x\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 40")
    for path in ("verdict", "ui/verdict", "requests"):
        assert azure.plain.get(f"{azure.server.endpoint}/_mock/{path}").status_code == 200


def test_a_row_shows_an_invalid_url() -> None:
    entry = dict.fromkeys(("n", "method", "status", "operation", "request_bytes", "response_bytes", "fault"), 0)
    assert row({**entry, "time": 1.0, "ended": 2.0, "url": "http://[::1/x"})["path"] == "http://[::1/x"


odd = st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=12) | st.sampled_from(
    ["[::1", "http://[", "%"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(odd, odd, odd, st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "BREW"]))
def test_no_journal_entry_breaks_the_verdict_or_the_page(
    azure: Azure, path: str, host: str, value: str, method: str
) -> None:
    port = int(azure.server.endpoint.rpartition(":")[2])
    names = ("Authorization", "Origin", "x-ms-copy-source", "If-Match", "Content-Range", "x-ms-version", "Retry-After")
    headers = "".join(f"{name}: {value}\r\n" for name in names)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(f"{method} /{path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n".encode("latin-1"))
        connection.recv(1)
    for shown in ("/_mock/verdict", "/_mock/ui/verdict", "/_mock/requests", "/_mock/ui"):
        assert azure.http.get(shown).status_code == 200
