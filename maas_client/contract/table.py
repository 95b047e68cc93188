"""The whole table: every operation that the client sends, by name."""

from __future__ import annotations

from collections.abc import Mapping

from .operation import Operation
from .operations import azure_ml, foundry, own_compute, serverless, storage

OPERATIONS: Mapping[str, Operation] = {
    one.name: one
    for one in (
        *azure_ml.OPERATIONS,
        *own_compute.OPERATIONS,
        *serverless.OPERATIONS,
        *storage.OPERATIONS,
        *foundry.OPERATIONS,
    )
}
"""Operations by name, such as `jobs.get`."""
