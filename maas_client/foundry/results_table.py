"""A job's results.csv as metrics: the table that Foundry writes while a job trains, step by step.

learn.microsoft.com/azure/foundry/openai/how-to/fine-tuning: one row per step, validation columns filled in on steps of
an evaluation only. Observed in outputs of the notebooks of microsoft-foundry/fine-tuning: a byte-order mark, and -1 or
N/A where there is no value.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice

from ..core.metrics import MetricPoint, metric_value
from .metric_names import metric_name, with_eval_loss

MAX_COLUMNS = 1_000
"""Columns that are read; there are fewer than twenty."""

MAX_ROWS = 1_000_000
"""Rows that are read, about 100 MB of points per column; a training has some thousands of steps."""

_LONGEST_NUMBER = 40
_LONGEST_LINE = 1 << 20
_LAST_STEP = 2**53
_NO_VALUE = -1.0
_BOM = b"\xef\xbb\xbf"
_NO_CELLS: list[str] = []


def read_results(content: bytes, *, growing: bool = False) -> dict[str, tuple[MetricPoint, ...]]:
    """Return the metrics of a results table, each as its points in the order of steps; never raises.

    Metrics are named as on Azure ML: `loss`, `eval_loss`, `mean_token_accuracy`, `reward`; other columns keep their
    names. What is not a number is not a value, and neither is -1. Of several rows of one step the last one counts, and
    of several columns with one meaning the first that has a value.

    Args:
        content: the file.
        growing: whether the job may still write to it, so that a last line without an end is incomplete.
    """
    lines = _lines(content, growing=growing)
    names = [metric_name(cell) for cell in next(lines, _NO_CELLS)[:MAX_COLUMNS]]
    step_at = next((index for index, name in enumerate(names) if name.lower() == "step"), None)
    found: dict[str, dict[int, float]] = {}
    for number, cells in enumerate(islice(lines, MAX_ROWS), start=1):
        step = number if step_at is None else _step(cells, step_at)
        if step is None:
            continue
        for name, value in _values(names, cells, step_at).items():
            found.setdefault(name, {})[step] = value
    return with_eval_loss(
        {name: tuple(MetricPoint(step, values[step]) for step in sorted(values)) for name, values in found.items()}
    )


def _lines(content: bytes, *, growing: bool) -> Iterator[list[str]]:
    """Yield the cells of each line. A quotation mark without its partner costs its line and no other."""
    lines = content.removeprefix(_BOM).splitlines(keepends=True)
    if growing and lines and not lines[-1].endswith((b"\n", b"\r")):
        lines.pop()
    for line in lines:
        text = line.decode("utf-8", "replace").strip() if len(line) <= _LONGEST_LINE else ""
        if text or len(line) > _LONGEST_LINE:
            yield _cells(text)


def _cells(line: str) -> list[str]:
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line]), _NO_CELLS)
    except csv.Error:
        return _NO_CELLS


def _step(cells: Sequence[str], index: int) -> int | None:
    value = _number(cells[index]) if index < len(cells) else None
    return int(value) if value is not None and 0 <= value <= _LAST_STEP and value.is_integer() else None


def _values(names: Sequence[str], cells: Sequence[str], step_at: int | None) -> dict[str, float]:
    """Return a row's values by metric."""
    found: dict[str, float] = {}
    for index, (name, cell) in enumerate(zip(names, cells, strict=False)):
        if index == step_at or not name or name in found:
            continue
        value = _number(cell)
        if value is not None and value != _NO_VALUE:
            found[name] = value
    return found


def _number(cell: str) -> float | None:
    """Return a cell's number; a cell that is too long for one is not read."""
    return metric_value(cell) if len(cell) <= _LONGEST_NUMBER else None
