"""What becomes of a set's rows when no validation file comes with them: the shares that the service takes by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SplitPreview:
    """Rows that are trained on, rows for the validation loss, rows set aside for tests."""

    training: int
    validation: int
    test: int


def automatic_split(rows: int, *, has_validation: bool, has_test: bool = False) -> SplitPreview:
    """Return how the service divides `rows` kept rows of a training file.

    Without a validation and a test file it takes 80, 10 and 10 per cent; without a validation file 80 and 20; without a
    test file it sets a fifth of the training rows aside (azureml-assets, preprocessing of the fine-tuning pipelines).
    """
    if has_validation and has_test:
        return SplitPreview(rows, 0, 0)
    if has_validation:
        return SplitPreview(rows - rows // 5, 0, rows // 5)
    if has_test:
        return SplitPreview(rows - rows // 5, rows // 5, 0)
    return SplitPreview(rows - 2 * (rows // 10), rows // 10, rows // 10)
