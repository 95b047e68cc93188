"""Names of source formats, and what to do with rows that cannot be converted."""

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
    "query_response",
    "gemini",
    "dpo",
    "preference",
    "preference_messages",
    "json",
    "csv",
    "tsv",
    "parquet",
]
"""The format of a source.

`json` (one value per line, an array, or multi-line values), `csv`, `tsv` and `parquet` are file formats; the format of
the rows is detected. The other names are row formats; the file format is detected. `auto` detects both.
"""

FileKind = Literal["json", "csv", "tsv", "parquet"]

OnBad = Literal["refuse", "skip"]
"""A row that cannot be converted aborts the conversion, or is skipped and counted."""

SOURCE_FORMATS: tuple[str, ...] = get_args(SourceFormat)

FILE_KINDS: tuple[FileKind, ...] = get_args(FileKind)

ON_BAD: tuple[str, ...] = get_args(OnBad)
