"""How the service splits the rows of a training file that comes without a validation file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SplitPreview:
    """Numbers of rows for training, for the validation loss, and set aside for testing."""

    training: int
    validation: int
    test: int


def automatic_split(rows: int, *, has_validation: bool, has_test: bool = False) -> SplitPreview:
    """Return how the service divides `rows` kept rows of a training file.

    Without validation and test files it takes 80, 10 and 10 per cent; without a validation file 80 and 20; without a
    test file it sets aside a fifth of the training rows (azureml-assets, preprocessing of the fine-tuning pipelines).
    """
    if has_validation and has_test:
        return SplitPreview(rows, 0, 0)
    if has_validation:
        return SplitPreview(rows - rows // 5, 0, rows // 5)
    if has_test:
        return SplitPreview(rows - rows // 5, rows // 5, 0)
    return SplitPreview(rows - 2 * (rows // 10), rows // 10, rows // 10)
