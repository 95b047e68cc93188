"""The caller that a token names: the claims of both versions of Entra's tokens, and none where they cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from support import jwt

from maas_client.azure.token_claims import Caller, caller_of

ADA = {"upn": "ada@contoso.com", "oid": "1-a", "tid": "2-b", "appid": "3-c", "ver": "1.0"}


@pytest.mark.parametrize(
    ("claims", "caller"),
    [
        (ADA, Caller("ada@contoso.com", "1-a", "2-b", "3-c")),
        (
            {"preferred_username": "ada@contoso.com", "azp": "3-c", "oid": "1-a"},
            Caller("ada@contoso.com", "1-a", "", "3-c"),
        ),
        ({"unique_name": "live.com#ada@contoso.com"}, Caller("live.com#ada@contoso.com")),
        ({"oid": 7, "tid": None, "upn": ["ada"]}, Caller()),
        ({"upn": "\x1b[31mada\x07"}, Caller("ada")),
        (["oid"], Caller()),
    ],
)
def test_claims_are_read_as_both_versions_of_tokens_spell_them(claims: object, caller: Caller) -> None:
    assert caller_of(jwt(claims)) == caller


@pytest.mark.parametrize(
    ("caller", "text"),
    [
        (caller_of(jwt(ADA)), "ada@contoso.com, object 1-a, tenant 2-b"),
        (Caller(object_id="1-a", application="3-c"), "application 3-c, object 1-a"),
        (Caller(), ""),
    ],
)
def test_a_caller_is_described_in_words(caller: Caller, text: str) -> None:
    assert str(caller) == text


@given(token=st.one_of(st.text(), st.binary().map(lambda raw: f"a.{raw.hex()}.b"), st.just(f"a.{'W1tb' * 40_000}.b")))
def test_an_unreadable_token_identifies_no_caller(token: str) -> None:
    assert caller_of(token) == Caller()
