"""What `maas estimate` prints of a job on Azure AI Foundry."""

from __future__ import annotations

from ...datasets.cost.foundry_estimate import FoundryCostEstimate
from ..app.session import Session

_NO_PRICES = "unknown: there are no built-in prices; pass a price file with --prices (--prices-template prints one)"


def show(session: Session, estimate: FoundryCostEstimate) -> None:
    """Print the estimate."""
    session.printer.record(estimate.to_dict(), fields(estimate))
    if estimate.by_the_hour:
        session.printer.note("grader models are billed besides; a job pauses itself at a spending limit of the service")
    else:
        session.printer.note("validation data, time in the queue and the safety evaluation are not billed")
    if estimate.epochs_assumed and not estimate.by_the_hour:
        session.printer.note(f"the service chooses the epochs; {estimate.epochs} are assumed (--epochs N)")
    if estimate.training.images:
        session.printer.note("tokens of images are not in the figures: they depend on size and `detail` of each image")


def fields(estimate: FoundryCostEstimate) -> dict[str, object]:
    """Return the displayed fields."""
    training, price = estimate.training, estimate.price
    bound = "" if training.exact else f"; within {training.error_bound:.0%} for most text"
    epochs = f"{estimate.epochs} epoch{'s' * (estimate.epochs != 1)}"
    hosting = None if price is None else price.hosting_per_hour
    return {
        "model": estimate.model.name,
        "method": estimate.method,
        "training tier": estimate.tier,
        "token counts": training.source + bound,
        "rows": _rows(estimate),
        "longest row": f"{training.longest:,} tokens",
        "assistant tokens": f"{training.learnt:,} of {training.total:,} tokens",
        "tokens per epoch": f"{training.total:,}",
        "tokens": None if estimate.by_the_hour else f"{estimate.training_tokens:,} billed in {epochs}",
        "images": f"{training.images:,}" if training.images else None,
        "cost": _cost(estimate),
        "hosting": None if price is None or hosting is None else _per_hour(hosting, price.currency, "used or not"),
    }


def _rows(estimate: FoundryCostEstimate) -> str:
    training = estimate.training
    kind = "preferences" if training.has_preferences else "messages"
    return f"{training.counted:,} of {training.rows:,} have {kind}"


def _cost(estimate: FoundryCostEstimate) -> str:
    price = estimate.price
    if estimate.by_the_hour:
        each = None if price is None else price.training_per_hour
        rate = "" if price is None or each is None else f": {_per_hour(each, price.currency, 'of training')}"
        return f"by the hour of training, which a file does not determine{rate}"
    if price is None:
        return _NO_PRICES
    return str(estimate.money or "unknown: the price file has no training_per_million_tokens for this model")


def _per_hour(amount: float, currency: str, what: str) -> str:
    return f"{amount:g} {currency} per hour, {what}"
