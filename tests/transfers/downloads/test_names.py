"""Names from the service: whatever they are, what becomes of them stays in the folder, or they are refused."""

from __future__ import annotations

import os
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import example, given, strategies as st

from maas_client import UnexpectedReply
from maas_client.transfers.downloads.safe_paths import (
    first_collision,
    journal_beside,
    part_beside,
    parts_of,
    targets_below,
)

FOLDER = Path("/srv/downloads")
NASTY = st.lists(
    st.sampled_from(
        ["..", ".", "", "a", "A", "C:", "c:x", "\\", "..\\..", "nul", "COM1.txt", "~", "$HOME", "é", " ", "/"]
    ),
    max_size=6,
).map("/".join)


def safe(name: str) -> tuple[str, ...]:
    """The parts that a name becomes, none when it is refused."""
    try:
        return parts_of(name)
    except ValueError:
        return ()


@given(st.text(max_size=300) | NASTY)
@example("../../etc/passwd")
@example("/etc/passwd")
@example("C:\\windows\\system32")
@example("a/../../b")
@example("a\0b")
def test_the_path_of_any_name_is_inside_the_folder(name: str) -> None:
    parts = safe(name)
    target = FOLDER.joinpath(*parts)
    assert Path(os.path.normpath(target)) == target
    assert target.is_relative_to(FOLDER)
    assert len(target.parts) == len(FOLDER.parts) + len(parts)
    on_windows = PureWindowsPath("D:/downloads").joinpath(*parts)
    assert on_windows.parts == ("D:\\", "downloads", *parts)
    assert len(os.fsencode(part_beside(target).name)) <= 255
    assert len(os.fsencode(journal_beside(target).name)) <= 255


@given(st.text(max_size=300) | NASTY)
def test_a_name_is_refused_or_kept_as_it_is(name: str) -> None:
    assert "/".join(safe(name)) in {"", name}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "slash"),
        ("/absolute", "slash"),
        ("a//b", "slash"),
        ("folder/", "slash"),
        ("..", "another folder"),
        ("a/../b", "another folder"),
        ("./a", "another folder"),
        ("C:/a", "colon"),
        ("file.txt:stream", "colon"),
        ("..\\a", "backslash"),
        ("a\0", "printable"),
        ("a\nb", "printable"),
        ("a\x1b[2J", "printable"),
        ("a\x85", "printable"),
        ("\ud800", "printable"),
        ("a./b", "dot or a space"),
        ("a ", "dot or a space"),
        ("NUL", "device"),
        ("a/con.txt", "device"),
        ("lpt9.tar.gz", "device"),
        ("COM¹", "device"),
        ("é" * 128, "longer than 255 bytes"),
    ],
)
def test_an_unsafe_name_is_rejected_with_its_reason(name: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parts_of(name)


@pytest.mark.parametrize(
    "name", ["a", "a/b/c.txt", ".hidden", "..a", "a..b", "console", "com10", "ü/日本.bin", "~", "-rf"]
)
def test_an_ordinary_name_is_kept(name: str) -> None:
    assert parts_of(name) == tuple(name.split("/"))


@pytest.mark.parametrize(
    "names",
    [
        ["a", "a"],
        ["Model.bin", "model.BIN"],
        ["x/Straße", "x/STRASSE"],
        ["caf\u00e9", "cafe\u0301"],
        ["a", "a/b"],
        ["a/b", "a"],
        ["A", "a/b"],
        ["weights", ".weights.part"],
        [".weights.part.jsonl", "weights"],
    ],
)
def test_names_that_collide_in_one_file_are_found(names: list[str]) -> None:
    assert first_collision(["else/where", *names]) == tuple(names)


def test_distinct_names_do_not_collide() -> None:
    assert first_collision(["a/b", "a/c", "b", "c/a/b", "a.part", ".a", "A/d"]) is None


@given(st.lists(st.from_regex(r"[abAB]{1,2}(/[abAB]{1,2}){0,2}", fullmatch=True), max_size=8))
def test_names_without_collision_have_a_path_for_every_file(names: list[str]) -> None:
    folded = [name.casefold() for name in names]
    files_are_folders = any(other.startswith(f"{name}/") for name in folded for other in folded)
    assert (first_collision(names) is None) == (len(set(folded)) == len(folded) and not files_are_folders)


def test_a_refused_name_is_named_and_nothing_is_written() -> None:
    with pytest.raises(UnexpectedReply, match=r"'\.\./x'.*Nothing was written"):
        targets_below(FOLDER, ["fine", "../x"], "the model")
    with pytest.raises(UnexpectedReply, match="'A' and 'a' map to the same file"):
        targets_below(FOLDER, ["A", "a"], "the model")
