"""A range of training costs."""

from __future__ import annotations

from typing import NamedTuple


class Money(NamedTuple):
    """The range of training costs.

    `least` assumes that only training rows are billed and the tokens are overestimated, `likely` that validation rows
    are billed as well and the count is right, `most` that the tokens are underestimated.
    """

    least: float
    likely: float
    most: float
    currency: str

    def __str__(self) -> str:
        least, most = f"{self.least:,.2f}", f"{self.most:,.2f}"
        return f"{least} {self.currency}" if least == most else f"{least} to {most} {self.currency}"
