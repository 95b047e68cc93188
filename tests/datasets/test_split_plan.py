"""Deciding where rows go, by shares and by count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import InvalidInput
from maas_client.datasets.split.plan import Counts, Smallest, plan_by_counts, plan_by_ratio, split_part_of

HALF = 1 << 127


def chat(*turns: tuple[str, Any], **others: Any) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": said} for role, said in turns], **others}


HI = chat(("user", "Hi, how is it going?"), ("assistant", "Well."))


@pytest.mark.parametrize("ratio", [(80, 20), (0.8, 0.2), (0.8, 0.2, 0), (80.0, 20.0)])
def test_a_ratio_may_sum_to_one_or_to_a_hundred(ratio: Sequence[float]) -> None:
    assert plan_by_ratio(ratio) == plan_by_ratio((0.8, 0.2))


def test_shares_divide_the_digests() -> None:
    plan = plan_by_ratio((50, 25, 25))

    assert plan.names == ("train", "validation", "test")
    digests = [0, HALF - 1, HALF, HALF + HALF // 2 - 1, HALF + HALF // 2, 2 * HALF - 1]
    assert [plan.part_of(digest) for digest in digests] == ["train"] * 2 + ["validation"] * 2 + ["test"] * 2


def test_a_part_without_a_share_is_left_out() -> None:
    assert plan_by_ratio((90, 0, 10)).names == ("train", "test")
    assert plan_by_ratio((90, 10, 0)).names == ("train", "validation")


def test_training_rows_stay_when_a_part_for_testing_is_added() -> None:
    rows = [chat(("user", f"{n}?"), ("assistant", f"{n}!")) for n in range(200)]

    train = [row for row in rows if split_part_of(row, ratio=(80, 20)) == "train"]
    assert train == [row for row in rows if split_part_of(row, ratio=(80, 10, 10)) == "train"]
    assert 100 < len(train) < 200


@pytest.mark.parametrize(
    ("ratio", "why"),
    [
        ((80, 10), "add up to 90"),
        ((0.5, 0.4), "add up to 0.9"),
        ((4, 1), "add up to 5"),
        ((100,), "has 1 share; write"),
        ((70, 10, 10, 10), "has 4 shares"),
        ((), "has 0 shares"),
        ((100, 0), "no rows for training or for every other part"),
        ((0, 100), "no rows for training"),
        ((120, -20), "no rows for training"),
        ((float("nan"), 20), "no rows for training"),
        ((float("inf"), 20), "no rows for training"),
    ],
)
def test_an_invalid_ratio_is_rejected(ratio: Sequence[float], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        plan_by_ratio(ratio)


def test_a_row_that_nothing_can_decide_on_has_no_part() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"a": deep}

    with pytest.raises(InvalidInput, match="no value at user_id"):
        split_part_of(HI, by="user_id")
    with pytest.raises(InvalidInput, match="nested too deeply"):
        split_part_of(deep)


def test_the_smallest_digests_go_to_test_the_next_to_validation() -> None:
    plan = plan_by_counts([(3, 1), (5, 2), (8, 1), (9, 1), (12, 4)], Counts(validation=2, test=2))

    assert plan.names == ("train", "validation", "test")
    assert [plan.part_of(digest) for digest in (3, 5, 8, 9, 10, 12)] == ["test"] * 2 + ["validation"] * 2 + [
        "train"
    ] * 2


def test_a_part_that_is_not_wanted_takes_nothing() -> None:
    for counts, names in ((Counts(validation=1), ("train", "validation")), (Counts(test=1), ("train", "test"))):
        plan = plan_by_counts([(3, 1)], counts)
        assert plan.names == counts.names == names
        assert [plan.part_of(digest) for digest in (3, 4)] == [names[1], "train"]


def test_fewer_rows_than_were_asked_for_are_all_there_is() -> None:
    plan = plan_by_counts([(3, 1), (5, 1)], Counts(validation=2, test=5))

    assert [plan.part_of(digest) for digest in (3, 5, 6)] == ["test", "test", "train"]


def test_a_count_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="the count for validation is 0"):
        Counts(validation=0)
    with pytest.raises(InvalidInput, match="the count for test is -1"):
        Counts(test=-1)


@given(digests=st.lists(st.integers(0, 20)), capacity=st.integers(1, 8))
def test_the_smallest_are_those_that_sorting_finds(digests: list[int], capacity: int) -> None:
    smallest = Smallest(capacity)
    for digest in digests:
        smallest.add(digest)

    assert smallest.sizes() == [(digest, digests.count(digest)) for digest in sorted(set(digests))[:capacity]]


@given(
    digests=st.lists(st.integers(0, 20), max_size=30),
    validation=st.none() | st.integers(1, 6),
    test=st.integers(1, 6),
)
def test_a_part_exceeds_its_row_count_by_at_most_one_group(
    digests: list[int], validation: int | None, test: int
) -> None:
    counts = Counts(validation, test)
    smallest = Smallest(counts.total)
    for digest in digests:
        smallest.add(digest)
    plan = plan_by_counts(smallest.sizes(), counts)

    parts: dict[str, list[int]] = {
        name: [each for each in sorted(digests) if plan.part_of(each) == name] for name in plan.names
    }
    assert parts["test"] + parts.get("validation", []) + parts["train"] == sorted(digests)
    assert len(parts["test"]) >= min(test, len(digests))
    for name, wanted in (("test", test), ("validation", validation or 0)):
        assert len([each for each in parts.get(name, []) if each != parts[name][-1]]) < max(wanted, 1)
