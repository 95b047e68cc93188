"""What holds for any rows: nothing is lost, nothing moves when others come and go, no part gives away another."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.parts import check_file
from maas_client.datasets.split.file_split import split_file
from maas_client.datasets.split.row_key import key_for

Strategy = st.SearchStrategy[Any]
Parts = dict[str, list[bytes]]

said = st.text("aAbB é?.\n", max_size=4)
roles = st.sampled_from(["user", "assistant", "User"])
chats: Strategy = st.lists(st.fixed_dictionaries({"role": roles, "content": said}), max_size=3).map(
    lambda turns: {"messages": turns}
)
texts: Strategy = st.fixed_dictionaries({"prompt": said, "completion": said})
users = st.sampled_from(["Ann", "ann", " ANN", "Bob", 1, 2, 3, ["Ann"]])
rows: Strategy = st.tuples(chats | texts, users).map(lambda drawn: {**drawn[0], "user_id": drawn[1]})
ways_to_write: Strategy = st.sampled_from([{}, {"separators": (",", ":")}, {"ensure_ascii": False}])
lines: Strategy = st.tuples(rows, ways_to_write).map(lambda drawn: json.dumps(drawn[0], **drawn[1]).encode())
files: Strategy = st.lists(lines, max_size=25)
ends = st.sampled_from([b"\n", b"\n", b"\r\n", b"\n\n", b"\n \t\r\n"])
ratios = st.sampled_from([(80, 20), (80, 10, 10), (0.5, 0.5), (40, 20, 40), (50, 0, 50)])
seeds = st.integers(-3, 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all examples of a test."""
    return tmp_path_factory.mktemp("split")


def split(folder: Path, lines: Sequence[bytes], **asked: Any) -> Parts:
    """Return the lines of each part."""
    source = folder / "data.jsonl"
    source.write_bytes(b"".join(line + b"\n" for line in lines))
    parts = split_file(source, overwrite=True, **asked).parts
    return {part.name: part.path.read_bytes().splitlines() for part in parts}


def where(parts: Parts) -> dict[bytes, str]:
    """Return the part of each line."""
    return {line: name for name, lines in parts.items() for line in lines}


def words(text: str) -> str:
    """Leave white space and case out, in another way than the code."""
    return "".join(each for each in text.lower() if not each.isspace())


def likeness(line: bytes) -> str:
    """Return what rows have in common that must never be in two parts."""
    row = json.loads(line)
    turns = [(words(turn["role"]), words(turn["content"])) for turn in row.get("messages", [])]
    return repr(("messages" in row, turns, words(row.get("prompt", "")), words(row.get("completion", ""))))


def user(line: bytes) -> str:
    return repr(json.loads(line)["user_id"]).lower().replace(" ", "")


def parts_of_each(parts: Parts, what: Callable[[bytes], str]) -> dict[str, set[str]]:
    """Return the parts in which each thing stands that lines have in common."""
    found: dict[str, set[str]] = {}
    for name, lines in parts.items():
        for line in lines:
            found.setdefault(what(line), set()).add(name)
    return found


@given(
    lines=files.filter(bool),
    ends=st.lists(ends, min_size=26, max_size=26),
    ratio=ratios,
    seed=seeds,
    mark=st.booleans(),
)
def test_the_parts_are_the_file_line_by_line_and_in_its_order(
    folder: Path, lines: list[bytes], ends: list[bytes], ratio: Sequence[float], seed: int, mark: bool
) -> None:
    source = folder / "data.jsonl"
    ended = b"".join(line + end for line, end in zip(lines, ends, strict=False))
    source.write_bytes((b"\xef\xbb\xbf" if mark else b"") + ended)

    result = split_file(source, ratio=ratio, seed=seed, overwrite=True)

    parts = {part.name: part.path.read_bytes().splitlines(keepends=True) for part in result.parts}
    assert all(line.endswith(b"\n") for part in parts.values() for line in part)
    bare: Parts = {name: [line[:-1] for line in part] for name, part in parts.items()}
    assert sorted(line for part in bare.values() for line in part) == sorted(lines)
    place = where(bare)
    assert {name: [line for line in lines if place[line] == name] for name in bare} == bare
    assert result.rows == len(lines)
    assert result.blank == sum(end.count(b"\n") - 1 for end in ends[: len(lines)])


@given(lines=files, more=files, ratio=ratios, seed=seeds)
def test_by_ratio_other_rows_and_their_order_move_no_row(
    folder: Path, lines: list[bytes], more: list[bytes], ratio: Sequence[float], seed: int
) -> None:
    alone = where(split(folder, lines, ratio=ratio, seed=seed))

    together = where(split(folder, [*more, *reversed(lines)], ratio=ratio, seed=seed))
    assert {line: together[line] for line in lines} == alone
    half = where(split(folder, lines[::2], ratio=ratio, seed=seed))
    assert half == {line: alone[line] for line in lines[::2]}


@given(lines=files, ratio=ratios, seed=seeds)
def test_by_ratio_no_group_moves_when_others_come_or_go(
    folder: Path, lines: list[bytes], ratio: Sequence[float], seed: int
) -> None:
    together = where(split(folder, lines, ratio=ratio, seed=seed, by="user_id"))

    half = where(split(folder, lines[::2], ratio=ratio, seed=seed, by="/user_id"))
    assert half == {line: together[line] for line in lines[::2]}


