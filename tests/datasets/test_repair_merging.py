"""The system message in the first user turn: one way to merge, for training data and for conversations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maas_client.openai_api.system_message import merge_system

ANSWER = {"role": "assistant", "content": "Yes."}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


@pytest.mark.parametrize(
    ("system", "user", "merged"),
    [
        ("Be brief.", "Hello", "Be brief.\n\nHello"),
        ("", "Hello", "Hello"),
        (None, "Hello", "Hello"),
        ("Be brief.", "", "Be brief."),
        ("Be brief.", None, "Be brief."),
        ("", "", ""),
        ("Be brief.", [text("Hello"), IMAGE], [text("Be brief.\n\n"), text("Hello"), IMAGE]),
        ("Be brief.", [], [text("Be brief.")]),
        ("", [IMAGE], [IMAGE]),
        ([text("Be "), text("brief.")], "Hello", "Be brief.\n\nHello"),
        ([text("Be brief.")], [text("Hello")], [text("Be brief.\n\n"), text("Hello")]),
        ([text("Like this:"), IMAGE], "Hello", [text("Like this:"), IMAGE, text("\n\n"), text("Hello")]),
        ([IMAGE], [text("Hello")], [IMAGE, text("\n\n"), text("Hello")]),
        ([IMAGE], "", [IMAGE]),
        ([{"type": "text"}], "Hello", [{"type": "text"}, text("\n\n"), text("Hello")]),
    ],
)
def test_both_texts_join_in_the_user_turn_with_a_blank_line(system: Any, user: Any, merged: Any) -> None:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": user}, ANSWER]

    assert merge_system(messages) == [{"role": "user", "content": merged}, ANSWER]


def test_other_keys_of_the_user_turn_stay_where_they_are() -> None:
    user = {"name": "Ada", "content": "Hello", "role": "user", "weight": 1}

    merged = merge_system([{"role": "system", "content": "Be brief.", "name": "x"}, user])

    assert json.dumps(merged) == json.dumps([{**user, "content": "Be brief.\n\nHello"}])


def test_what_was_given_is_not_changed() -> None:
    parts = [text("Hello")]
    messages: list[dict[str, Any]] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": parts}]
    before = repr(messages)

    merge_system(messages)

    assert repr(messages) == before


@pytest.mark.parametrize("roles", ["", "s", "u", "ua", "us", "sau", "sus", "ssu", "usa", "aus"])
def test_a_system_message_merges_only_right_before_the_user_turn(roles: str) -> None:
    names = {"s": "system", "u": "user", "a": "assistant"}

    assert merge_system([{"role": names[each], "content": "Hi"} for each in roles]) is None
