"""A delivery is accepted if and only if it was signed with the secret and not long ago."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import traceback
from collections.abc import Mapping
from email.message import Message
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import InvalidInput, InvalidSignature
from maas_client.core.secret_text import SecretText
from maas_client.webhooks import TOLERANCE, WebhookEvent, verify

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
NOW = 1_791_000_000
BODY = json.dumps(
    {
        "object": "event",
        "id": "evt_1",
        "type": "fine_tuning.job.succeeded",
        "created_at": NOW - 7,
        "data": {"id": "ftjob-0123456789abcdef0123456789abcdef"},
    }
).encode()


def signature(body: bytes = BODY, *, at: object = NOW, name: str = "wh_1", key: bytes = KEY) -> str:
    """Sign as the specification says, with nothing of the package."""
    content = f"{name}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def signed(body: bytes = BODY, *, at: object = NOW, name: str = "wh_1", key: bytes = KEY) -> dict[str, str]:
    return {
        "Webhook-ID": name,
        "Webhook-Timestamp": str(at),
        "Webhook-Signature": signature(body, at=at, name=name, key=key),
    }


def test_a_signed_delivery_is_its_event() -> None:
    event = verify(signed(), BODY, SECRET, now=NOW)
    assert event.to_dict() == {
        "id": "evt_1",
        "type": "fine_tuning.job.succeeded",
        "created_at": "2026-10-03T03:59:53Z",
        "job_id": "ftjob-0123456789abcdef0123456789abcdef",
        "delivery_id": "wh_1",
    }
    assert event.raw == json.loads(BODY)
    assert event.created is not None
    assert isinstance(event, WebhookEvent)


def test_the_example_of_the_specification_is_accepted() -> None:
    """The one of github.com/standard-webhooks/standard-webhooks, whose body is not of Foundry."""
    body = b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    event = verify(headers, body, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", now=1614265330)
    assert event.raw == {"test": 2432232314}


@pytest.mark.parametrize("spelling", [str.lower, str.upper, str.title])
def test_names_of_headers_may_be_in_any_case(spelling: type[str]) -> None:
    headers = {spelling(name): value for name, value in signed().items()}
    assert verify(headers, BODY, SECRET, now=NOW).id == "evt_1"


def test_headers_of_the_standard_librarys_server_are_read() -> None:
    message = Message()
    for name, value in signed().items():
        message[name] = value
    message["Webhook-Signature"] = "v1,AAAA"
    assert verify(message, BODY, SECRET, now=NOW).id == "evt_1"


def test_a_body_may_be_text() -> None:
    body = '{"id": "é", "data": 7}'
    assert verify(signed(body.encode()), body, SECRET, now=NOW).id == "é"


@pytest.mark.parametrize("age", [-TOLERANCE, -1, 0, 1, TOLERANCE])
def test_a_delivery_within_the_window_is_accepted(age: float) -> None:
    assert verify(signed(), BODY, SECRET, now=NOW + age).id == "evt_1"


@pytest.mark.parametrize(("age", "where"), [(301, "behind"), (-301, "ahead of"), (1e9, "behind"), (-1e9, "ahead of")])
def test_a_delivery_outside_the_window_is_refused(age: float, where: str) -> None:
    with pytest.raises(InvalidSignature, match=f"s {where} this machine's, and up to 300 s are allowed"):
        verify(signed(), BODY, SECRET, now=NOW + age)
    assert verify(signed(), BODY, SECRET, now=NOW + age, tolerance=2e9).id == "evt_1"


def test_without_a_time_the_machines_counts() -> None:
    with pytest.raises(InvalidSignature, match="this machine's"):
        verify(signed(at=1), BODY, SECRET)


@pytest.mark.parametrize("at", ["", "now", "1e9", "-1", "1_0", "١٢٣", "9" * 400, f"{NOW}.0"])
def test_a_time_that_is_no_number_is_refused(at: str) -> None:
    with pytest.raises(InvalidSignature, match="webhook-timestamp is"):
        verify({**signed(at=at), "Webhook-Timestamp": at}, BODY, SECRET, now=NOW, tolerance=1e18)


@pytest.mark.parametrize("name", ["Webhook-ID", "Webhook-Timestamp", "Webhook-Signature"])
def test_a_missing_header_is_named(name: str) -> None:
    for value in ({}, {name: ""}, {name: "  "}):
        headers = {key: each for key, each in signed().items() if key != name} | value
        with pytest.raises(InvalidSignature, match=f"{name.lower()} is missing"):
            verify(headers, BODY, SECRET, now=NOW)


def test_an_id_or_time_that_is_given_twice_is_refused() -> None:
    for name, value in (("webhook-id", "wh_2"), ("webhook-timestamp", str(NOW + 1))):
        with pytest.raises(InvalidSignature, match="given twice"):
            verify({**signed(), name: value}, BODY, SECRET, now=NOW)


CHANGED: Mapping[str, tuple[dict[str, str], bytes]] = {
    "another body": (signed(), BODY.replace(b"succeeded", b"failed")),
    "another id": ({**signed(), "Webhook-ID": "wh_2"}, BODY),
    "another time": ({**signed(), "Webhook-Timestamp": str(NOW + 1)}, BODY),
    "another key": (signed(key=KEY[:31]), BODY),
    "another version": ({**signed(), "Webhook-Signature": signature().replace("v1,", "v2,")}, BODY),
    "no version": ({**signed(), "Webhook-Signature": signature().removeprefix("v1,")}, BODY),
    "an empty signature": ({**signed(), "Webhook-Signature": "v1,"}, BODY),
    "part of a signature": ({**signed(), "Webhook-Signature": signature()[:-4]}, BODY),
    "no text": ({**signed(), "Webhook-Signature": "v1,\udcff\u20ac v1 ,"}, BODY),
}


@pytest.mark.parametrize("case", CHANGED)
def test_what_was_changed_is_refused(case: str) -> None:
    headers, body = CHANGED[case]
    with pytest.raises(InvalidSignature, match="no signature matches"):
        verify(headers, body, SECRET, now=NOW)


@given(st.data())
def test_no_changed_byte_is_accepted(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(BODY) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda octet: octet != BODY[place]))
    with pytest.raises(InvalidSignature):
        verify(signed(), BODY[:place] + bytes([other]) + BODY[place + 1 :], SECRET, now=NOW)


def test_one_of_several_signatures_is_enough() -> None:
    several = f"v1a,xyz v1,AAAA {signature()} v2,zzz"
    assert verify({**signed(), "Webhook-Signature": several}, BODY, SECRET, now=NOW).id == "evt_1"


def test_while_a_secret_is_replaced_both_are_accepted() -> None:
    new = "whsec_" + base64.b64encode(b"x" * 24).decode()
    for headers in (signed(), signed(key=b"x" * 24)):
        assert verify(headers, BODY, [SecretText(new), SECRET], now=NOW).id == "evt_1"
    with pytest.raises(InvalidSignature):
        verify(signed(), BODY, [new], now=NOW)


def test_a_secret_may_lack_its_padding_and_its_prefix() -> None:
    assert verify(signed(), BODY, f" {SECRET.rstrip('=')}\n", now=NOW).id == "evt_1"
    assert verify(signed(key=b"plain words"), BODY, "plain words", now=NOW).id == "evt_1"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_====", "whsec_not base64!", "whsec_A", "  ", []])
def test_a_secret_that_is_no_key_is_never_used(secret: str | list[str]) -> None:
    for key in (b"", KEY):
        with pytest.raises(InvalidInput, match="the secret of a webhook must be"):
            verify(signed(key=key), BODY, secret, now=NOW)
    with pytest.raises(InvalidInput):
        verify(signed(), BODY, [SECRET, ""], now=NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b'{"id": NaN', b"[" * 10_000])
def test_a_signed_body_that_is_no_object_is_invalid(body: bytes) -> None:
    with pytest.raises(InvalidInput, match="the webhook's signature is valid, but its body is not"):
        verify(signed(body), body, SECRET, now=NOW)


@pytest.mark.parametrize("body", [json.loads(BODY), None, 5, [BODY]])
def test_a_body_that_was_parsed_is_refused_with_what_to_pass(body: Any) -> None:
    with pytest.raises(InvalidInput, match="is verified as it came, as bytes or text"):
        verify(signed(), body, SECRET, now=NOW)


def test_a_delivery_at_no_time_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        verify(signed(), BODY, SECRET, now=float("nan"))


@pytest.mark.parametrize("tolerance", [-1.0, float("nan")])
def test_a_tolerance_is_a_number_of_seconds(tolerance: float) -> None:
    with pytest.raises(InvalidInput, match="tolerance must be"):
        verify(signed(), BODY, SECRET, now=NOW, tolerance=tolerance)


def test_no_error_shows_the_secret() -> None:
    canary = "whsec_" + base64.b64encode(b"CANARY-of-a-webhook-secret").decode()
    for wrong in (canary, f"{canary}!"):
        with pytest.raises((InvalidSignature, InvalidInput)) as raised:
            verify(signed(), BODY, wrong, now=NOW)
        shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
        # The frame of this test has the secret; no frame of the package has.
        inside = [frame for frame in shown.stack if "maas_client" in frame.filename]
        assert inside
        text = f"{raised.value!r} {vars(raised.value)} {[frame.locals for frame in inside]}"
        assert canary.removeprefix("whsec_") not in text
        assert "CANARY" not in text


def test_fields_of_another_type_are_empty() -> None:
    body = json.dumps({"id": 7, "type": ["x"], "created_at": "soon", "data": [], "delivery_id": "forged"}).encode()
    event = verify(signed(body), body, SECRET, now=NOW)
    assert (event.id, event.type, event.created_at, event.job_id, event.delivery_id) == ("", "", "", "", "wh_1")
    assert event.created is None
