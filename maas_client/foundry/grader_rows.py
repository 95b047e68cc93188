"""Whether the rows of a file have the keys that a grader reads: a missing one scores 0 without an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from os import PathLike, fspath

from ..core.errors import InvalidInput
from ..datasets.cost.kept_rows import read_lines


def check_grader_keys(path: str | PathLike[str], keys: Collection[str]) -> tuple[str, ...]:
    """Read a file, and look for the keys that a grader's templates read from each row.

    Args:
        path: a JSONL file.
        keys: the keys, such as those of `item_keys`.

    Returns:
        A sentence for each key that some rows lack.

    Raises:
        InvalidInput: there is a key that no row has.
        OSError: the file cannot be read.
    """
    if not keys:
        return ()
    rows, having, seen = 0, Counter[str](), Counter[str]()
    for line in read_lines(path):
        if line.row is None:
            continue
        rows += 1
        having.update(key for key in keys if line.row.get(key) is not None)
        seen.update(key for key in line.row if key != "messages")
    name = fspath(path)
    for key in sorted(keys):
        if rows and not having[key]:
            others = f"; the rows have {', '.join(sorted(seen)[:5])}" if seen else "; the rows have messages only"
            raise InvalidInput(
                f"the grader reads item.{key}, which no row of {name} has{others}. Every answer would score 0"
            )
    lacking = {key: rows - having[key] for key in sorted(keys) if having[key] < rows}
    return tuple(
        f"the grader reads item.{key}, which {count:,} of {rows:,} rows of {name} lack: their answers score 0."
        for key, count in lacking.items()
    )
