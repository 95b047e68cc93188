"""Parts of a file: they hold whole lines, and the reports on them add up to the report on the file."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client.datasets.check.checker import Checker, CheckOptions
from maas_client.datasets.parts import check_file, check_part, parts_of
from maas_client.datasets.rows.schemas import Problem

CHECKING = CheckOptions(keep=5)
plain = st.binary(max_size=9).map(lambda line: line.replace(b"\n", b""))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set with something of everything: good rows, copies, odd ones, broken ones, a secret."""
    path = tmp_path_factory.mktemp("parts") / "train.jsonl"
    with path.open("wb") as out:
        for number in range(3_000):
            asked = {"role": "user", "content": f"Question {number % 2_900}?"}
            turns = [asked, {"role": "assistant", "content": "Yes."}]
            row: dict[str, object] = {"messages": turns[: 1 if number % 97 == 0 else 2]}
            row |= {"weight": 1} if number % 89 == 0 else {}
            line = json.dumps(row).encode()[: None if number % 83 else -1]
            out.write(line + (b"\r\n" if number % 7 == 0 else b"\n"))
        out.write(b'{"messages": [{"role": "user", "content": "sk-' + b"a1B2" * 8 + b'"}]}')
    return path


@given(lines=st.lists(plain, max_size=20), count=st.integers(1, 9))
def test_parts_hold_whole_lines_and_cover_the_file(
    lines: list[bytes], count: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.jsonl"
    path.write_bytes(b"\n".join(lines))

    parts = parts_of(path, count, smallest=1)

    data = path.read_bytes()
    assert len(parts) <= count
    assert b"".join(data[part.start : part.end] for part in parts) == data
    assert all(data[: part.end].endswith(b"\n") for part in parts[:-1])


@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_report_is_the_same_from_any_number_of_parts(count: int, file: Path) -> None:
    parts = parts_of(file, count, smallest=1)

    assert len(parts) == count
    assert reduce(add, (check_part(part, CHECKING) for part in parts)) == check_file(file, CHECKING)


def test_the_report_is_the_same_from_a_dask_bag_over_the_parts(file: Path) -> None:
    bags: Any = pytest.importorskip("dask.bag")  # Any: dask is untyped

    bag = bags.from_sequence(parts_of(file, 7, smallest=1), npartitions=3)
    report = bag.map(check_part, CHECKING).fold(add).compute(scheduler="threads")

    assert report == check_file(file, CHECKING)


def test_the_report_is_the_same_from_two_processes(tmp_path: Path, file: Path) -> None:
    large = tmp_path / "train.jsonl"
    large.write_bytes((file.read_bytes() + b"\n") * 40)

    assert len(parts_of(large, 2)) == 2
    assert check_file(large, CHECKING, jobs=2) == check_file(large, CHECKING)


def test_a_file_with_one_line_is_one_part(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"x" * 10_000)

    assert [(part.start, part.end) for part in parts_of(path, 4, smallest=1)] == [(0, None)]


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="has no names for what is open")
def test_a_pipe_is_read_to_its_end() -> None:
    reading, writing = os.pipe()
    with ThreadPoolExecutor(1) as writer:

        def write() -> None:
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(b"oops\n" * 12)

        writer.submit(write)
        assert check_file(f"/dev/fd/{reading}", jobs=4).counts["json-invalid"] == 12
    os.close(reading)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_named_pipe_without_a_writer_is_rejected_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "train.jsonl")
    with pytest.raises(OSError, match="a named pipe may never get a writer"):
        check_file(tmp_path / "train.jsonl")


def test_each_line_is_measured_once_at_any_number_of_findings() -> None:
    measured = 0

    class Line(bytes):
        """A line that counts how often its length is asked for."""

        def __len__(self) -> int:
            nonlocal measured
            measured += 1
            return super().__len__()

    counts: list[int] = []
    for count in (200, 400):
        checker, measured = Checker(), 0
        note = checker._recorder([Line(b"x") for _ in range(count)])  # pyright: ignore[reportPrivateUsage] -- what is measured
        for index in range(count):
            note(index, Problem("json-invalid", "", "x", "no JSON"))
        counts.append(measured)
    assert counts[1] <= 2 * counts[0] + 2


def test_an_empty_file_is_one_part(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.touch()

    assert check_file(path, jobs=4).counts == {"file-empty": 1}


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="has no devices")
def test_a_device_is_refused_at_once() -> None:
    with pytest.raises(OSError, match="a device is not a dataset"):
        check_file("/dev/zero")
