"""Whether a repair would lose rows: compares the checks of the file before and after."""

from __future__ import annotations

from dataclasses import replace
from typing import BinaryIO

from ..check.checker import CheckOptions
from ..check.report import CheckReport
from .changes import Repair


def lost_by(repair: Repair, source: BinaryIO, after: CheckReport, checking: CheckOptions) -> str:
    """Explain what a repair of `source` would lose, `after` being the report on its result; empty if nothing.

    A removed duplicate is not a loss, unless the file is rejected without it.
    """
    if not repair.counts:
        return ""
    before = checking.check(source)
    copies = repair.counts.get("duplicate-row", 0)
    if before.ok and not after.ok:
        return (
            f"the service would accept the original file ({before.kept} rows kept), "
            f"but reject the repaired one ({after.kept} rows kept)"
        )
    if after.kept + copies < before.kept:
        return f"the service would keep {before.kept} rows of the original file, only {after.kept} of the repaired one"
    return ""


def without_repair(repair: Repair, why: str) -> Repair:
    """Return the result of a repair that was not done."""
    return replace(repair, rows_written=repair.rows_read, counts={}, changes=(), withheld=why)
