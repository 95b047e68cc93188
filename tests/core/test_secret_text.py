"""Texts that hide themselves, and the redaction that knows them by their value."""

from __future__ import annotations

import base64
import copy
import html
import json
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings, strategies as st

from maas_client.core import secret_text
from maas_client.core.redaction import KEPT, redact, redact_body
from maas_client.core.secret_text import LIMIT, SecretText, SecretUrl, redact_known, remember
from maas_client.errors import InvalidInput, JobFailed, NotFound, OperationFailed, ReplyLost
from maas_client.jobs.job import Job


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know no values but those of the test."""
    monkeypatch.setattr(secret_text, "_KNOWN", {})


VALUE = "CANARY/of+a secret=0123&x"


@pytest.mark.parametrize("shown", ["{}", "{!r}", "{!s}", "{:>40}", "{!r:40}", "{0.__class__} {0}"])
def test_a_secret_text_shows_nothing(shown: str) -> None:
    for secret in (SecretText(VALUE), SecretUrl(f"https://a.test/?sig={VALUE}")):
        assert "CANARY" not in f"{shown.format(secret)} {secret} {[secret]} {secret!r}"


@pytest.mark.parametrize("make", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_text_is_neither_pickled_nor_copied(make: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="holds a secret"):
        make(SecretText(VALUE))


def test_secret_texts_are_compared_by_their_value() -> None:
    assert SecretText(VALUE) == SecretText(VALUE) != SecretText("another one")
    assert {SecretText(VALUE)} == {SecretText(VALUE)}
    assert SecretText(VALUE) != VALUE
    assert SecretText(VALUE).reveal() == VALUE
    assert not SecretText("")


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded twice": lambda text: quote(quote(text, safe="")),
    "in a form": quote_plus,
    "in JSON": json.dumps,
    "in JSON with slashes escaped": lambda text: json.dumps(text).replace("/", "\\/"),
    "in JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "in HTML": html.escape,
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 behind a name": lambda text: base64.b64encode(b"user:" + text.encode() + b"\n").decode(),
    "in base64 of addresses": lambda text: base64.urlsafe_b64encode(b"ab" + text.encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@settings(deadline=None)
@given(secret=st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=12, max_size=60))
def test_a_known_value_is_blanked_in_every_spelling(spelling: str, secret: str) -> None:
    secret_text._KNOWN.clear()  # pyright: ignore[reportPrivateUsage] -- of earlier examples nothing is to be known
    remember(secret)
    spelt = SPELLINGS[spelling](secret)
    safe = redact_known(f"before >{spelt}< behind")
    assert "***" in safe
    assert secret not in safe
    assert len(safe) < len("before >< behind") + 3 + 2 * 8


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="0123456789")))
def test_a_text_without_known_values_stays_as_it_is(text: str) -> None:
    remember("CANARY-0123")
    assert redact_known(text) == text


def test_only_the_last_values_are_known() -> None:
    first = SecretText("CANARY-the-first-value")
    for number in range(LIMIT - 1):
        remember(f"CANARY-value-{number}")
    assert redact_known("CANARY-the-first-value") == "***"
    first.register()
    remember("CANARY-one-more-value")
    assert redact_known("CANARY-the-first-value CANARY-value-0") == "*** CANARY-value-0"
    assert len(secret_text._KNOWN) <= LIMIT  # pyright: ignore[reportPrivateUsage] -- what is kept is the point


def test_values_are_remembered_and_blanked_by_many_threads() -> None:
    def work(number: int) -> bool:
        remember(f"CANARY-{number % 64:04}-of-threads")
        return redact_known(f"x CANARY-{number % 64:04}-of-threads") == "x ***"

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(work, range(4 * LIMIT)))


def test_a_short_value_blanks_no_word() -> None:
    remember("local")
    assert redact_known("a local endpoint") == "a local endpoint"


def test_of_an_address_only_the_signature_is_a_secret() -> None:
    address = SecretUrl("https://a.test/folder/train.jsonl?sv=2023-11-03&sig=CANARY%2Bsig%3D&sr=container")
    text = "GET https://a.test/folder/train.jsonl of 2023-11-03 in container: CANARY+sig= CANARY%2bsig%3d"
    assert redact_known(text) == "GET https://a.test/folder/train.jsonl of 2023-11-03 in container: *** ***"
    assert address.reveal().endswith("sr=container")


def test_every_error_blanks_what_is_known() -> None:
    kept = SecretText("CANARY-in-an-error")
    text = kept.reveal()
    raised = [
        InvalidInput(f"no {text}"),
        ReplyLost(f"GET {text}", text),
        NotFound(f"GET {text}", status=404, code=text, detail=text, request_id=text, body=text.encode(), hint=text),
        OperationFailed(text, status="failed", code=text, detail=text),
        JobFailed(Job(name="j"), code=text, reason=text, log_tail=[text]),
    ]
    for error in raised:
        assert "CANARY" not in f"{error} {error!r} {error.args} {vars(error)}"
        assert "***" in str(error)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32", "latin-1"])
def test_a_body_is_kept_without_secrets_in_any_encoding(encoding: str) -> None:
    remember("CANARY-in-a-body")
    body = '{"é": "CANARY-in-a-body", "x": 1}'.encode(encoding)
    kept = redact_body(body).replace(b"\0", b"")
    assert b"CANARY" not in kept
    assert b'"x": 1' in kept


def test_the_beginning_of_a_long_body_is_kept() -> None:
    remember("CANARY-at-the-cut")
    body = b"x" * (KEPT - 3) + b"CANARY-at-the-cut"
    assert redact_body(body) == b"x" * (KEPT - 3) + b"***"
    assert redact_body(b"\xff" * 10) == b"\xff" * 10


@pytest.mark.parametrize("name", ["X-Amz-Signature", "x-goog-signature", "X-Amz-Security-Token", "sig"])
def test_the_signature_of_any_cloud_is_blanked(name: str) -> None:
    assert redact(f"https://a.test/x?{name}=CANARY&y=1") == f"https://a.test/x?{name}=***&y=1"


@pytest.mark.parametrize("unit", ["\\", "%25", "&amp;", "0", "a", "aaaa%25"])
def test_the_time_for_a_text_grows_with_its_length(unit: str) -> None:
    """A pattern that tries each place to the end would take hours for these."""
    remember(f"{unit[0]}+/=aaaa{unit[0]}+/=\\&%")
    assert redact_known(unit * 300_000) == unit * 300_000