@given(
    lines=files,
    ratio=ratios,
    seed=seeds,
    counts=st.tuples(st.none() | st.integers(1, 9), st.none() | st.integers(1, 9)),
)
def test_equivalent_rows_are_in_one_part(
    folder: Path, lines: list[bytes], ratio: Sequence[float], seed: int, counts: tuple[int | None, int | None]
) -> None:
    parts = split(folder, lines, ratio=ratio, seed=seed, validation_count=counts[0], test_count=counts[1])

    assert all(len(names) == 1 for names in parts_of_each(parts, likeness).values())


@given(
    lines=files,
    ratio=ratios,
    seed=seeds,
    counts=st.tuples(st.none() | st.integers(1, 9), st.none() | st.integers(1, 9)),
)
def test_a_group_is_in_one_part_and_shared_rows_are_reported(
    folder: Path, lines: list[bytes], ratio: Sequence[float], seed: int, counts: tuple[int | None, int | None]
) -> None:
    source = folder / "data.jsonl"
    source.write_bytes(b"\n".join(lines))

    result = split_file(
        source,
        ratio=ratio,
        by="user_id",
        seed=seed,
        validation_count=counts[0],
        test_count=counts[1],
        overwrite=True,
    )

    parts: Parts = {part.name: part.path.read_bytes().splitlines() for part in result.parts}
    groups = parts_of_each(parts, user)
    assert all(len(names) == 1 for names in groups.values())
    assert result.groups == len(groups)
    shared = any(len(names) > 1 for names in parts_of_each(parts, likeness).values())
    is_warned = any("equal a row of another part" in warning for warning in result.warnings)
    assert is_warned or not shared


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ratio", [(0.8, 0.2), (80, 10, 10), (98, 1, 1)])
def test_shares_are_met_as_nearly_as_chance_allows(tmp_path: Path, ratio: Sequence[float], seed: int) -> None:
    number = 4_000
    lines = [json.dumps({"prompt": f"{n}?", "completion": "!"}).encode() for n in range(number)]

    parts = split(tmp_path, lines, ratio=ratio, seed=seed)

    for share, part in zip(ratio, parts.values(), strict=True):
        expected = number * share / sum(ratio)
        assert abs(len(part) - expected) < 4 * sqrt(expected * (1 - share / sum(ratio)))


def test_another_seed_gives_another_split(tmp_path: Path) -> None:
    lines = [json.dumps({"prompt": f"{n}?", "completion": "!"}).encode() for n in range(1_000)]

    first, second = (set(split(tmp_path, lines, seed=seed)["validation"]) for seed in (0, 1))
    assert 0.1 < len(first & second) / len(first) < 0.3


distinct = st.lists(st.integers(0, 10**6), min_size=12, max_size=40, unique=True).map(
    lambda numbers: [json.dumps({"prompt": f"{n}", "completion": "x"}).encode() for n in numbers]
)


@given(lines=distinct, validation=st.integers(1, 5), test=st.integers(1, 5), seed=seeds)
def test_by_count_parts_have_the_rows_with_the_smallest_hashes(
    folder: Path, lines: list[bytes], validation: int, test: int, seed: int
) -> None:
    parts = split(folder, lines, validation_count=validation, test_count=test, seed=seed)

    assert {name: len(part) for name, part in parts.items()} == {
        "train": len(lines) - validation - test,
        "validation": validation,
        "test": test,
    }
    key = key_for(None, seed=seed)
    digests = {line: key.digest_of(key.form_of(json.loads(line)) or b"") for line in lines}
    ordered = sorted(lines, key=digests.__getitem__)
    assert set(parts["test"]) == set(ordered[:test])
    assert set(parts["validation"]) == set(ordered[test : test + validation])


@given(lines=distinct, counts=st.tuples(st.integers(1, 5), st.integers(1, 5)), seed=seeds)
def test_by_count_another_row_moves_at_most_one_row_per_part(
    folder: Path, lines: list[bytes], counts: tuple[int, int], seed: int
) -> None:
    def moved(before: Parts, after: Parts) -> dict[str, int]:
        places = where(after)
        return {name: sum(places.get(line, name) != name for line in part) for name, part in before.items()}

    asked = {"validation_count": counts[0], "test_count": counts[1], "seed": seed}
    with_it, without = split(folder, lines, **asked), split(folder, lines[1:], **asked)

    come = moved(without, with_it)
    assert come["train"] == 0
    assert max(come.values()) <= 1
    gone = moved(with_it, without)
    assert gone["test"] == 0
    assert max(gone.values()) <= 1


@given(lines=files, ratio=st.sampled_from([(80, 20), (50, 50)]), seed=seeds)
@settings(max_examples=50)
def test_the_check_finds_no_row_of_one_part_in_the_other(
    folder: Path, lines: list[bytes], ratio: Sequence[float], seed: int
) -> None:
    split(folder, lines, ratio=ratio, seed=seed)

    train = check_file(folder / "data.train.jsonl", CheckOptions())
    validation = check_file(folder / "data.validation.jsonl", CheckOptions(role="validation"))
    assert "validation-row-in-training" not in validation.against(train).counts
