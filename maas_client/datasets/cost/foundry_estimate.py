"""Estimating a fine-tuning job on Azure AI Foundry: billed tokens, and cost if the user gave prices.

Billed are the tokens of the training file for each epoch; reinforcement is billed by the hour of training, and pauses
itself at a spending limit (MicrosoftDocs/azure-ai-docs, fine-tuning-cost-management, 2026-03-19).
"""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import Any

from ...catalog.foundry_offer import FoundryOffer
from ...catalog.tuning_methods import TrainingTier, TuningMethod
from ...core.errors import InvalidInput
from ...core.plain_values import PlainValue, brief
from ...rendering.html import card, escaped, fields
from ..tokens.text_counting import text_counter_for
from .foundry_prices import FoundryPrice, foundry_price_of
from .foundry_tokens import FoundryTokens, count_foundry_tokens
from .money import Money

ASSUMED_EPOCHS = 3
"""Epochs that are assumed where the service chooses them: DPO's default, and what Microsoft's samples come near to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundryCostEstimate(PlainValue):
    """The estimate of a job on Azure AI Foundry. `training` counts one epoch of the training file.

    `epochs_assumed` says that the service chooses the epochs, and `epochs` is only an assumption.
    """

    model: FoundryOffer
    method: TuningMethod
    tier: TrainingTier
    training: FoundryTokens
    epochs: int
    epochs_assumed: bool
    price: FoundryPrice | None = None

    def __repr__(self) -> str:
        money = {} if self.money is None else {"money": str(self.money)}
        about = {"model": self.model.name, "training_tokens": self.training_tokens, **money}
        return brief(type(self).__name__, {**about, "exact": self.training.exact, "error_bound": self.error_bound})

    def _repr_html_(self) -> str:
        return foundry_estimate_html(self)

    @property
    def by_the_hour(self) -> bool:
        """Whether training is billed by its hours, and not by tokens."""
        return self.method == "reinforcement"

    @property
    def tokens_per_epoch(self) -> int:
        """Tokens trained on in one epoch."""
        return self.training.total

    @property
    def training_tokens(self) -> int:
        """Tokens that are billed: those of all epochs together."""
        return self.training.total * self.epochs

    @property
    def error_bound(self) -> float:
        """The share of the tokens by which they may be wrong; 0 if they are exact."""
        return self.training.error_bound

    @property
    def money(self) -> Money | None:
        """The estimated training cost; None without a price by tokens, as for reinforcement."""
        if self.by_the_hour or self.price is None or self.price.training_per_million_tokens is None:
            return None
        each = self.price.training_per_million_tokens / 1e6 * self.epochs
        training = self.training
        return Money(training.least * each, training.total * each, training.most * each, self.price.currency)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        money, price = self.money, self.price
        return {
            "model": self.model.name,
            "method": self.method,
            "training_tier": self.tier,
            "exact": self.training.exact,
            "error_bound": self.error_bound,
            "epochs": self.epochs,
            "epochs_assumed": self.epochs_assumed,
            "training": self.training.to_dict(),
            "tokens_per_epoch": self.tokens_per_epoch,
            "training_tokens": self.training_tokens,
            "cost": None if money is None else money._asdict(),
            "training_per_hour": None if price is None else price.training_per_hour,
            "hosting_per_hour": None if price is None else price.hosting_per_hour,
        }


def estimate_foundry_cost(
    path: str | PathLike[str],
    *,
    model: FoundryOffer,
    method: TuningMethod | None = None,
    tier: TrainingTier | None = None,
    epochs: int | None = None,
    tokenizer: str | PathLike[str] | None = None,
    exact: bool = False,
    download: bool = False,
    prices: str | PathLike[str] | None = None,
) -> FoundryCostEstimate:
    """Estimate fine-tuning a model on a file. No request is sent.

    Args:
        path: the training file, JSONL.
        model: the base model.
        method: the method, by default that of the rows: dpo for preferences, else the model's first one.
        tier: the training tier, whose price is taken; the model's best one by default.
        epochs: how often every row is seen; without it, or if the service chooses, an assumption.
        tokenizer: a folder with the model's tokenizer.
        exact: refuse to estimate tokens.
        download: download the encoding of a model of OpenAI if it is not on this machine.
        prices: a file of prices, for the cost.

    Raises:
        InvalidInput: exact counts were requested and are not possible, a number is out of range, or the prices are
            wrong.
        TransportError: the download failed.
        OSError: the file cannot be read.
    """
    if epochs is not None and epochs < 1:
        raise InvalidInput(f"epochs is {epochs}: it must be at least 1")
    # Before the file is read, which may take minutes.
    price = None if prices is None else foundry_price_of(model, prices, tier=tier)
    counter = text_counter_for(model, tokenizer=tokenizer, exact=exact, download=download)
    training = count_foundry_tokens(path, counter, model=model)
    of_rows: TuningMethod = "dpo" if training.has_preferences and "dpo" in model.methods else model.methods[0]
    return FoundryCostEstimate(
        model=model,
        method=method or of_rows,
        tier=tier or model.default_tier,
        training=training,
        epochs=epochs or ASSUMED_EPOCHS,
        epochs_assumed=epochs is None,
        price=price,
    )


def foundry_estimate_html(estimate: FoundryCostEstimate) -> str:
    """Render an estimate as HTML: tokens, and cost if there are prices."""
    training, money = estimate.training, estimate.money
    assumed = " (assumed: the service chooses)" if estimate.epochs_assumed else ""
    bound = "" if training.exact else f"; within {training.error_bound:.0%} for most text"
    by_tokens = "unknown without your prices" if money is None else escaped(money)
    shown = [
        ("counted", escaped(training.source) + bound),
        ("rows", f"{training.counted:,} of {training.rows:,} counted"),
        ("tokens", f"{training.total:,}, of which {training.learnt:,} are the assistant's"),
        ("billed", f"{estimate.training_tokens:,} tokens in {estimate.epochs:,} epochs{assumed}"),
        ("cost", "by the hour of training" if estimate.by_the_hour else by_tokens),
    ]
    return card(f"{estimate.method} training of {escaped(estimate.model.name)}", fields(shown))
