"""A server whose certificate cannot be verified: what the error says of authorities, and where they came from."""

from __future__ import annotations

import os
import socket
import ssl
from pathlib import Path

import certifi
import pytest
import trustme
from raw_server import raw_server, tls_contexts

from maas_client.core.http_messages import Request
from maas_client.errors import ConnectionFailed
from maas_client.wire import AsyncWire, BlockingWire, tls_context
from maas_client.wire.certificates import BUNDLES, advice_on, chosen_bundle


@pytest.fixture(autouse=True)
def no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without any of the variables."""
    for name in BUNDLES:
        monkeypatch.delenv(name, raising=False)


async def failure_of(kind: str, tmp_path: Path) -> str:
    """Connect to a server that certifi's authorities do not know; return the error."""
    context, _ = tls_contexts(tmp_path, "127.0.0.1")

    def answer(_stream: socket.socket, _head: bytes) -> None:
        raise AssertionError("a request was sent")

    wire = BlockingWire() if kind == "blocking" else AsyncWire()
    with raw_server(answer, context) as server, pytest.raises(ConnectionFailed) as caught:
        await wire.send(Request("GET", server.url))
    ending = wire.close()
    if ending is not None:
        await ending
    return str(caught.value)


async def test_an_unknown_authority_is_an_error_with_the_remedy(kind: str, tmp_path: Path) -> None:
    message = await failure_of(kind, tmp_path)
    assert "trusted are the public authorities only" in message
    assert "set REQUESTS_CA_BUNDLE to a PEM file with its CA and the public ones" in message
    assert all(name in message for name in BUNDLES)


async def test_the_variable_that_chose_the_authorities_is_named(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    assert f"the authorities in SSL_CERT_FILE={certifi.where()}" in await failure_of(kind, tmp_path)


def test_another_failure_of_tls_has_no_such_remedy() -> None:
    assert advice_on("certificate verify failed: certificate has expired") == ""
    assert advice_on("[SSL: WRONG_VERSION_NUMBER] wrong version number") == ""
    assert advice_on("certificate verify failed: self-signed certificate in certificate chain")


def test_the_first_variable_that_is_set_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen_bundle() == ("", "")
    for name in reversed(BUNDLES):
        monkeypatch.setenv(name, f"/{name}")
        assert chosen_bundle() == (name, f"/{name}")
    monkeypatch.setenv(BUNDLES[0], " ")
    assert chosen_bundle()[0] == BUNDLES[1]


@pytest.mark.parametrize("name", BUNDLES)
def test_only_the_authorities_of_the_variable_are_trusted(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = tmp_path / "ca.pem"
    trustme.CA(organization_name="Contoso").cert_pem.write_to_path(os.fspath(pem))
    monkeypatch.setenv(name, str(pem))
    (authority,) = tls_context().get_ca_certs()
    assert "Contoso" in str(authority)


def test_every_context_verifies_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tls_context().verify_mode is ssl.CERT_REQUIRED
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    assert (tls_context().verify_mode, tls_context().check_hostname) == (ssl.CERT_REQUIRED, True)
