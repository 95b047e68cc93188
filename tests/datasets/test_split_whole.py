"""The parts of a split are there all or none, whatever happens meanwhile, and in little memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from splitting import ROWS, names, row

from maas_client import FileChanged, InvalidInput
from maas_client.datasets.split.file_split import split_file
from maas_client.datasets.split.part_files import new_files


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of thirty rows."""
    file = tmp_path / "data.jsonl"
    file.write_bytes(b"\n".join(ROWS) + b"\n")
    return file


def append(file: Path) -> None:
    with file.open("ab") as written:
        written.write(ROWS[0])


def replace(file: Path) -> None:
    file.with_name("other").write_bytes(file.read_bytes())
    file.with_name("other").replace(file)


def rewrite(file: Path) -> None:
    os.utime(file, ns=(1, 1))


def remove(file: Path) -> None:
    file.unlink()


def touch(file: Path) -> None:
    os.utime(file, ns=(1, file.stat().st_mtime_ns))


@pytest.mark.parametrize(
    ("change", "how"),
    [
        (append, "it had 1160 bytes and has 1197"),
        (replace, "it was replaced by another file"),
        (rewrite, "it was modified"),
        (touch, "its metadata changed"),
        (remove, "No such file"),
    ],
)
@pytest.mark.parametrize("asked", [{}, {"validation_count": 3}])
def test_a_file_that_changes_during_a_split_is_rejected(
    source: Path, asked: dict[str, Any], change: Callable[[Path], None], how: str
) -> None:
    reads: list[tuple[int, int]] = []

    def change_at_the_end(done: int, total: int) -> None:
        reads.append((done, total))
        for _ in [done] * (done == total):
            change(source)

    size = source.stat().st_size
    with pytest.raises(FileChanged, match=f"changed while it was split: {how}.*Nothing was written"):
        split_file(source, on_progress=change_at_the_end, **asked)
    assert reads[-1] == (size * len(reads), size * len(reads))
    assert set(names(source.parent)) <= {"data.jsonl"}


def test_progress_is_reported_every_8_mib_and_at_the_end(source: Path) -> None:
    source.write_bytes(row(1, text="x" * (1 << 20)) * 1 + b"\n" + b"\n".join([row(2, text="x" * (1 << 20))] * 9))
    reported: list[tuple[int, int]] = []

    split_file(source, test_count=1, on_progress=lambda done, total: reported.append((done, total)))

    size = source.stat().st_size
    assert [total for _, total in reported] == [2 * size] * 4
    assert [done for done, _ in reported][1::2] == [size, 2 * size]
    assert 8 << 20 <= reported[0][0] < 9 << 20


def stop(_done: int, _total: int) -> None:
    raise KeyboardInterrupt


def test_an_interrupted_split_leaves_only_the_old_parts(source: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        split_file(source, on_progress=stop)
    assert names(source.parent) == ["data.jsonl"]

    train = source.with_name("data.train.jsonl")
    train.write_bytes(b"mine")
    with pytest.raises(KeyboardInterrupt):
        split_file(source, on_progress=stop, overwrite=True)
    assert names(source.parent) == ["data.jsonl", "data.train.jsonl"]
    assert train.read_bytes() == b"mine"


def test_a_killed_split_leaves_no_part(source: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from maas_client.datasets.split.file_split import split_file\n"
        "split_file(sys.argv[1], on_progress=lambda done, total: os.kill(os.getpid(), signal.SIGKILL))\n"
    )

    done = subprocess.run([sys.executable, "-c", program, str(source)], check=False, timeout=60)

    assert done.returncode == -9
    assert not list(source.parent.glob("data.*.jsonl"))
    assert {name.rpartition(".")[2] for name in names(source.parent)} == {"jsonl", "part"}
    assert split_file(source).rows == 30


def lose_a_file(targets: list[Path]) -> None:
    with new_files(targets, overwrite=True) as files:
        for file in files:
            file.write(b"new")
        next(targets[1].parent.glob(f".{targets[1].name}.*.part")).unlink()


def test_when_one_file_cannot_be_moved_all_are_as_they_were(tmp_path: Path) -> None:
    targets = [tmp_path / "a", tmp_path / "b", tmp_path / "c"]
    targets[0].write_bytes(b"old a")
    targets[2].write_bytes(b"old c")

    with pytest.raises(FileNotFoundError):
        lose_a_file(targets)

    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"a": b"old a", "c": b"old c"}


def write_too_late(targets: list[Path]) -> None:
    with new_files(targets) as files:
        files[0].write(b"new")
        targets[1].write_bytes(b"mine")


def test_a_file_that_appears_during_a_split_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="already exists"):
        write_too_late([tmp_path / "a", tmp_path / "b"])
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("b", b"mine")]


@pytest.mark.parametrize("asked", [{}, {"validation_count": 20, "test_count": 20}, {"by": "user_id"}])
def test_memory_does_not_grow_with_the_file(source: Path, asked: dict[str, Any]) -> None:
    source.write_bytes(b"\n".join(row(n, user_id=n // 2, text="x" * 400) for n in range(10_000)))

    tracemalloc.start()
    try:
        result = split_file(source, **asked)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert result.rows == 10_000
    assert peak < 1 << 20 < source.stat().st_size
