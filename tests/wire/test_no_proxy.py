"""NO_PROXY: which hosts its entries name, in every spelling that other programs accept."""

from __future__ import annotations

import pytest

from maas_client.wire.no_proxy import NoProxy

HOST = "management.azure.com"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        (HOST, HOST, 443),
        ("azure.com", HOST, 443),
        (".azure.com", HOST, 443),
        ("*.azure.com", HOST, 443),
        ("*", HOST, 443),
        ("management.*", HOST, 443),
        ("MANAGEMENT.AZURE.COM.", HOST, 443),
        ("a.example, management.azure.com", HOST, 443),
        ("a.example management.azure.com", HOST, 443),
        ("a.example;management.azure.com", HOST, 443),
        ("management.azure.com:443", HOST, 443),
        ("https://management.azure.com/", HOST, 443),
        ("10.0.0.0/8", "10.1.2.3", 443),
        ("10.1.2.3", "10.1.2.3", 443),
        ("10.1.2.3:8443", "10.1.2.3", 8443),
        ("10.*", "10.1.2.3", 443),
        ("fd00::/8", "fd00::1", 443),
        ("[fd00::1]", "fd00::1", 443),
        ("[fd00::1]:443", "[fd00::1]", 443),
        ("<local>", "proxyless", 443),
    ],
)
def test_a_host_is_reached_without_a_proxy(text: str, host: str, port: int) -> None:
    assert NoProxy.read(text).bypasses(host, port)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("", HOST, 443),
        ("notazure.com", HOST, 443),
        ("zure.com", HOST, 443),
        ("management.azure.com:8443", HOST, 443),
        ("10.0.0.0/8", HOST, 443),
        ("10.0.0.0/8", "11.1.2.3", 443),
        ("[fd00::1]:8443", "fd00::1", 443),
        ("<local>", HOST, 443),
    ],
)
def test_a_host_is_reached_through_the_proxy(text: str, host: str, port: int) -> None:
    assert not NoProxy.read(text).bypasses(host, port)


@pytest.mark.parametrize("word", ["[::1", "host:99999", "host:0", "10.0.0.0/99", "a/b/c", "ho:st:1", "[fg::]:80"])
def test_an_entry_that_names_nothing_is_reported_alone(word: str) -> None:
    read = NoProxy.read(f"{word},{HOST}")
    assert read.invalid == (word,)
    assert read.bypasses(HOST, 443)
