"""Repairing a file: writing a copy with everything repairable fixed, and listing the changes."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from ...catalog.model_facts import ModelFacts
from ...catalog.tuning_methods import TuningMethod
from ...core.errors import InvalidInput
from ...core.surfaces import Surface
from ..atomic_file import new_file, refuse_source_and_target
from ..check.checker import CHUNK, CheckOptions
from ..check.report import CheckReport
from ..json_recovery.transcoding import ENOUGH, encoding_of, write_as_utf8
from ..rows.column_types import ColumnPath
from ..rows.lines import BOM, LineFeeds
from ..rows.schemas import Task
from .changes import Change, Changes, Repair
from .line_map import LineMap
from .loading import removable_columns
from .lossless import lost_by, without_repair
from .rewrite_pass import RewritePass
from .row_repair import RowRepair
from .row_repairs import RowRepairs

_JOIN_NOTHING = frozenset({"crlf"})
"""Changes that cannot turn unreadable lines into a value."""

_MOST_PASSES = 20

_REMOVING = ("row-blank", "duplicate-row")


def fix_file(
    source: str | PathLike[str],
    target: str | PathLike[str],
    *,
    model: ModelFacts | None = None,
    task: Task | None = None,
    surface: Surface = "azureml",
    method: TuningMethod | None = None,
    overwrite: bool = False,
    keep: int = 20,
    longest: int | None = None,
) -> Repair:
    """Write a copy of a dataset with everything fixed that the check calls repairable, and nothing else changed.

    A row that needs no change keeps its bytes, and an unreadable line is kept unchanged. The target is written
    atomically, and repairing it again changes nothing. If the service would keep fewer rows after the repair, or reject
    a file that it accepts, nothing is repaired: the target is a copy of the source, and `withheld` says why.

    Args:
        source: the file to repair, which is only read: JSON in any layout, in UTF-8, UTF-16 or UTF-32.
        target: the file to write: UTF-8, one row per line.
        model: the base model; for one without a system role the system message is merged into the first user turn.
        task: chat or text; detected from the rows by default.
        surface: the service whose rules are applied.
        method: for Foundry, the method of fine-tuning; detected from the rows by default.
        overwrite: replace an existing target.
        keep: how many changes are listed for each rule.
        longest: bytes of the longest line or value that is repaired; longer ones are kept unchanged.

    Returns:
        What was read, written and changed.

    Raises:
        InvalidInput: there is no such source, the target exists or is the source, or one of them cannot be read or
            written. No target was written or changed.
    """
    origin, place = Path(source), Path(target)
    try:
        refuse_source_and_target(origin, place, overwrite=overwrite)
        with ExitStack() as stack:
            written = stack.enter_context(new_file(place, overwrite=overwrite))
            file = stack.enter_context(origin.open("rb"))
            checking = CheckOptions(
                model=model, task=task, survey=False, longest=longest, surface=surface, method=method
            )
            repairing = _FileRepair(stack, place.parent, checking, keep=keep)
            repair, report = repairing.run(file, written)
            wanted = report.task if surface == "azureml" else report.method
            if repairing.followed not in {None, wanted}:  # most rows are for another task than the first one
                file.seek(0)
                written.seek(0)
                written.truncate()
                checking = replace(checking, task=report.task, method=report.method)
                repair, report = _FileRepair(stack, place.parent, checking, keep=keep).run(file, written)
            lost = lost_by(repair, file, report, checking)
            if lost:
                file.seek(0)
                written.seek(0)
                written.truncate()
                shutil.copyfileobj(file, written)
                repair = without_repair(repair, lost)
            return repair
    except (OSError, sqlite3.Error) as error:
        raise InvalidInput(f"{str(origin)!r} cannot be repaired into {str(place)!r}: {error}") from error


class _FileRepair:
    """Repeats passes over a dataset until one changes nothing; `stack` closes their temporary files.

    One pass is enough for almost every file. But a removed line may have separated unreadable lines that together form
    a value.
    """

    def __init__(self, stack: ExitStack, folder: Path, checking: CheckOptions, *, keep: int) -> None:
        self._stack, self._folder, self._checking, self._keep = stack, folder, checking, keep
        self.followed: str | None = None
        """The task or method of the first row that fits one."""

    def run(self, source: BinaryIO, target: BinaryIO) -> tuple[Repair, CheckReport]:
        """Repair a source into an empty target that is also readable; return the report on the target, too."""
        changes = Changes(keep=self._keep)
        last = self._pass(self._with_line_feeds(self._as_utf8(source, changes), changes), target)
        changes.follow(last.changes, target_of=_same, source_of=_same)
        before = [last.origins]
        while last.unread and not last.changes.counts.keys() <= _JOIN_NOTHING and len(before) < _MOST_PASSES:
            last = self._pass_again(target, last, before, changes)
        report = self._checking.check(target)
        if removed := removable_columns(report):
            last = self._pass_again(target, last, before, changes, removed)
            report = self._checking.check(target)
        gone = sum(changes.counts.get(rule, 0) for rule in _REMOVING)
        repair = Repair(
            rows_read=last.written + gone,
            rows_written=last.written,
            left=last.left,
            counts=dict(sorted(changes.counts.items())),
            changes=changes.all(),
        )
        return repair, report

    def _pass_again(
        self,
        target: BinaryIO,
        last: RewritePass,
        before: list[LineMap],
        changes: Changes,
        removed: frozenset[ColumnPath] = frozenset(),
    ) -> RewritePass:
        """Repair the target once more, in place."""
        target.seek(len(BOM) if last.guarded else 0)
        again = self._temporary()
        last = self._pass(target, again, removed)
        changes.follow(last.changes, target_of=last.origins.later, source_of=partial(_traced, before))
        before.append(last.origins)
        target.seek(0)
        target.truncate()
        again.seek(0)
        shutil.copyfileobj(again, target)
        return last

    def _as_utf8(self, source: BinaryIO, changes: Changes) -> BinaryIO:
        """Return the source, or a copy of it in UTF-8 if it is in another encoding."""
        encoding = encoding_of(source.read(ENOUGH))
        source.seek(0)
        if encoding is None:
            return source
        name = encoding.upper()
        changes.note(Change(rule="utf16", source_line=None, target_line=None, done=f"{name} was rewritten as UTF-8"))
        copy = self._temporary()
        write_as_utf8(source, copy, encoding=encoding)
        copy.seek(0)
        return copy

    def _with_line_feeds(self, source: BinaryIO, changes: Changes) -> BinaryIO:
        """Return the source, or a copy in which every line ends with a line feed."""
        feeds, copy, line = LineFeeds(), self._temporary(), 1
        first: int | None = None
        while True:
            data = source.read(CHUNK)
            piece = feeds.feed(data) if data else feeds.finish()
            if feeds.places and first is None:
                first = line + piece.count(b"\n", 0, feeds.places[0])
            line += piece.count(b"\n")
            copy.write(piece)
            if not data:
                break
        source.seek(0)
        if first is None:
            return source
        done = "carriage returns that end lines became line feeds"
        changes.note(Change(rule="lone-carriage-return", source_line=first, target_line=None, done=done))
        copy.seek(0)
        return copy

    def _pass(self, source: BinaryIO, target: BinaryIO, removed: frozenset[ColumnPath] = frozenset()) -> RewritePass:
        origins = LineMap(self._temporary())
        repair = self._row_repair(removed)
        rewriting = RewritePass(target, origins, repair=repair, keep=self._keep)
        rewriting.run(source, longest=self._checking.longest_line)
        self.followed = repair.followed
        return rewriting

    def _row_repair(self, removed: frozenset[ColumnPath]) -> RowRepairs:
        """Return a new repair of rows for the service."""
        if self._checking.surface == "azureml":
            return RowRepair(task=self._checking.task, model=self._checking.model, removed=removed)
        from .foundry_row_repair import FoundryRowRepair

        return FoundryRowRepair(method=self._checking.method)

    def _temporary(self) -> BinaryIO:
        opened: Any = self._stack.enter_context(TemporaryFile(dir=self._folder))  # noqa: SIM115 -- the stack closes it
        file: BinaryIO = opened  # on Windows a wrapper, which has the methods but not the type
        return file


def _same(line: int) -> int:
    return line


def _traced(passes: Sequence[LineMap], line: int) -> int:
    """Map a line of the latest pass back through all passes to the source's line."""
    for origins in reversed(passes):
        line = origins.earlier(line)
    return line
