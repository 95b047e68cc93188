"""Work and memory in proportion to the input: leaks, byte-order marks, and tables in CSV and Parquet."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from maas_client.datasets.check import secret_scan as leaks
from maas_client.datasets.check.line_batch import LineBatch
from maas_client.datasets.check.secret_scan import SecretScan
from maas_client.datasets.convert import convert_file, csv_rows, parquet_rows
from maas_client.datasets.json_recovery.pieces import without_bom
from maas_client.errors import InvalidInput

# By name, for pyarrow has no types.
arrow: Any = import_module("pyarrow")
format_of_parquet: Any = import_module("pyarrow.parquet")
BOM = b"\xef\xbb\xbf"


class Counted(bytes):
    """Bytes that count how many bytes are copied when a prefix is taken off."""

    copied = 0

    def removeprefix(self, prefix: Any, /) -> Counted:
        """Return the rest, counted."""
        Counted.copied += len(self)
        return Counted(bytes(self).removeprefix(prefix))

    def __getitem__(self, key: Any) -> Any:
        Counted.copied += len(self)
        return Counted(bytes(self)[slice(key.start, key.stop)])


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_byte_order_marks_are_taken_off_in_one_copy(count: int) -> None:
    Counted.copied = 0

    assert without_bom(Counted(BOM * count + b"{}")) == b"{}"

    assert Counted.copied <= len(BOM) * count + 2


@pytest.mark.parametrize("before", ["", "x-", "x-y-", "a_b-", "(", "/"])
def test_a_token_is_found_behind_words_and_dashes(before: str) -> None:
    text = before + "eyJ" + "a" * 20 + ".eyJ" + "b" * 20 + "." + "c" * 20
    line = json.dumps({"messages": [{"role": "user", "content": text}]}).encode()

    [(_, problem)] = SecretScan().find(LineBatch([line]))

    assert problem.message.endswith("a JSON Web Token")
    assert "eyJa" in problem.found


def test_a_run_of_token_characters_is_read_from_its_start_only() -> None:
    end = "eyJ" + "a" * 20 + ".eyJ" + "b" * 20 + "." + "c" * 20
    text = "eyJ-" * 50 + end
    form = next(each.form for each in vars(leaks)["_TOKENS"] if each.kind == "a JSON Web Token")

    assert form.match(text)
    assert not any(form.match(text, at) for at in range(1, len(text) - len(end) + 1))


def refused(source: Path) -> str:
    with pytest.raises(InvalidInput) as caught:
        convert_file(source, source.with_suffix(".jsonl"))
    assert not source.with_suffix(".jsonl").exists()
    return str(caught.value)


def test_a_table_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    count = csv_rows.MOST_COLUMNS + 1
    file = tmp_path / "wide.csv"
    file.write_text(",".join(f"c{number}" for number in range(count)) + "\n")

    assert f"{count} columns; the limit is {csv_rows.MOST_COLUMNS}" in refused(file)


def parquet(folder: Path, columns: dict[str, list[object]]) -> Path:
    file = folder / "rows.parquet"
    format_of_parquet.write_table(arrow.table(columns), file, compression="zstd")
    return file


def test_a_row_of_millions_of_values_is_refused(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "x"}] * 200_000
    file = parquet(tmp_path, {"messages": [turns]})

    said = refused(file)

    assert file.stat().st_size < 4096
    assert "row group 0" in said
    assert "messages" in said
    assert "100000" in said


def test_a_large_row_among_small_ones_is_refused(tmp_path: Path) -> None:
    few = [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]
    said = refused(parquet(tmp_path, {"messages": [*[few] * 50, few * 100_000]}))

    assert "row 51 " in said
    assert "'messages'" in said


def test_a_cell_of_too_many_bytes_is_refused(tmp_path: Path) -> None:
    said = refused(parquet(tmp_path, {"prompt": ["a" * (9 << 20)], "completion": ["b"]}))

    assert "row group 0, column 'prompt'" in said


def test_few_rows_of_a_large_group_are_decoded_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_rows, "_BATCH_BYTES", 4 << 20)
    rows: list[object] = ["a" * (1 << 20)] * 20
    file = parquet(tmp_path, {"prompt": rows, "completion": ["b"] * 20})

    sizes: list[int] = []
    values: Any = vars(parquet_rows)["_values"]

    def noted(batch: Any, *rest: Any) -> Any:
        sizes.append(batch.num_rows)
        return values(batch, *rest)

    monkeypatch.setattr(parquet_rows, "_values", noted)
    convert_file(file, tmp_path / "out.jsonl")

    assert sum(sizes) == 20
    assert max(sizes) <= 4
