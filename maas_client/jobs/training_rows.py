"""Rows given in place of a file: written to temporary files, so that everything after it only knows files."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from os import PathLike
from typing import TypeGuard

from ..core.errors import InvalidInput
from ..core.secret_text import SecretText
from ..datasets.dataset import Dataset
from ..datasets.errors import DatasetRefused
from ..transfers.sources import Row, as_file
from ..wire import Wire
from .spec import JobSpec, TrainingData


@asynccontextmanager
async def with_files(wire: Wire, spec: JobSpec) -> AsyncGenerator[JobSpec]:
    """Provide a job whose data is named, with a temporary file in place of rows for the duration of the block.

    The file is named as `datasets.upload` names one, so that equal rows are one data asset. Raises InvalidInput for
    data of another type, and for rows that are not JSON objects.
    """
    check_data("training_data", spec.training_data)
    if spec.validation_data is not None:
        check_data("validation_data", spec.validation_data)
    async with AsyncExitStack() as stack:
        if _are_rows(rows := spec.training_data):
            spec = replace(spec, training_data=await stack.enter_async_context(as_file(wire, rows, None)))
        if _are_rows(more := spec.validation_data):
            spec = replace(spec, validation_data=await stack.enter_async_context(as_file(wire, more, None)))
        try:
            yield spec
        except DatasetRefused as error:
            role = error.report.role
            if not _are_rows(more if role == "validation" else rows):
                raise
            raise DatasetRefused(error.report.refusal(f"the {role} rows", is_file=False), error.report) from None


def check_data(name: str, data: object) -> None:
    """Raise InvalidInput for what is not data: not a reference, not an uploaded dataset, not rows."""
    if not _is_reference(data) and not _are_rows(data):
        raise InvalidInput(
            f"{name} must be the path of a JSONL file, an uploaded Dataset, NAME:VERSION or the id of a data asset, an "
            f"azureml:// URI, or rows (dicts), not {type(data).__name__}; nothing was sent"
        )


def _is_reference(data: object) -> bool:
    return isinstance(data, str | PathLike | SecretText | Dataset)


def _are_rows(data: TrainingData | object) -> TypeGuard[Iterable[Row] | AsyncIterable[Row]]:
    if _is_reference(data) or isinstance(data, Mapping | bytes | bytearray | memoryview) or hasattr(data, "read"):
        return False
    return isinstance(data, Iterable | AsyncIterable)
