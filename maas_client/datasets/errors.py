"""The error for datasets that the service would reject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import InvalidInput

if TYPE_CHECKING:
    from .check.report import CheckReport


class DatasetRefused(InvalidInput):
    """The service would reject this dataset; `report` says why, line by line."""

    def __init__(self, message: str, report: CheckReport) -> None:
        self.report = report
        super().__init__(message)
