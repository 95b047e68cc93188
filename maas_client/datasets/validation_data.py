"""Training data is no validation data: a loss on rows that the model has learned says nothing."""

from __future__ import annotations

import filecmp
from os import PathLike
from pathlib import Path

from ..core.errors import InvalidInput


def refuse_own_validation(training: str | PathLike[str], validation: str | PathLike[str]) -> None:
    """Raise InvalidInput if two files are one, or have the same bytes.

    A pipe, which can be read only once, and a file that does not exist are left alone.
    """
    one, other = Path(training), Path(validation)
    if not (one.is_file() and other.is_file()):
        return
    if one.samefile(other):
        raise InvalidInput(refusal(str(validation)))
    if one.stat().st_size and filecmp.cmp(one, other, shallow=False):
        raise InvalidInput(refusal(str(validation), "has the same bytes as the training data"))


def refusal(validation: str, what: str = "is the training data too") -> str:
    """Explain why data cannot be the validation data of a job, and what to do."""
    return (
        f"the validation data {validation} {what}: its loss would say nothing about new rows. Split the training data "
        "(`maas split`), or leave out the validation data, and the service splits it"
    )
