"""OpenAI's client and the reference implementation accept and refuse the same deliveries as `webhooks.verify`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from maas_client import InvalidSignature
from maas_client.webhooks import verify

Judge = Callable[[bytes, dict[str, str], str], bool]


@contextmanager
def by_openai() -> Generator[Judge]:
    openai = pytest.importorskip("openai", reason="needs openai")
    with openai.OpenAI(api_key="none") as client:

        def accepts(body: bytes, headers: dict[str, str], secret: str) -> bool:
            try:
                client.webhooks.unwrap(body, headers, secret=secret)
            except (openai.InvalidWebhookSignatureError, ValueError):
                return False
            return True

        yield accepts


@contextmanager
def by_the_reference() -> Generator[Judge]:
    reference: Any = pytest.importorskip("standardwebhooks", reason="needs standardwebhooks")

    def accepts(body: bytes, headers: dict[str, str], secret: str) -> bool:
        try:
            reference.Webhook(secret).verify(body, headers)
        except (reference.WebhookVerificationError, ValueError):
            return False
        return True

    yield accepts


def ours(body: bytes, headers: dict[str, str], secret: str) -> bool:
    try:
        verify(headers, body, secret)
    except InvalidSignature:
        return False
    return True


def sign(key: bytes, name: str, at: str, body: bytes) -> str:
    return "v1," + base64.b64encode(hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()).decode()


NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
BODIES = st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=9), max_size=4)


CHANGES = ("nothing", "body", "id", "time", "key", "others before", "case")
# Not at the ends of the window: the clock moves between the two verifications.
AGES = st.integers(-250, 250) | st.sampled_from([-10_000, -400, 400, 10_000])


@pytest.mark.parametrize("opened", [by_openai, by_the_reference])
def test_both_accept_and_refuse_the_same(opened: Callable[[], AbstractContextManager[Judge]]) -> None:
    @settings(max_examples=200)
    @given(st.binary(min_size=1, max_size=64), NAMES, BODIES, AGES, st.sampled_from(CHANGES))
    def alike(key: bytes, name: str, document: dict[str, object], age: int, change: str) -> None:
        body, at = json.dumps(document).encode(), str(int(datetime.now(UTC).timestamp()) - age)
        signature = sign(key + b"x" * (change == "key"), name, at, body)
        headers = {
            "webhook-id": name + "x" * (change == "id"),
            "webhook-timestamp": str(int(at) + (change == "time")),
            "webhook-signature": f"v1,AAAA {signature}" if change == "others before" else signature,
        }
        if change == "case":
            headers = {header.title(): value for header, value in headers.items()}
        sent = body + b" " * (change == "body")
        secret = "whsec_" + base64.b64encode(key).decode()
        accepted = abs(age) < 300 and change in {"nothing", "others before", "case"}
        assert ours(sent, headers, secret) is accepted
        assert judge(sent, headers, secret) is accepted

    with opened() as judge:
        alike()
