"""Converting rows and files, and what the check makes of the outcome."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from maas_client import InvalidInput
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.convert import DatasetConversion, OnBad, SourceFormat, convert_file, convert_rows


def convert(
    rows: Iterable[Mapping[str, object]],
    *,
    source_format: SourceFormat = "auto",
    columns: Mapping[str, str] | None = None,
    on_bad: OnBad = "refuse",
) -> list[dict[str, Any]]:
    """Return what rows become."""
    return list(convert_rows(rows, source_format=source_format, columns=columns, on_bad=on_bad))


def convert_or_refuse(rows: Iterable[Mapping[str, object]], *, on_bad: OnBad = "skip") -> list[dict[str, Any]]:
    """Return what rows become, nothing where they are refused."""
    try:
        return convert(rows, on_bad=on_bad)
    except InvalidInput:
        return []


def convert_bytes(
    folder: Path, name: str, data: bytes, **options: Any
) -> tuple[list[dict[str, Any]], DatasetConversion]:
    """Return the rows that a file of these bytes becomes, and the account of it; the file is as it was."""
    source, target = folder / name, folder / "converted.jsonl"
    source.write_bytes(data)
    conversion = convert_file(source, target, overwrite=True, **options)
    assert source.read_bytes() == data
    return read_rows(target), conversion


def read_rows(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a JSONL file."""
    return [json.loads(line) for line in file.read_bytes().splitlines()]


def kept(rows: Iterable[Mapping[str, Any]]) -> int:
    """Return how many rows the service would keep for chat."""
    checker = CheckOptions(task="chat", survey=False).checker()
    for row in rows:
        checker.feed(json.dumps(row).encode() + b"\n")
    return checker.finish().kept


def said(*words: str) -> list[dict[str, str]]:
    """Return messages of user and assistant in turn."""
    return [{"role": ("user", "assistant")[number % 2], "content": each} for number, each in enumerate(words)]
