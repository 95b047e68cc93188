"""References to training data: a local file, a data asset, a URI."""

from __future__ import annotations

import re
from typing import NamedTuple


class LocalFile(NamedTuple):
    """A local file, to be uploaded."""

    path: str


def is_in_azure(reference: str) -> bool:
    """Say whether data is named by a URI or an ARM id."""
    return reference.startswith(("azureml://", "/subscriptions/"))


_ASSET = re.compile(r"([A-Za-z0-9][\w.-]*):([\w.-]+)")


def asset_in(reference: str) -> tuple[str, str] | None:
    """Return the name and version of `[azureml:]NAME:VERSION`, or None."""
    found = _ASSET.fullmatch(reference.removeprefix("azureml:"))
    return (found[1], found[2]) if found else None
