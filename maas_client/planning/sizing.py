"""Measuring a training file: its rows and tokens as the model's surface counts them."""

from __future__ import annotations

from math import ceil
from os import PathLike

from ..catalog.foundry_offer import FoundryOffer
from ..catalog.model_facts import ModelFacts
from ..core.errors import InvalidInput
from ..datasets.cost.foundry_tokens import count_foundry_tokens
from ..datasets.cost.token_report import count_tokens
from ..datasets.tokens.text_counting import text_counter_for
from .training_size import TrainingSize, assumed_size, length_asked, padded_length


def size_of(
    model: ModelFacts | FoundryOffer, data: str | PathLike[str] | None, *, sequence_length: int | None
) -> TrainingSize:
    """Return what an epoch on a file trains on, or what is assumed without one.

    Raises InvalidInput if the length is out of range, or no row of the file can be trained on.
    """
    context = model.context_tokens if isinstance(model, ModelFacts) else None
    if data is None:
        return assumed_size(context=context, asked=sequence_length)
    if isinstance(model, FoundryOffer):
        return _on_foundry(model, data, sequence_length)
    if sequence_length is not None:
        length_asked(sequence_length, context)
    report = count_tokens(data, model=model, max_seq_length=sequence_length)
    if not report.kept:
        raise InvalidInput(f"none of the {report.rows:,} rows of {data} can be trained on: check the file first")
    longest = ceil(report.max * (1 + report.error_bound))
    return TrainingSize(
        rows=report.kept,
        tokens=report.total,
        longest=report.max,
        sequence_length=padded_length(longest, report.max_seq_length),
        cut_rows=report.truncated,
        error_bound=report.error_bound,
    )


def _on_foundry(model: FoundryOffer, data: str | PathLike[str], asked: int | None) -> TrainingSize:
    counted = count_foundry_tokens(data, text_counter_for(model), model=model)
    if not counted.counted:
        raise InvalidInput(f"none of the {counted.rows:,} rows of {data} can be trained on: check the file first")
    return TrainingSize(
        rows=counted.counted,
        tokens=counted.total,
        longest=counted.longest,
        sequence_length=padded_length(counted.longest, length_asked(asked, None) if asked else counted.longest),
        error_bound=counted.error_bound,
    )
