"""How source formats are called, and what a conversion does about a row that cannot be converted."""

from __future__ import annotations

from typing import Literal, get_args

SourceFormat = Literal[
    "auto",
    "chat",
    "sharegpt",
    "alpaca",
    "prompt_completion",
    "text_ground_truth",
    "question_answer",
    "columns",
    "json",
    "csv",
    "tsv",
    "parquet",
]
"""What a source is written in.

`json` (one value a line, an array, or values spread over lines), `csv`, `tsv` and `parquet` say how a file is read, and
its rows are looked at. The other names say what its rows are, and the file is looked at; `auto` looks at both.
"""

FileKind = Literal["json", "csv", "tsv", "parquet"]

OnBad = Literal["refuse", "skip"]
"""A row that cannot be converted ends the conversion, or is left out and counted."""

SOURCE_FORMATS: tuple[str, ...] = get_args(SourceFormat)

FILE_KINDS: tuple[FileKind, ...] = get_args(FileKind)

ON_BAD: tuple[str, ...] = get_args(OnBad)
