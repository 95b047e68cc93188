"""Parquet and tables of Arrow: a batch at a time, without the nulls that Arrow fills rows up with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from converted import convert, read_rows, said

from maas_client import InvalidInput
from maas_client.datasets.convert import convert_file, convert_rows

ROWS = [{"question": f"What is {n}?", "answer": f"{n}.", "level": n} for n in range(1000)]
CHAT = [{"messages": said(f"What is {n}?", f"{n}.")} for n in range(1000)]
# By name, for pyarrow has no types.
arrow: Any = import_module("pyarrow")
parquet: Any = import_module("pyarrow.parquet")


def table(rows: Sequence[object]) -> Any:
    return arrow.Table.from_pylist(rows)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write rows to a file, this many in a group."""

    def write_rows(rows: Sequence[object], *, group: int = 300) -> Path:
        file = tmp_path / "data.parquet"
        parquet.write_table(table(rows), file, row_group_size=group)
        return file

    return write_rows


@pytest.mark.parametrize("group", [1, 7, 300, 10_000])
def test_every_row_of_every_group_is_converted(write: Callable[..., Path], tmp_path: Path, group: int) -> None:
    target = tmp_path / "train.jsonl"

    conversion = convert_file(write(ROWS, group=group), target)

    assert read_rows(target) == CHAT
    assert conversion.dropped_keys == {"level": 1000}
    assert conversion.unit == "row"


def test_a_table_is_converted_without_a_file() -> None:
    assert convert(table(ROWS)) == CHAT


def test_nulls_added_by_the_table_do_not_reach_tool_definitions() -> None:
    tools = [{"type": "function", "function": {"name": each, "parameters": {each: 1}}} for each in ("price", "news")]
    rows = [{"messages": said("Hi", "Hello"), "tools": [tool]} for tool in tools]

    assert convert(table(rows)) == rows


def test_a_bad_row_is_reported_by_its_number(write: Callable[..., Path], tmp_path: Path) -> None:
    source = write([*ROWS[:300], {"question": "Hi", "answer": None, "level": 1}, *ROWS])

    with pytest.raises(InvalidInput, match=r"data.parquet: row 301: question_answer rows need answer"):
        convert_file(source, tmp_path / "train.jsonl")
    conversion = convert_file(source, tmp_path / "train.jsonl", on_bad="skip")
    assert (conversion.rows_written, conversion.bad[0].number) == (1300, 301)


def test_columns_are_mapped_and_one_that_is_not_there_is_refused(write: Callable[..., Path], tmp_path: Path) -> None:
    source, target = write([{"q": "Hi", "a": "Hello"}]), tmp_path / "train.jsonl"

    with pytest.raises(InvalidInput, match="there is no column b; the columns are q, a"):
        convert_file(source, target, columns={"user": "q", "assistant": "b"})
    convert_file(source, target, columns={"user": "q", "assistant": "a"})
    assert read_rows(target) == [{"messages": said("Hi", "Hello")}]


def test_progress_is_reported_as_a_share_of_the_file(write: Callable[..., Path], tmp_path: Path) -> None:
    reported: list[tuple[int, int]] = []

    def report(done: int, total: int) -> None:
        reported.append((done, total))

    source = write(ROWS)
    convert_file(source, tmp_path / "train.jsonl", on_progress=report)

    size = source.stat().st_size
    assert reported == [(size * rows // 1000, size) for rows in (256, 512, 768)]


def test_a_file_that_is_not_parquet_is_rejected(tmp_path: Path) -> None:
    source = tmp_path / "data.parquet"
    source.write_bytes(b"PAR1 and nothing else")

    with pytest.raises(InvalidInput, match=r"data.parquet cannot be read as Parquet"):
        convert_file(source, tmp_path / "train.jsonl")
    assert [file.name for file in tmp_path.iterdir()] == ["data.parquet"]


def test_without_pyarrow_the_error_says_how_to_install_it(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(ROWS)
    monkeypatch.setitem(import_module("sys").modules, "pyarrow.parquet", None)

    with pytest.raises(InvalidInput, match=r'Install it with: .*pip install "pyarrow>='):
        convert_file(source, tmp_path / "train.jsonl")


class DataSet:
    """The shape of a Hugging Face data set: rows as dicts, filled up with nulls, and the names of the columns."""

    def __init__(self, rows: Sequence[dict[str, Any]], names: list[str] | None) -> None:
        self.column_names = names
        self._rows = rows

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._rows)


def test_a_dataset_is_converted_without_its_nulls() -> None:
    tools: list[dict[str, Any]] = [
        {"type": "function", "function": {"name": "price", "parameters": {"symbol": {}, "city": None}}}
    ]
    rows = DataSet([{"messages": said("Hi", "Hello"), "tools": tools, "source": None}], ["messages", "tools", "source"])

    converted = convert_rows(rows)

    [row] = converted
    assert row["tools"] == [{"type": "function", "function": {"name": "price", "parameters": {"symbol": {}}}}]
    assert converted.conversion.dropped_keys == {}


def test_a_streaming_dataset_may_not_know_its_columns() -> None:
    rows = DataSet([{"q": "Hi", "a": "Hello"}], None)

    assert convert(rows, columns={"user": "q", "assistant": "a"}) == [{"messages": said("Hi", "Hello")}]


def test_a_column_missing_in_the_dataset_is_rejected_at_once() -> None:
    with pytest.raises(InvalidInput, match="there is no column b; the columns are q, a"):
        convert_rows(DataSet([], ["q", "a"]), columns={"user": "q", "assistant": "b"})


def test_a_dictionary_of_datasets_is_rejected_with_their_names() -> None:
    splits: Any = {"train": DataSet([], []), "test": DataSet([], [])}

    with pytest.raises(InvalidInput, match="a mapping of train, test, not rows: convert them"):
        convert_rows(splits)
