"""Check a dataset of many files on a dask cluster, and merge the parts to one report.

    python examples/check_on_dask.py 's3://bucket/train/*.jsonl' [SCHEDULER]

The files are named by fsspec (`pip install 'dask[distributed]' fsspec`, and s3fs, adlfs or another of its filesystems).
Without the address of a scheduler, a cluster is started on this machine. Workers read ranges of files, so one large
file is checked in parallel too; what comes back is a report of a few kilobytes for each range.
"""

# pyright: basic, reportUnknownMemberType=false
# fsspec has no types, and dask has few.

import sys
from functools import reduce
from operator import add
from typing import Any, NamedTuple

import fsspec  # type: ignore[import-untyped]  # has no types
from dask.distributed import Client

from maas_client import CheckOptions, CheckReport

RANGE = 64 << 20
"""Bytes that a worker checks at once."""

CHUNK = 1 << 20


class Range(NamedTuple):
    """The lines of a file that begin in a range of bytes."""

    url: str
    start: int
    stop: int


def ranges(pattern: str, size: int = RANGE) -> list[Range]:
    """Divide the files that a pattern matches, in the order of their names."""
    return [
        Range(file.full_name, start, min(start + size, file.fs.size(file.path)))
        for file in sorted(fsspec.open_files(pattern, "rb"), key=lambda file: file.full_name)
        for start in range(0, max(file.fs.size(file.path), 1), size)
    ]


def check_range(part: Range, options: CheckOptions) -> CheckReport:
    """Check the lines that begin in a range: the last one is read to its end, even if that is in the next range."""
    checker = options.checker(name=part.url if part.start == 0 else None, continues=part.start > 0)
    opened: Any = fsspec.open(part.url, "rb")
    with opened as file:
        at = part.start
        if part.start:
            file.seek(part.start - 1)
            at += len(file.readline()) - 1  # the line that began before
        file.seek(at)
        while at < part.stop:
            data = file.read(min(CHUNK, part.stop - at))
            at += len(data)
            if at >= part.stop and not data.endswith(b"\n"):
                data += file.readline()
            checker.feed(data)
            if not data:
                break
    return checker.finish()


def check(pattern: str, client: Client, options: CheckOptions, *, size: int = RANGE) -> CheckReport:
    """Check all files on a cluster; the report is that of the files one after the other."""
    parts = client.map(check_range, ranges(pattern, size), options=options)
    reports: list[CheckReport] = client.gather(parts)  # type: ignore[no-untyped-call]  # dask has few types
    return reduce(add, reports)


def main() -> int:
    """Check what the command line names."""
    pattern, *scheduler = sys.argv[1:]
    with Client(*scheduler) as client:  # type: ignore[no-untyped-call]  # dask has few types
        report = check(pattern, client, CheckOptions())
    for group in report.groups:
        print(f"{group.rule.severity}: {group.rule.id}: {group.lines.lines or group.count} rows: {group.message}")
    print(report.summary)
    return 0 if report.ok else 6


if __name__ == "__main__":
    sys.exit(main())
