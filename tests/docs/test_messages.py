"""The listing of every text that a person may read: complete, and in plain technical English."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PRIVATE_OR_OLD = re.compile(
    r"(?i)\b(?:all the same|bears? out|by halves|for good|for want of|heard?|hears|is none|is no such|let be"
    r"|mend(?:ed|s)?|not to be had|nobody|of it all|says so|seldom|so many|somebody|strangers?|struck|takes it up"
    r"|tells?|told|troubles|whence|whoever|hence|thereof)\b"
)
"""Turns that technical English does not have, or no longer."""

IN_PAGES = re.compile(
    r"(?i)\b(?:by halves|for good|heard?|hears|mend(?:ed|s)?|nobody|seldom|somebody|so many|tells?|told|thereof"
    r"|whence)\b"
)
"""Those that are never right in a page, either."""


@pytest.fixture(scope="module")
def listing() -> list[str]:
    command = [sys.executable, str(ROOT / "docs" / "generated" / "messages.py")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, cwd=ROOT)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "Run the mock server",  # the help of a command, which is its docstring
        "the endpoint's key contains invalid characters",  # an error of the library
        "Spell the message's keys in lower case.",  # the remedy of a finding
        "no command {name}{hint}",  # a text with values in it
        "a request was repeated before its Retry-After had passed",  # a charge of the server's verdict
    ],
)
def test_the_listing_has_texts_of_every_kind(listing: list[str], text: str) -> None:
    assert [line for line in listing if text in line]


def test_the_listing_has_neither_docstrings_nor_patterns(listing: list[str]) -> None:
    texts = [line.split(": ", 1)[1] for line in listing]
    assert not [text for text in texts if text.startswith(("Args:", "(?i)", "SELECT "))]
    assert "Command groups that import a subcommand only when it runs or its help is shown." not in texts


def test_every_text_is_plain_technical_english(listing: list[str]) -> None:
    assert [line for line in listing if PRIVATE_OR_OLD.search(line)] == []


def test_every_page_is_plain_technical_english() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/site/*.md")]
    lines = [(page.name, line) for page in pages for line in page.read_text("utf-8").splitlines()]
    assert [line for line in lines if IN_PAGES.search(line[1])] == []
