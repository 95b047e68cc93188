"""The two files of a repair: the source is only read, the target is there whole or not at all."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from maas_client import InvalidInput
from maas_client.datasets.atomic_file import new_file
from maas_client.datasets.repair.file_repair import fix_file

ROW = b'{"prompt": "a", "completion": "b"}\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file with something to be repaired."""
    file = tmp_path / "train.jsonl"
    file.write_bytes(ROW + b"\n" + ROW)
    return file


def test_the_target_is_written_and_no_other_file_is_left(source: Path) -> None:
    target = source.with_name("fixed.jsonl")

    assert fix_file(source, str(target)).rows_written == 1
    assert target.read_bytes() == ROW
    assert source.read_bytes() == ROW + b"\n" + ROW
    assert {file.name for file in source.parent.iterdir()} == {"train.jsonl", "fixed.jsonl"}


def test_a_name_of_the_maximum_length_is_accepted(source: Path) -> None:
    target = source.with_name("x" * 255)

    assert fix_file(source, target).rows_written == 1
    assert target.read_bytes() == ROW


def test_the_source_is_never_the_target_under_any_name(source: Path) -> None:
    link, hard_link = source.with_name("link.jsonl"), source.with_name("hard.jsonl")
    link.symlink_to(source)
    hard_link.hardlink_to(source)

    for target in (source, source.parent / "." / ".." / source.parent.name / source.name, link, hard_link):
        with pytest.raises(InvalidInput, match="is the source file, which is never changed"):
            fix_file(source, target, overwrite=True)
    assert source.read_bytes() == ROW + b"\n" + ROW


def test_an_existing_target_is_overwritten_only_on_request(source: Path) -> None:
    target = source.with_name("fixed.jsonl")
    target.write_bytes(b"mine")

    with pytest.raises(InvalidInput, match="already exists"):
        fix_file(source, target)
    assert target.read_bytes() == b"mine"
    fix_file(source, target, overwrite=True)
    assert target.read_bytes() == ROW


def test_paths_that_are_not_files_are_named(source: Path) -> None:
    folder = source.parent
    for bad, target, why in (
        (folder / "none.jsonl", folder / "fixed.jsonl", "there is no file .*none.jsonl"),
        (folder, folder / "fixed.jsonl", "is not a file"),
        (source, folder, "is a folder"),
        (source, folder / "none" / "fixed.jsonl", "cannot be repaired into .*No such file"),
        (source, folder / ("x" * 256), "cannot be repaired into .*too long"),
    ):
        with pytest.raises(InvalidInput, match=why):
            fix_file(bad, target)
    assert [file.name for file in folder.iterdir()] == ["train.jsonl"]


def write_and_stop(target: Path) -> None:
    with new_file(target, overwrite=True) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def write_too_late(target: Path) -> None:
    with new_file(target) as file:
        file.write(b"new")
        target.write_bytes(b"mine")


def test_a_file_whose_writing_fails_leaves_no_trace(tmp_path: Path) -> None:
    target = tmp_path / "fixed.jsonl"
    target.write_bytes(b"mine")

    with pytest.raises(KeyboardInterrupt):
        write_and_stop(target)
    assert target.read_bytes() == b"mine"
    assert [file.name for file in tmp_path.iterdir()] == ["fixed.jsonl"]


def test_a_target_that_appears_during_repair_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "fixed.jsonl"

    with pytest.raises(InvalidInput, match="already exists"):
        write_too_late(target)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("fixed.jsonl", b"mine")]


@pytest.mark.parametrize("framing", ["lines", "array", "one line", "pretty", "utf-16"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, framing: str) -> None:
    rows = [json.dumps({"prompt": f"{n}" * 50, "completion": "x" * 100}) for n in range(10_000)]
    text = {
        "lines": "\n".join(rows),
        "array": "[\n" + ",\n".join(rows) + "\n]",
        "one line": "[" + ", ".join(rows) + "]",
        "pretty": "\n".join(row.replace(", ", ",\n  ") for row in rows),
        "utf-16": "\n".join(rows),
    }[framing]
    source, target = tmp_path / "train.jsonl", tmp_path / "fixed.jsonl"
    source.write_bytes(text.encode("utf-16" if framing == "utf-16" else "utf-8"))

    tracemalloc.start()
    try:
        repair = fix_file(source, target, longest=1 << 16)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert (repair.rows_written, repair.left) == (10_000, 0)
    assert peak < 2 << 20 < source.stat().st_size
