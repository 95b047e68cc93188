"""How near an answer is to the wanted one."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, strategies as st

from maas_client.inference.text_scores import Score, common, rouge_l, score

words = st.lists(st.sampled_from("abcde"), max_size=12)
texts = st.text(alphabet="aB .,\nthe\u00e9", max_size=40)


@given(one=words, other=words)
def test_the_longest_common_sequence_is_what_its_definition_says(one: list[str], other: list[str]) -> None:
    @cache
    def length(left: int, right: int) -> int:
        if not left or not right:
            return 0
        if one[left - 1] == other[right - 1]:
            return length(left - 1, right - 1) + 1
        return max(length(left - 1, right), length(left, right - 1))

    assert common(one, other) == length(len(one), len(other))


@given(one=texts, other=texts)
def test_scores_are_shares_that_do_not_depend_on_the_side(one: str, other: str) -> None:
    found = score(one, other)
    assert found == score(other, one)
    assert all(0 <= value <= 1 for value in (found.exact, found.normalised, found.rouge_l))
    assert found.exact <= found.normalised
    assert score(one, one) == Score(1, 1, 1)


@pytest.mark.parametrize(
    ("reference", "answer", "expected"),
    [
        ("42", " 42\n", Score(1, 1, 1)),
        ("The answer is 42.", "answer is: 42", Score(0, 1, 6 / 7)),
        ("Yes", "No", Score(0, 0, 0)),
        ("", "anything", Score(0, 0, 0)),
        ("...", "!", Score(0, 1, 1)),
        ("ＦＵＬＬ width", "full WIDTH", Score(0, 1, 1)),
    ],
)
def test_what_three_scores_make_of_it(reference: str, answer: str, expected: Score) -> None:
    assert score(reference, answer) == expected


def test_the_words_of_the_paper_score_as_in_the_paper() -> None:
    reference = "police killed the gunman"
    assert rouge_l(reference, "police kill the gunman") == pytest.approx(3 / 4)
    assert rouge_l(reference, "the gunman kill police") == pytest.approx(2 / 4)
