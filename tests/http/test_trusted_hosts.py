"""Which host may see which secret, and what is blanked before it is shown."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given, strategies as st

from maas_client.azure.clouds import CHINA, PUBLIC, US_GOVERNMENT, Cloud, trust_for
from maas_client.core.origins import is_loopback
from maas_client.core.redaction import redact, redact_logs
from maas_client.core.text import printable
from maas_client.errors import UntrustedHost
from maas_client.http.trusted_hosts import Audience

PUBLIC_TRUST = trust_for(PUBLIC, PUBLIC.resource_manager)
LOCAL_TRUST = trust_for(PUBLIC, "http://127.0.0.1:8765")


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        ("https://management.azure.com/subscriptions/x", Audience.ARM),
        ("https://management.azure.com:443/subscriptions/x", Audience.ARM),
        ("https://eastus2.api.azureml.ms/history/v1.0", Audience.ML),
        ("https://cert-eastus.experiments.azureml.net/mferp/managementfrontend", Audience.ML),
        ("https://eastus2.experiments.azureml.net/discovery", Audience.ML),
        ("https://acct.blob.core.windows.net/c/b?sig=x", Audience.BLOB),
        ("https://acct.z13.blob.storage.azure.net:443/c/b", Audience.BLOB),
        ("https://ep.eastus2.models.ai.azure.com/v1/chat/completions", Audience.SCORING),
        ("https://ep.eastus2.inference.ai.azure.com/v1/chat/completions", Audience.SCORING),
    ],
)
def test_the_clouds_own_hosts_are_trusted_for_their_audience(url: str, audience: Audience) -> None:
    assert PUBLIC_TRUST.check(url, audience) == url


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        ("https://evil.example/subscriptions/x", Audience.ARM),
        ("https://management.azure.com.evil.example/", Audience.ARM),
        ("https://management.azure.com@evil.example/", Audience.ARM),
        ("https://management.azure.com:8443/", Audience.ARM),
        ("http://management.azure.com/", Audience.ARM),
        ("https://evilapi.azureml.ms/", Audience.ML),
        ("https://api.azureml.ms.evil.example/", Audience.ML),
        ("https://blob.core.windows.net/", Audience.BLOB),
        ("https://acct.blob.core.windows.net/c", Audience.ARM),
        ("https://ep.models.ai.azure.com:444/", Audience.SCORING),
        ("https://evil.example\\.blob.core.windows.net/", Audience.BLOB),
        ("https://[::1/", Audience.ARM),
        ("file:///etc/passwd", Audience.BLOB),
        ("", Audience.ML),
        ("https://127.0.0.1:8765/", Audience.ARM),
    ],
)
def test_any_other_host_is_refused_before_a_byte_is_sent(url: str, audience: Audience) -> None:
    with pytest.raises(UntrustedHost, match="Nothing was sent"):
        PUBLIC_TRUST.check(url, audience)


ELSEWHERE = (
    "http://127.0.0.1:1/x",
    "http://127.0.0.1/x",
    "http://127.0.0.2:8765/x",
    "http://[::1]:8765/x",
    "http://localhost:8765/x",
    "https://127.0.0.1:8765/x",
)
"""Other origins of this machine."""


@pytest.mark.parametrize("audience", Audience)
def test_a_local_endpoint_trusts_its_own_origin_and_nothing_else(audience: Audience) -> None:
    assert LOCAL_TRUST.check("http://127.0.0.1:8765/x", audience)
    for url in ELSEWHERE:
        with pytest.raises(UntrustedHost, match="another origin"):
            LOCAL_TRUST.check(url, audience)
    with pytest.raises(UntrustedHost, match="this host is not"):
        LOCAL_TRUST.check("https://management.azure.com/", audience, any_port=True)


@pytest.mark.parametrize("audience", Audience)
def test_same_host_requests_may_use_any_local_port(audience: Audience) -> None:
    for url in ELSEWHERE:
        assert LOCAL_TRUST.check(url, audience, any_port=True) == url


@pytest.mark.parametrize("cloud", [CHINA, US_GOVERNMENT])
def test_a_sovereign_cloud_does_not_trust_the_public_ones_hosts(cloud: Cloud) -> None:
    trust = trust_for(cloud, cloud.resource_manager)
    assert trust.check(f"https://acct.{cloud.blob_domains[0]}/", Audience.BLOB)
    with pytest.raises(UntrustedHost):
        trust.check("https://acct.blob.core.windows.net/", Audience.BLOB)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("acct.blob.localhost", False),
        ("localhost.", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_is_recognized_by_the_name_alone(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    "text",
    [
        "https://a.blob.core.windows.net/c?sv=1&sig=SECRET&se=2",
        "GET https://x/?sig=SECRET",
        "Authorization: Bearer SECRET12345",
        "{'authorization': 'Bearer SECRET12345'}",
        "(b'Authorization', b'Bearer SECRET12345')",
        "api-key: SECRET",
        "SharedKey acct:SECRETSECRET=",
        "{'Api-Key': 'SECRET'}",
        "FOUNDRY_API_KEY=SECRET0123456789abcdef",
        '{"api_key": "SECRET0123456789abcdef"}',
        'OpenAI(apiKey="SECRET0123456789abcdef")',
        "the webhook's secret is whsec_SECRET0123456789",
        '{"id": "we_1", "signing_secret": "SECRET"}',
    ],
)
def test_secrets_are_redacted_everywhere(text: str) -> None:
    assert "SECRET" not in redact(text)


def test_text_without_secrets_stays_readable() -> None:
    text = "GET https://management.azure.com/subscriptions/1?api-version=2024-10-01-preview"
    assert redact(text) == text
    setting = "no api_key: set FOUNDRY_API_KEY, or sign in; signing_secret_hint: whsec_...abc"
    assert redact(setting) == setting


def test_a_log_record_is_blanked_before_any_handler_sees_it(caplog: pytest.LogCaptureFixture) -> None:
    redact_logs(["some.library"])
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("some.library").info("HTTP Request: %s %s", "PUT", "https://x/?sig=SECRET&a=1")
    assert "SECRET" not in caplog.text
    assert "sig=***&a=1" in caplog.text


@given(st.text())
def test_nothing_that_drives_a_terminal_survives(text: str) -> None:
    clean = printable(f"\x1b[31m{text}\x1b]0;title\x07\x9b")
    assert not {character for character in clean if ord(character) < 32} - {"\t", "\n"}
    assert not any(0x7F <= ord(character) <= 0x9F for character in clean)
