"""Splitting a dataset into parts for training, validation and testing that stay stable as it grows."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from ...core.errors import FileChanged, InvalidInput
from ...transfers.file_identity import FileIdentity
from ..distinct_rows import DistinctRows
from .part_files import new_files
from .parts_writer import Grouping, write_parts
from .plan import DEFAULT_RATIO, PARTS, Counts, PartName, Plan, Smallest, plan_by_counts, plan_by_ratio
from .result import DatasetSplit, SplitPart, size_warnings
from .row_key import Key, key_for
from .rows import OnBad, SplitRows

OnProgress = Callable[[int, int], None]
"""Takes the number of bytes read and the total."""

_SUFFIXES = frozenset({".jsonl", ".json", ".ndjson", ".txt"})


def split_file(
    path: str | PathLike[str],
    *,
    ratio: Sequence[float] = DEFAULT_RATIO,
    validation_count: int | None = None,
    test_count: int | None = None,
    by: str | None = None,
    seed: int = 0,
    out_dir: str | PathLike[str] | None = None,
    overwrite: bool = False,
    on_bad: OnBad = "refuse",
    on_progress: OnProgress | None = None,
) -> DatasetSplit:
    """Split a dataset into parts without leakage between them; `data.jsonl` becomes `data.train.jsonl` and so on.

    A row's part is decided by a hash of its text without white space, case and punctuation, so rows that differ only in
    these are in the same part. By ratio, the part does not depend on other rows or their order; the shares are met on
    average. By count, the rows with the smallest hashes are for testing and the next for validation: an added or
    removed row moves at most one other row from each part to the next, unless rows form groups. Groups are never
    divided, even if a part gets more rows than requested.

    A part has its rows in the file's order with their original bytes. The file is read once by ratio and twice by
    count. Memory does not grow with the file; by count, it grows with the count.

    Args:
        path: a JSONL file, which is only read.
        ratio: shares of train, validation and, if there are three, test; they add up to 1 or 100. Ignored if a count is
            given.
        validation_count: rows for validation; the others are for training.
        test_count: rows for testing.
        by: a column, or a JSON pointer (`/messages/0/content`): rows with the same value there, ignoring white space,
            case and punctuation, are in the same part. Equal rows with different values may then be in two parts; they
            are counted in a warning.
        seed: a different seed gives a different split.
        out_dir: an existing folder for the parts, by default the file's own.
        overwrite: replace existing parts.
        on_bad: refuse the file if a line is not a JSON object, is longer than 8 MiB or has no value for `by`; or skip
            such lines.
        on_progress: called regularly with the number of bytes read and the total.

    Returns:
        The parts, the number of skipped lines, and warnings, such as for empty parts or fewer than 10 training rows.

    Raises:
        InvalidInput: there is no such file or folder, a line is bad, a part already exists, or an argument is invalid.
            No part was written or changed.
        FileChanged: the file changed during the split. No part was written or changed.
    """
    source, counts = Path(path), Counts(validation_count, test_count)
    asked = _SplitRequest(
        source=source,
        folder=source.parent if out_dir is None else Path(out_dir),
        counts=counts,
        by_ratio=None if counts.total else plan_by_ratio(ratio),
        key=key_for(by, seed=seed),
        overwrite=overwrite,
        on_bad=on_bad,
    )
    try:
        asked.refuse()
        return _FileSplit(asked, on_progress).run()
    except (OSError, sqlite3.Error) as error:
        raise InvalidInput(f"{str(source)!r} cannot be split into {str(asked.folder)!r}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _SplitRequest:
    """The request; `by_ratio` is its plan, None for a split by count."""

    source: Path
    folder: Path
    counts: Counts
    by_ratio: Plan | None
    key: Key
    overwrite: bool
    on_bad: OnBad

    def refuse(self) -> None:
        """Raise InvalidInput if the file or the folder for its parts does not exist."""
        if not self.source.is_file():
            name = repr(str(self.source))
            raise InvalidInput(f"{name} is not a file" if self.source.exists() else f"there is no file {name}")
        if not self.folder.is_dir():
            raise InvalidInput(f"there is no folder {str(self.folder)!r} for the parts; create it, or choose another")

    def target(self, name: PartName) -> Path:
        """Return the path of a part; the service accepts only names that end in .jsonl."""
        stem = self.source.stem if self.source.suffix.lower() in _SUFFIXES else self.source.name
        return self.folder / f"{stem}.{name}.jsonl"


class _FileSplit:
    """One split."""

    def __init__(self, asked: _SplitRequest, on_progress: OnProgress | None) -> None:
        self._asked, self._on_progress = asked, on_progress
        self._done = self._total = 0

    def run(self) -> DatasetSplit:
        """Plan and write the parts, and rename them to their targets if the file has not changed."""
        asked = self._asked
        with asked.source.open("rb") as file, ExitStack() as stack:
            before = FileIdentity.of(os.fstat(file.fileno()))
            self._total = before.size * (1 if asked.by_ratio else 2)
            names = (asked.by_ratio or asked.counts).names
            targets = [asked.target(name) for name in names]
            files = stack.enter_context(new_files(targets, overwrite=asked.overwrite))
            plan = asked.by_ratio or self._plan_by_counts(file)
            grouping = None if asked.key.by is None else Grouping(stack.enter_context(DistinctRows()))
            rows = self._rows(file)
            parts = write_parts(rows, plan, dict(zip(names, files, strict=True)), grouping)
            self._refuse_change(before)
            written = tuple(part.result(target) for part, target in zip(parts, targets, strict=True))
            return DatasetSplit(
                parts=written,
                groups=None if grouping is None else grouping.groups,
                blank=rows.blank,
                skipped=rows.skipped,
                warnings=tuple(self._warnings(written, rows, grouping)),
            )

    def _plan_by_counts(self, file: BinaryIO) -> Plan:
        """Read the file to find its smallest digests."""
        counts = self._asked.counts
        smallest = Smallest(counts.total)
        for row in self._rows(file):
            smallest.add(row.digest)
        file.seek(0)
        return plan_by_counts(smallest.sizes(), counts)

    def _rows(self, file: BinaryIO) -> SplitRows:
        asked = self._asked
        return SplitRows(file, asked.key, name=str(asked.source), on_bad=asked.on_bad, on_read=self._advance)

    def _advance(self, read: int) -> None:
        self._done += read
        if self._on_progress is not None:
            self._on_progress(self._done, self._total)

    def _refuse_change(self, before: FileIdentity) -> None:
        """Raise FileChanged if the file was replaced or changed since it was opened."""
        source = self._asked.source
        try:
            now = FileIdentity.of(source.stat())
            how = before.differs(now) or ("" if now == before else "its metadata changed")
        except OSError as error:
            how = error.strerror or "it was removed"
        if how:
            raise FileChanged(
                f"{str(source)!r} changed while it was split: {how}. Nothing was written; retry when it is stable."
            )

    def _warnings(self, parts: Sequence[SplitPart], rows: SplitRows, grouping: Grouping | None) -> Iterator[str]:
        asked = self._asked
        for part in parts:
            yield from size_warnings(part, asked.counts)
        if rows.skipped:
            yield f"{rows.skipped} line{'s' * (rows.skipped != 1)} skipped, the first is {rows.first_skipped}"
        if grouping is not None and grouping.shared:
            yield f"{grouping.shared} rows equal a row of another part, with another value of {asked.key.by}"
        for other in PARTS:
            if other not in {part.name for part in parts} and asked.target(other).exists():
                yield f"{asked.target(other)} exists from an earlier split; its rows may be in these parts too"
