"""Copies from other servers: loopback only, in bounded memory and time."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from mock_server.core.copy_origins import loopback_host
from mock_server.server import serve
from tests.mock_server.copy_requests import (
    CONTENT,
    commit,
    copy_blob,
    copy_block,
    count_staged_blocks,
    error_of,
    md5,
    read_blob,
)
from tests.mock_server.driver import Azure
from tests.mock_server.loopback_server import (
    Answer,
    allow_loopback_sources,
    loopback_server,
    ranges,
    send,
    status,
    whole,
)
from tests.mock_server.test_blobs import block_id


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "10.0.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "127.0.0.1.example.com",
        "127.0.0.1@example.com",
        "localhost.example.com",
        "0x7f000001",
        "[::ffff:8.8.8.8]",
    ],
)
def test_what_is_not_on_loopback_is_not_reached(azure: Azure, host: str) -> None:
    got = copy_block(azure, f"http://{host}/a")
    assert error_of(got) == (403, "CannotVerifyCopySource")
    assert "the loopback origins" in got.text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(
        ["", "http://", "http://127.0.0.1:1/", "http://\xe9.localhost:1/", "{own}/", "{own}/mockstore.blob.x/"]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, blacklist_characters="\x7f"), max_size=20),
    st.sampled_from(["", "&sig=a", "?sp=r&sig=%ff", "?se=\xe9&sr=b&sig=a"]),
)
def test_no_address_makes_the_server_fail(azure: Azure, start: str, tail: str, query: str) -> None:
    source = (start.format(own=azure.server.endpoint) + tail.replace(":", "") + query).strip()
    url = f"{azure.blob_url('copy')}&comp=block&blockid={block_id(0)}"
    headers = [
        (b"x-ms-copy-source", source.encode("latin-1")),
        (b"x-ms-copy-source-authorization", b"Bearer \xe9"),
    ]
    assert 400 <= azure.plain.put(url, headers=headers).status_code < 500


@given(st.ip_addresses().map(str) | st.from_regex(r"[a-z0-9.:\[\]-]{0,20}(localhost|127\.0\.0\.1)?\.?", fullmatch=True))
def test_a_loopback_host_is_always_a_literal_loopback_address(host: str) -> None:
    assert ip_address(loopback_host(host) or "127.0.0.1").is_loopback


@pytest.fixture(autouse=True)
def loopback_sources_are_allowed(azure: Azure) -> None:
    """Allow the server to copy from any port of this machine."""
    allow_loopback_sources(azure.server.endpoint)


@pytest.mark.parametrize("allowed", ["", "http://127.0.0.1:1", "https://127.0.0.1:*", "http://[::1]:*"])
def test_a_source_that_is_not_allowed_receives_no_request(azure: Azure, allowed: str) -> None:
    allow_loopback_sources(azure.server.endpoint, allowed)
    with loopback_server(whole(CONTENT)) as there:
        for got in (copy_blob(azure, there.url), copy_block(azure, there.url)):
            assert error_of(got) == (403, "CannotVerifyCopySource")
            assert "--allow-copies-from" in got.text
    assert there.requests == []


@pytest.mark.parametrize(
    "wrong", ["http://10.0.0.1:80", "127.0.0.1:80", "http://127.0.0.1:x", "ftp://127.0.0.1", 7, None]
)
def test_only_loopback_origins_can_be_allowed(azure: Azure, wrong: object) -> None:
    assert azure.http.post("/_mock/state", json={"settings": {"copy_sources": wrong}}).status_code == 400
    with pytest.raises(ValueError, match="not an origin on loopback"), serve(copy_sources=[str(wrong)]):
        pass


def test_a_server_is_started_with_the_origins_it_may_copy_from() -> None:
    with (
        loopback_server(whole(CONTENT)) as there,
        serve(copy_sources=[there.url.removesuffix("/data?v=1")]) as server,
        closing(Azure(server)) as azure,
    ):
        assert copy_blob(azure, there.url, "whole").status_code == 201


def test_a_loopback_source_is_copied_whole_and_in_ranges(azure: Azure) -> None:
    with loopback_server(whole(CONTENT)) as there:
        assert copy_blob(azure, there.url, "whole").headers["content-md5"] == md5(CONTENT)
        there.answer = ranges(CONTENT)
        proof = {"x-ms-copy-source-authorization": "Bearer theirs", "x-ms-source-if-match": '"1"'}
        for number, part in enumerate(("bytes=0-999999", "bytes=1000000-")):
            made = copy_block(azure, there.url, number, {"x-ms-source-range": part, **proof})
            assert made.status_code == 201
    assert commit(azure, 0, 1).status_code == 201
    assert (read_blob(azure, "whole"), read_blob(azure)) == (CONTENT, CONTENT)
    head = azure.plain.head(azure.blob_url("whole")).headers
    assert (head["content-type"], head["cache-control"]) == ("text/csv", "no-store")
    names = ("path", "range", "authorization", "accept-encoding")
    assert [tuple(asked.get(name) for name in names) for asked in there.requests] == [
        ("/data?v=1", None, None, "identity"),
        ("/data?v=1", "bytes=0-999999", "Bearer theirs", "identity"),
        ("/data?v=1", "bytes=1000000-", "Bearer theirs", "identity"),
    ]
    assert all("127.0.0.1:" in asked["host"] for asked in there.requests)


def test_a_blob_of_another_server_is_copied_over_tls_by_its_sas(azure: Azure) -> None:
    with serve(tls=True) as other, closing(Azure(other)) as there:
        there.upload(CONTENT, "a")
        assert copy_blob(azure, there.blob_url("a")).status_code == 201
        wrong = copy_block(azure, there.blob_url("a").replace("sig=", "sig=A"))
    assert read_blob(azure) == CONTENT
    assert error_of(wrong) == (403, "CannotVerifyCopySource")
    assert wrong.headers["x-ms-copy-source-error-code"] == "AuthenticationFailed"


def test_a_changed_source_is_detected_by_its_etag(azure: Azure) -> None:
    with loopback_server(whole(b"x", etag='"2"')) as there:
        got = copy_block(azure, there.url, headers={"x-ms-source-if-match": '"1"'})
    assert error_of(got) == (412, "SourceConditionNotMet")


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (status(404), (404, "NotFound")),
        (status(403, x_ms_error_code="AuthorizationFailure"), (403, "AuthorizationFailure")),
        (status(503), (503, "ServiceUnavailable")),
        (status(204), (403, "204")),
    ],
)
def test_an_error_of_the_source_is_passed_on(azure: Azure, theirs: Answer, expected: tuple[int, str]) -> None:
    with loopback_server(theirs) as there:
        got = copy_block(azure, there.url)
    assert error_of(got) == (expected[0], "CannotVerifyCopySource")
    assert got.headers["x-ms-copy-source-error-code"] == expected[1]


def test_a_redirect_is_not_followed(azure: Azure) -> None:
    with loopback_server(whole(b"x")) as target, loopback_server(status(302, Location=target.url)) as there:
        assert error_of(copy_block(azure, there.url)) == (403, "CannotVerifyCopySource")
    assert (len(there.requests), target.requests) == (1, [])


@pytest.mark.parametrize("content_range", ["", "bytes 4-8/9", "bytes 5-8/9", "bytes 5-10/11", "5-9"])
def test_a_source_that_sends_another_range_is_rejected(azure: Azure, content_range: str) -> None:
    with loopback_server(lambda request: send(request, 206, b"12345", {"Content-Range": content_range})) as there:
        got = copy_block(azure, there.url, headers={"x-ms-source-range": "bytes=5-9"})
    assert error_of(got) == (400, "CannotVerifyCopySource")
    assert count_staged_blocks(azure) == 0


def test_a_source_that_ignores_ranges_is_rejected(azure: Azure) -> None:
    with loopback_server(whole(CONTENT)) as there:
        got = copy_block(azure, there.url, headers={"x-ms-source-range": "bytes=5-9"})
    assert error_of(got) == (400, "CannotVerifyCopySource")
    assert "did not send the requested range" in got.text
    assert count_staged_blocks(azure) == 0


def test_a_source_that_ends_early_leaves_nothing(azure: Azure) -> None:
    def cut(request: BaseHTTPRequestHandler) -> None:
        send(request, 200, CONTENT[:-1], {"Content-Length": str(len(CONTENT))})

    with loopback_server(cut) as there:
        got = copy_block(azure, there.url)
    assert error_of(got) == (500, "CannotVerifyCopySource")
    assert count_staged_blocks(azure) == 0


def test_an_unreachable_source_cannot_be_verified(azure: Azure) -> None:
    with loopback_server(whole(b"x")) as gone:
        pass
    assert error_of(copy_block(azure, gone.url)) == (403, "CannotVerifyCopySource")


def test_a_hanging_source_delays_only_its_copy_until_a_timeout(azure: Azure) -> None:
    came, go = Event(), Event()

    def hang(request: BaseHTTPRequestHandler) -> None:
        send(request, 200, b"", {"Content-Length": "1"})
        came.set()
        go.wait(30)

    with loopback_server(hang) as there, ThreadPoolExecutor(1) as pool, closing(Azure(azure.server)) as other:
        copying = pool.submit(copy_block, azure, there.url, more="&timeout=1")
        assert came.wait(30)
        assert other.http.get("/_mock/health").status_code == 200
        assert not copying.done()
        assert error_of(copying.result(30)) == (500, "OperationTimedOut")
        go.set()
    assert count_staged_blocks(azure) == 0


def test_conditions_and_block_ids_are_checked_after_the_copy_too(azure: Azure) -> None:
    def meanwhile(request: BaseHTTPRequestHandler) -> None:
        azure.upload(b"first", "copy")
        azure.plain.put(f"{azure.blob_url('copy')}&comp=block&blockid=YQ==", content=b"x")
        send(request, 200, CONTENT, {})

    with loopback_server(meanwhile) as there:
        assert error_of(copy_blob(azure, there.url, headers={"If-None-Match": "*"})) == (409, "BlobAlreadyExists")
        azure.server.reset()
        allow_loopback_sources(azure.server.endpoint)
        assert error_of(copy_block(azure, there.url)) == (400, "InvalidBlobOrBlock")
    assert (read_blob(azure), count_staged_blocks(azure)) == (b"first", 1)


def test_a_server_reachable_by_others_copies_only_its_own_blobs() -> None:
    with (
        loopback_server(whole(b"x")) as there,
        serve(admin_token="secret") as server,
        closing(Azure(server)) as azure,
    ):
        azure.upload(b"own", "a")
        assert copy_blob(azure, azure.blob_url("a")).status_code == 201
        assert error_of(copy_block(azure, there.url)) == (403, "CannotVerifyCopySource")
    assert there.requests == []


def test_a_source_is_never_held_in_memory_as_a_whole(azure: Azure) -> None:
    size, piece = 64 << 20, bytes(1 << 20)

    def much(request: BaseHTTPRequestHandler) -> None:
        send(request, 200, b"", {"Content-Length": str(size)})
        for _ in range(size // len(piece)):
            request.wfile.write(piece)

    with loopback_server(much) as there:
        tracemalloc.start()
        assert copy_blob(azure, there.url, "large").status_code == 201
        assert copy_blob(azure, azure.blob_url("large")).status_code == 201
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert azure.plain.head(azure.blob_url("copy")).headers["content-length"] == str(size)
    assert peak < 12 << 20
