"""What a training set should not give away: likely secrets and personal data, and what only looks like them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from maas_client.datasets.check.line_batch import LineBatch
from maas_client.datasets.check.secret_scan import SecretScan

LETTERS = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1bC3dE5fG7hI9jK2"  # not a secret
SECRETS = {
    "an AWS access key": "AKIA" + "IOSFODNN7ABCDEFG",
    "an Azure storage key": "DefaultEndpointsProtocol=https;AccountKey=" + LETTERS + LETTERS[:40] + "==",
    "an Azure storage signature": "https://a.blob.core.windows.net/c?sv=2023&sig=" + LETTERS[:43] + "%3D",
    "a GitHub token": "ghp_" + LETTERS[:36],
    "a GitLab token": "glpat-" + LETTERS[:20],
    "a Google API key": "AIza" + LETTERS[:35],
    "a Hugging Face token": "hf_" + LETTERS[:34],
    "a Slack token": "xoxb-" + "1234567890-" + LETTERS[:24],
    "a Stripe key": "sk_live_" + LETTERS[:24],
    "an API key": "sk-proj-" + LETTERS[:40],
    "a JSON Web Token": f"eyJ{LETTERS[:20]}.eyJ{LETTERS[:20]}.{LETTERS[:20]}",
    "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----\nMII",
    "a password in a URL": "postgres://reader:correct-horse@db.internal:5432/x",
}
PERSONAL = {
    "an e-mail address": "Write to Ada.Lovelace+work@mail.engine.org.",
    "a card number": "I pay with 4111 1111 1111 1111, please.",
    "a social security number": "It is 078-05-1120.",
    "a phone number": "Call (212) 555-0187 after six.",
}
HARMLESS = [
    "The internationalization-of-everything committee meets at 10:30.",
    "4 + 4 + 4 + 4 + 4 + 4 = 24 and 1234567890123 is a number",
    "Write to somebody@example.com, or to me@localhost.",
    "In 1990-2000 there were 100 2000-page books, 12345 6789.",
    "skim-reading, sk-short, ghp_short, AKIAshort",
    "----------------------------------------",
    "https://learn.microsoft.com/azure/machine-learning/how-to-configure-cli",
    "4111 1111 1111 1112 fails the sum",
]


def line(text: str) -> bytes:
    return json.dumps({"messages": [{"role": "user", "content": text}]}).encode() + b"\n"


@pytest.mark.parametrize(("kind", "text"), [*SECRETS.items(), *PERSONAL.items()], ids=[*SECRETS, *PERSONAL])
@pytest.mark.parametrize("around", ["{}", "My words: {} and more."])
def test_a_secret_is_reported_with_its_position_and_kind(kind: str, text: str, around: str) -> None:
    lines = [line("Hello"), line(around.format(text)), line("Bye")]

    rule = "secret" if kind in SECRETS else "personal-data"
    [(index, problem)] = [found for found in SecretScan().find(LineBatch(lines)) if found[1].rule == rule]

    assert (index, problem.pointer) == (1, "/messages/0/content")
    assert problem.message.endswith(kind)


@pytest.mark.parametrize("text", SECRETS.values(), ids=list(SECRETS))
def test_a_secret_is_never_shown(text: str) -> None:
    [(_, problem)] = SecretScan(personal=False).find(LineBatch([line(text)]))

    assert len(problem.found) <= 5
    assert LETTERS[:8] not in problem.message + problem.found


@pytest.mark.parametrize("text", HARMLESS)
def test_text_that_only_resembles_a_secret_is_not_reported(text: str) -> None:
    assert list(SecretScan().find(LineBatch([line(text)]))) == []


def test_personal_data_may_be_left_alone_and_secrets_not() -> None:
    lines = [line(text) for text in (*PERSONAL.values(), *SECRETS.values())]

    found = list(SecretScan(personal=False).find(LineBatch(lines)))

    assert [index for index, _ in found] == list(range(len(PERSONAL), len(lines)))


@given(st.lists(st.binary(max_size=60).map(lambda each: each.replace(b"\n", b"") + b"\n"), max_size=5))
def test_any_bytes_are_scanned(lines: list[bytes]) -> None:
    assert all(0 <= index < len(lines) for index, _ in SecretScan().find(LineBatch(lines)))
