"""Parts of a file: they hold whole lines, and the reports on them add up to the report on the file."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from importlib import import_module
from operator import add
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maas_client.datasets.check import Checking
from maas_client.datasets.parts import check_file, check_part, parts_of

CHECKING = Checking(keep=5)
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
    bags: Any = import_module("dask.bag")  # Any: dask is untyped

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


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "train.jsonl"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as writer:
        writer.submit(pipe.write_bytes, b"oops\n" * 12)

        assert check_file(pipe, jobs=4).counts["json-invalid"] == 12


def test_an_empty_file_is_one_part(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.touch()

    assert check_file(path, jobs=4).counts == {"file-empty": 1}


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="has no devices")
def test_a_device_is_refused_at_once() -> None:
    with pytest.raises(OSError, match="a device is no data set"):
        check_file("/dev/zero")
