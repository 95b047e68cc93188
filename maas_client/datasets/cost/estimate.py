"""Estimating a fine-tuning job: tokens, steps, approximate time, and cost if the user gave prices."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import Any

from ...catalog.model_facts import ModelFacts
from ...core.errors import InvalidInput
from ...core.plain_values import PlainValue, brief
from ...rendering.html import card, escaped, fields
from ..automatic_split import automatic_split
from ..rows.schemas import Task
from ..tokens.counter_choice import counter_for
from .money import Money
from .prices import Price, price_of
from .token_report import TokenReport, sum_up, token_fields
from .training_time import BASIS, RoughTime, rough_time

LARGEST_BATCH, _BATCH_SHARE = 256, 0.002
"""The service's choice for a batch size of -1: 0.2 per cent of the rows, at most 256 (fine-tune-phi-3.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate(PlainValue):
    """The estimate of a job. `training` and `validation` count one epoch; without a validation file the service uses
    rows of the training file for validation. `batch_size` is in rows.
    """

    model: ModelFacts
    training: TokenReport
    validation: TokenReport | None
    epochs: int
    batch_size: int
    price: Price | None = None

    def __repr__(self) -> str:
        money = {} if self.money is None else {"money": str(self.money)}
        about = {"model": self.model.name, "training_tokens": self.training_tokens, "steps": self.steps, **money}
        return brief(type(self).__name__, {**about, "exact": self.training.exact, "error_bound": self.error_bound})

    def _repr_html_(self) -> str:
        return estimate_html(self)

    @property
    def training_rows(self) -> int:
        """Rows that are trained on, without those that the service sets aside for validation and tests."""
        if self.validation is not None:
            return self.training.kept
        return automatic_split(self.training.kept, has_validation=False).training

    @property
    def tokens_per_epoch(self) -> int:
        """Tokens trained on in one epoch."""
        if self.validation is not None:
            return self.training.total
        return round(self.training.total * self.training_rows / max(self.training.kept, 1))

    @property
    def training_tokens(self) -> int:
        """Tokens trained on in all epochs together."""
        return self.tokens_per_epoch * self.epochs

    @property
    def tokens_with_validation(self) -> int:
        """The same with validation rows: the back end counts them, but whether they are billed is unknown."""
        # Assumption: The tokens that a serverless job is billed for are those of its training rows, or these and the
        #   validation rows', times the epochs: which of the two is not known, and an estimate has both.
        # Shown wrong by: A `__azureml_ft_training_tokens` that is neither of the two, within the bound of the estimate.
        # Verified by: job results
        # If wrong: The likely cost of an estimate is wrong by the difference.
        return (self.training.total + (self.validation.total if self.validation else 0)) * self.epochs

    @property
    def steps(self) -> int:
        """Training steps; the last batch of an epoch may be smaller."""
        return -(-self.training_rows // self.batch_size) * self.epochs

    @property
    def error_bound(self) -> float:
        """The share of the tokens by which they may be wrong, in the less certain file; 0 if they are exact."""
        return max(self.training.error_bound, self.validation.error_bound if self.validation else 0.0)

    @property
    def time(self) -> RoughTime:
        """The approximate training time."""
        return rough_time(self.model, tokens=self.training_tokens, steps=self.steps)

    @property
    def money(self) -> Money | None:
        """The estimated training cost; None without a price."""
        if self.price is None:
            return None
        each = self.price.training_per_million_tokens / 1e6
        low = self.training_tokens * (1 - self.training.error_bound)
        high = (self.training.most + (self.validation.most if self.validation else 0)) * self.epochs
        return Money(low * each, self.tokens_with_validation * each, high * each, self.price.currency)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        money, price = self.money, self.price
        return {
            "model": self.model.name,
            "exact": self.training.exact,
            "error_bound": self.error_bound,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "max_seq_length": self.training.max_seq_length,
            "training": self.training.to_dict(),
            "validation": None if self.validation is None else self.validation.to_dict(),
            "training_rows": self.training_rows,
            "tokens_per_epoch": self.tokens_per_epoch,
            "training_tokens": self.training_tokens,
            "tokens_with_validation": self.tokens_with_validation,
            "steps": self.steps,
            "rough_seconds": {"least": round(self.time.least), "most": round(self.time.most), "basis": BASIS},
            "cost": None if money is None else money._asdict(),
            "hosting_per_hour": None if price is None else price.hosting_per_hour,
        }


def estimate_cost(
    path: str | PathLike[str],
    *,
    model: ModelFacts,
    validation: str | PathLike[str] | None = None,
    epochs: int = 1,
    batch_size: int = 1,
    max_seq_length: int | None = None,
    tokenizer: str | PathLike[str] | None = None,
    exact: bool = False,
    download: bool = False,
    task: Task | None = None,
    prices: str | PathLike[str] | None = None,
) -> CostEstimate:
    """Estimate fine-tuning a model on a file. No request is sent.

    Args:
        path: the training file, JSONL.
        model: the base model.
        validation: the validation file, if any.
        epochs: how often every row is seen; the pipeline's own default is 1.
        batch_size: rows per step; the pipeline's own default is 1, and -1 leaves it to the service.
        max_seq_length: tokens per row, by default the pipeline's limit, at most the model's context.
        tokenizer: a folder with the model's tokenizer.
        exact: refuse to estimate tokens.
        download: download the tokenizer if it is not on this machine.
        task: chat or text; detected from the rows by default.
        prices: a file of prices, for the cost.

    Returns:
        Tokens with and without the validation rows, steps, an approximate time, and the cost if there is a price.

    Raises:
        InvalidInput: exact counts were requested and are not possible, a number is out of range, or the prices are
            wrong.
        TransportError: the download failed.
        OSError: a file cannot be read.
    """
    if epochs < 1 or not (batch_size == -1 or batch_size >= 1):
        raise InvalidInput(
            f"epochs is {epochs} and batch_size is {batch_size}: both must be at least 1 (batch_size may be -1)"
        )
    price = None if prices is None else price_of(model, prices)  # before reading the files, which may take minutes
    counter = counter_for(model, tokenizer=tokenizer, exact=exact, download=download, task=task)
    reports = [
        sum_up(file, counter, model=model, max_seq_length=max_seq_length, task=task)
        for file in (path, validation)
        if file is not None
    ]
    chosen = max(min(round(reports[0].kept * _BATCH_SHARE), LARGEST_BATCH), 1) if batch_size == -1 else batch_size
    return CostEstimate(
        model=model,
        training=reports[0],
        validation=reports[1] if len(reports) > 1 else None,
        epochs=epochs,
        batch_size=chosen,
        price=price,
    )


def estimate_html(estimate: CostEstimate) -> str:
    """Render an estimate as HTML: tokens, steps, approximate time, and cost if there are prices."""
    money = "unknown without your prices" if estimate.money is None else escaped(estimate.money)
    epochs = f"{estimate.epochs:,} epoch{'s' * (estimate.epochs != 1)}"
    counted = [
        *token_fields(estimate.training),
        ("training", f"{estimate.training_tokens:,} tokens in {epochs}"),
        ("with validation", f"{estimate.tokens_with_validation:,} tokens"),
        ("steps", f"{estimate.steps:,}"),
        ("rough time", escaped(estimate.time)),
        ("cost", money),
    ]
    return card(f"training of {estimate.model.name}", fields(counted))
