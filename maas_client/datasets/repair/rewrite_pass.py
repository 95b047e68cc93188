"""One pass of a repair: reads a file in any layout and writes one row per line."""

from __future__ import annotations

from typing import BinaryIO

from ..distinct_rows import DistinctRows
from ..json_recovery.lone_arrays import open_lone_array
from ..json_recovery.pieces import LONGEST, UNREADABLE, Piece, write_row
from ..json_recovery.reader import JsonRecovery
from ..json_recovery.transcoding import ENOUGH, encoding_of
from ..rows.lines import BOM, SURROGATE
from ..rows.schemas import Row
from .changes import Change, Changes
from .line_map import LineMap
from .row_repairs import Edit, RowRepairs


class RewritePass:
    """Rewrites one file into another and counts. `unread` counts lines that are not JSON, `left` those and non-objects.

    If the output's first bytes would be mistaken for another encoding, a UTF-8 mark is added and `guarded` is set.
    """

    def __init__(self, target: BinaryIO, origins: LineMap, *, repair: RowRepairs, keep: int) -> None:
        self._target, self.origins, self._repair = target, origins, repair
        self._head: bytearray | None = bytearray()
        self._open_line = False
        self.changes = Changes(keep=keep)
        self.unread = self.left = self.written = 0
        self.guarded = False

    def run(self, source: BinaryIO, *, longest: int = LONGEST) -> None:
        """Rewrite a complete source of UTF-8 or any bytes."""
        with DistinctRows() as distinct:
            for item in open_lone_array(JsonRecovery(source, longest=longest)):
                if not isinstance(item, Piece):
                    self._note(item.rule, item.line, self.written + 1, item.done)
                elif item.kind == "blank":
                    self._note("row-blank", item.line, None, "the blank line was removed")
                elif isinstance(item.value, dict):
                    self._write_object(item, item.value, distinct)
                else:
                    self._write_other(item)
        self._begin(bytes(self._head or b""))

    def _write_object(self, piece: Piece, row: Row, distinct: DistinctRows) -> None:
        """Write an object, repaired if it is a row, unless it duplicates one already written."""
        line = self.written + 1
        if piece.doubtful and not self._repair.is_row(row):
            self._write(piece.data, piece.line)
            return
        data, edits = self._repaired(piece.data, row)
        original = distinct.first_line(data, line=line)
        if original is not None:
            self._note("duplicate-row", piece.line, None, f"the copy of line {original} was removed")
            return
        for edit in edits:
            self._note(edit.rule, piece.line, line, edit.done, edit.pointer)
        self._write(data, piece.line)

    def _write_other(self, piece: Piece) -> None:
        """Write anything that is not an object unchanged."""
        if not self._open_line:
            self.left += 1
            self.unread += piece.kind == "raw"
        self._write(piece.data, piece.line, ends=piece.ends)

    def _repaired(self, data: bytes, row: Row) -> tuple[bytes, list[Edit]]:
        """Return the bytes of a repaired row, and its changes."""
        repaired, edits = self._repair.repair(row, suspicious=SURROGATE.search(data) is not None)
        if not edits:
            return data, []
        try:
            return write_row(repaired), edits
        except UNREADABLE:  # nested too deeply to serialize
            return data, []

    def _note(self, rule: str, source: int, target: int | None, done: str, pointer: str = "") -> None:
        self.changes.note(Change(rule=rule, source_line=source, target_line=target, pointer=pointer, done=done))

    def _write(self, data: bytes, origin: int, *, ends: bool = True) -> None:
        if not self._open_line:
            self.origins.add(origin)
            self.written += 1
        self._open_line = not ends
        line = data + b"\n" if ends else data
        if self._head is None:
            self._target.write(line)
            return
        self._head += line
        if len(self._head) >= ENOUGH:
            self._begin(bytes(self._head))

    def _begin(self, head: bytes) -> None:
        """Write the first bytes once they suffice to detect an encoding, or at the end."""
        if self._head is not None:
            self.guarded = encoding_of(head[:ENOUGH]) is not None
            self._target.write((BOM if self.guarded else b"") + head)
            self._head = None
