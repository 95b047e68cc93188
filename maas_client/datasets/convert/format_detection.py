"""Choosing the format of rows: the requested one, or the only one that the first rows fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...core.errors import InvalidInput
from .format import Format, named
from .format_names import FILE_KINDS, SOURCE_FORMATS
from .formats import (
    ALPACA,
    CHAT,
    PROMPT_COMPLETION,
    QUESTION_ANSWER,
    SHAREGPT,
    TEXT_GROUND_TRUTH,
    USER_ASSISTANT,
    mapped,
)
from .other_tools import GEMINI, QUERY_RESPONSE
from .preferences import DPO, PREFERENCE, PREFERENCE_MESSAGES
from .values import SourceRow

FORMATS = (
    CHAT,
    SHAREGPT,
    ALPACA,
    PROMPT_COMPLETION,
    TEXT_GROUND_TRUTH,
    QUESTION_ANSWER,
    USER_ASSISTANT,
    QUERY_RESPONSE,
    GEMINI,
    DPO,
    PREFERENCE,
    PREFERENCE_MESSAGES,
)

ROWS_EXAMINED = 20
"""Rows examined to detect the format."""

_MAPPING = "`--map user=COLUMN --map assistant=COLUMN` (columns=)"


def requested_format(source_format: str, columns: Mapping[str, str] | None) -> Format | None:
    """Return the requested format, None for any; raise InvalidInput if there is no such format."""
    if source_format not in SOURCE_FORMATS:
        raise InvalidInput(f"there is no source format {source_format!r}; the formats are {', '.join(SOURCE_FORMATS)}")
    if columns and source_format not in {"auto", "columns", *FILE_KINDS}:
        raise InvalidInput(
            f"a column mapping and the source format {source_format} exclude each other: use one of them"
        )
    if columns:
        return mapped(columns)
    return next((each for each in FORMATS if each.name == source_format), None)


def detect_format(rows: Sequence[SourceRow], *, source: str) -> Format:
    """Return the only format that the rows fit; raise InvalidInput if none or more than one does."""
    found = [each for row in rows for each in _fitting(row)]
    fitting = [each for each in FORMATS if each in found]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        choices = " or ".join(f"`--from {each.name}`" for each in fitting)
        raise InvalidInput(
            f"{source}: the format is ambiguous: the first rows fit {' and '.join(map(_described, fitting))}. "
            f"Choose with {choices} (source_format=), or map columns with {_MAPPING}."
        )
    known = ", ".join(map(_described, FORMATS))
    raise InvalidInput(
        f"{source}: the format cannot be detected: the first row has {named(rows[0])}, and no row among the first "
        f"{len(rows)} fits any of {known}. Map columns with {_MAPPING}."
    )


def _fitting(row: SourceRow) -> list[Format]:
    """Return the formats that a row fits; with a rejected answer it is a preference, whatever it has besides."""
    fitting = [each for each in FORMATS if not each.lacking(row)]
    return [each for each in fitting if each.left_out] or fitting


def _described(each: Format) -> str:
    return f"{each.name} ({', '.join((*each.columns, *each.left_out))})"
