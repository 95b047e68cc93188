"""How requests to storage are signed."""

from __future__ import annotations

import base64

import pytest
from support import Clock

from maas_client.azure.signers import EndpointKey, Sas, SharedKey, account_of, string_to_sign
from maas_client.core.blocking import run
from maas_client.core.http_messages import Request
from maas_client.core.secret_text import SecretText
from maas_client.errors import CredentialError

ACCOUNT_KEY = base64.b64encode(b"a key for the tests of signatures").decode()


def test_a_sas_is_added_to_the_query() -> None:
    assert run(Sas(SecretText("?sv=1&sig=x")).sign(Request("GET", "https://a/b"))).address() == "https://a/b?sv=1&sig=x"
    assert (
        run(Sas(SecretText("sv=1")).sign(Request("GET", "https://a/b?comp=block"))).address()
        == "https://a/b?comp=block&sv=1"
    )


def test_a_shared_key_signs_method_headers_and_resource() -> None:
    request = Request(
        "PUT",
        "https://acct.blob.core.windows.net/c/a%20b?comp=block&blockid=QQ%3D%3D",
        {"Content-Type": "text/plain", "x-ms-version": "2023-11-03", "x-ms-date": "now", "Content-MD5": "m"},
        b"12345",
    )
    assert string_to_sign(request, "acct") == (
        "PUT\n\n\n5\nm\ntext/plain\n\n\n\n\n\n\nx-ms-date:now\nx-ms-version:2023-11-03\n"
        "/acct/c/a%20b\nblockid:QQ==\ncomp:block"
    )


def test_an_empty_body_has_no_length_in_the_signature() -> None:
    assert string_to_sign(Request("GET", "https://a.blob.x/c"), "a") == "GET\n\n\n\n\n\n\n\n\n\n\n\n/a/c"


def test_a_signed_request_has_account_and_date_but_not_the_key(clock: Clock) -> None:
    signer = SharedKey("acct", SecretText(ACCOUNT_KEY), clock.now)
    signed = run(signer.sign(Request("GET", "https://acct.blob.core.windows.net/c/b")))
    assert signed.secret_headers["Authorization"].reveal().startswith("SharedKey acct:")
    assert signed.headers["x-ms-date"].endswith("GMT")
    assert ACCOUNT_KEY not in repr(signer) + repr(signed) + str(signed.headers)


@pytest.mark.parametrize(
    "signer",
    [
        SharedKey("acct", SecretText("no base64!"), float),
        EndpointKey(SecretText("schlüssel")),
        EndpointKey(SecretText("a\nb")),
    ],
)
def test_a_key_that_cannot_be_one_is_a_typed_error(signer: SharedKey | EndpointKey) -> None:
    with pytest.raises(CredentialError):
        run(signer.sign(Request("GET", "https://acct.blob.core.windows.net/c/b")))


def test_the_account_is_read_from_the_host_or_the_path() -> None:
    assert account_of("https://acct.blob.core.windows.net/c") == "acct"
    assert account_of("http://127.0.0.1:1/acct.blob.127.0.0.1:1/c") == "acct"
    assert account_of("http://127.0.0.1:10000/devstoreaccount1/c") == "devstoreaccount1"
