"""Data sets that the service would refuse, each with the report that says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import InvalidInput

if TYPE_CHECKING:
    from .check.report import CheckReport


class DatasetRefused(InvalidInput):
    """The service would refuse this data set; `report` says why, line by line."""

    def __init__(self, message: str, report: CheckReport) -> None:
        self.report = report
        super().__init__(message)
