"""What a row goes by: its words or those of its group, whatever the white space, case and punctuation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maas_client import InvalidInput
from maas_client.datasets.split.plan import split_part_of
from maas_client.datasets.split.row_key import key_for, normal_form


def chat(*turns: tuple[str, Any], **others: Any) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": said} for role, said in turns], **others}


HI = chat(("user", "Hi, how is it going?"), ("assistant", "Well."))


@pytest.mark.parametrize(
    "row",
    [
        chat(("User", "  HI,\thow is\nit going?\n"), ("assistant", "well")),
        chat(("user", "Hi, how is it going?"), ("assistant", "Well."), weight=2, id="x"),
        chat(
            ("user", [{"type": "text", "text": "Hi, how is"}, {"type": "text", "text": " it going?"}]),
            ("assistant", "Well."),
        ),
        {"messages": [{"content": "Hi, how is it going?", "role": "user", "name": "Ann"}, *HI["messages"][1:]]},
        chat(("user", json.loads(r'"\u0048i, how is it\u00a0going?"')), ("assistant", "Well.")),
    ],
)
def test_chat_rows_with_the_same_roles_and_words_are_the_same(row: dict[str, Any]) -> None:
    assert normal_form(row) == normal_form(HI)


@pytest.mark.parametrize(
    "row",
    [
        chat(("user", "Hi, how is it going?"), ("assistant", "Wella.")),
        chat(("system", "Hi, how is it going?"), ("assistant", "Well.")),
        chat(("user", "Hi, how is it going?assistant"), ("assistant", "Well.")),
        chat(("user", "Hi, how is it going? Well."), ("assistant", "")),
        chat(("user", "Hi, how is it going?"), ("assistant", "Well."), ("user", "")),
        {"messages": ["Hi, how is it going?", "Well."]},
        {"messages": None},
        {},
    ],
)
def test_chat_rows_with_other_roles_or_words_are_others(row: dict[str, Any]) -> None:
    assert normal_form(row) != normal_form(HI)


def test_of_a_text_completion_row_the_two_columns_count() -> None:
    row: dict[str, Any] = {"prompt": "Two and two?", "completion": "Four."}

    assert normal_form({"id": 7, "completion": "four", "prompt": "two and  two"}) == normal_form(row)
    assert normal_form({"text": "Two and two?", "ground_truth": "Four."}) == normal_form(row)
    assert normal_form({"prompt": "Two and", "completion": "two? Four."}) != normal_form(row)


def test_only_key_order_is_ignored_in_a_row_of_unknown_kind() -> None:
    row: dict[str, Any] = {"question": "Why?", "answer": {"text": "So.", "sure": True, "sources": [1, None]}}

    assert normal_form(
        {"answer": {"sources": [1, None], "text": "SO", "sure": True}, "question": "why"}
    ) == normal_form(row)
    assert normal_form({**row, "id": 1}) != normal_form(row)
    assert normal_form({**row, "answer": {"text": "So.", "sure": True, "sources": [[1], None]}}) != normal_form(row)


def test_text_that_no_encoding_can_write_has_a_form() -> None:
    assert normal_form({"prompt": "\ud800", "completion": ""}) != normal_form({"prompt": "\ud801", "completion": ""})


def test_case_is_folded_in_every_script() -> None:
    assert normal_form({"prompt": "STRASSE ÀΣ", "completion": ""}) == normal_form(
        {"prompt": "straße àς", "completion": ""}
    )


@pytest.mark.parametrize(
    ("by", "value"),
    [
        ("user_id", b"7"),
        ("a/b", b"slash"),
        ("/user_id", b"7"),
        ("/messages/1/content", b"well"),
        ("/a~1b", b"slash"),
        ("/m~0n", b"tilde"),
        ("/", b"empty"),
        ("/messages/0", b"{content:hihowisitgoing,role:user}"),
        ("/messages/2/content", None),
        ("/messages/-1/content", None),
        ("/messages/01/content", None),
        ("/messages/²/content", None),
        ("/messages/role", None),
        ("/user_id/7", None),
        ("nobody", None),
        ("none", None),
    ],
)
def test_a_key_is_a_column_or_a_json_pointer(by: str, value: bytes | None) -> None:
    row = {**HI, "user_id": 7, "a/b": "slash", "m~n": "tilde", "": "empty", "none": None}

    assert key_for(by, seed=0).form_of(row) == value


@pytest.mark.parametrize(
    ("by", "why"), [("", "is empty"), ("/a~2", "is not a JSON pointer"), ("/a~", "is not a JSON pointer")]
)
def test_what_is_neither_column_nor_pointer_is_refused(by: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        key_for(by, seed=0)


def test_a_digest_is_the_same_on_every_machine_and_version() -> None:
    key = key_for(None, seed=0)

    assert f"{key.digest_of(normal_form(HI)):032x}" == "c829ef8fda384a3421bb4c2d2eb9d3d6"
    assert [split_part_of(HI, seed=seed) for seed in range(-1, 6)] == [
        "train",
        "train",
        "train",
        "validation",
        "train",
        "train",
        "train",
    ]
