"""Whether a model, a method and a training tier fit, judged by the dated catalogue before any request.

The service has no reliable way to ask: its list of models denies open models that can be tuned, and takes a job
without `trainingType` for regional training, which most models refuse with a message about the model. So the type is
always sent, and what the catalogue does not list can be tried with `allow_unlisted`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ..catalog.foundry_lookup import base_of_tuned, known_offer, list_offers, unknown_offer
from ..catalog.foundry_offer import FoundryOffer
from ..catalog.tuning_methods import TIERS, TrainingTier, TuningMethod, read_tier
from ..core.errors import InvalidInput, ModelRetired

_ON_THE_WIRE: Mapping[TrainingTier, str] = {
    "Standard": "Standard",
    "GlobalStandard": "GlobalStandard",
    "Developer": "developerTier",
    # Assumption: A job names training in a data zone `DataZoneStandard`, as the SKU of deployments is named.
    # Shown wrong by: Another word in `trainingType` of a listed job that was created in the portal for a data zone.
    # Verified by: list tuning jobs
    # If wrong: 400 for the job; the tier is sent only where it is asked for.
    "DataZone": "DataZoneStandard",  # not documented: named as the deployment SKU is, and sent only on request
}
_ANYWAY = "To try it anyway: --allow-unlisted."


@dataclass(frozen=True, slots=True)
class CheckedOffer:
    """What to send for a model: its id, the tier and the `trainingType`; and what is doubtful, a sentence each."""

    model: str
    tier: TrainingTier
    offer: FoundryOffer | None
    warnings: tuple[str, ...] = ()

    @property
    def training_type(self) -> str:
        """The `trainingType` of the request."""
        return _ON_THE_WIRE[self.tier]


def check_offer(
    model: str, method: TuningMethod, tier: str | None, *, today: date, allow_unlisted: bool = False
) -> CheckedOffer:
    """Check that a model can be tuned by a method and in a tier.

    Args:
        model: the model's id or name, or the id of a tuned model (`BASE.ft-JOB`), which is tuned further.
        method: the method.
        tier: the training tier by any of its names; the best one that the model has by default: global, where
            offered.
        today: the day on which the job is created.
        allow_unlisted: turn what would be an error into a warning, and let the service decide.

    Returns:
        The id to send, the tier, what the catalogue knows of the model, and warnings.

    Raises:
        UnknownModel: the catalogue has no such model; the nearest names, or the surface that tunes it.
        ModelRetired: training of the model has ended.
        InvalidInput: the method or the tier is not offered for the model, or there is no such tier; what is offered.
    """
    chosen = None if tier is None else read_tier(tier)
    base = base_of_tuned(model)
    offer = known_offer(base or model)
    sent = model.strip() if base or offer is None else offer.name
    doubts = list(_doubts(model, base, offer, method, chosen, today))
    if doubts and not allow_unlisted:
        raise doubts[0]
    refused = (f"{doubt} Continuing because allow_unlisted is set.".replace(f" {_ANYWAY}", "") for doubt in doubts)
    best = chosen or (offer.default_tier if offer else TIERS[0])
    return CheckedOffer(sent, best, offer, (*refused, *(_notes(offer, today) if offer else ())))


def _doubts(
    model: str,
    base: str | None,
    offer: FoundryOffer | None,
    method: TuningMethod,
    tier: TrainingTier | None,
    today: date,
) -> Iterator[InvalidInput]:
    """Yield the errors about what is not offered, the most important one first."""
    if offer is None:
        yield unknown_offer(base or model, instead=_ANYWAY)
    elif offer.training_retired(today):
        yield ModelRetired(f"{offer.status_line(today)} {_offered_instead(method, today)} {_ANYWAY}")
    if offer is not None and base is not None and not offer.continuous:
        yield InvalidInput(
            f"{model} is a tuned {offer.name}, which cannot be tuned again: only tuned models of OpenAI can. Tune "
            f"{offer.name} on all of the data instead. {_ANYWAY}"
        )
    if offer is not None and method not in offer.methods:
        yield InvalidInput(
            f"{offer.name} is tuned by the method {' or '.join(offer.methods)}, not by {method}. "
            f"{_offered_instead(method, today)} {_ANYWAY}"
        )
    usable = [each for each in (offer.tiers if offer else TIERS) if each != "DataZone"]
    if tier == "DataZone":
        yield InvalidInput(
            "training in a data zone can be chosen in the portal only: how a request names it is not documented. Use "
            f"{' or '.join(usable)} instead. {_ANYWAY}"
        )
    elif offer is not None and tier is not None and tier not in offer.tiers:
        yield InvalidInput(
            f"{offer.name} is not trained in the tier {tier} but in {' or '.join(usable)}; without a tier it is "
            f"{offer.default_tier}. {_ANYWAY}"
        )


def _notes(offer: FoundryOffer, today: date) -> Iterator[str]:
    """Yield what a person should know of a model that can be tuned."""
    if offer.for_existing_customers(today) and not offer.training_retired(today):
        yield offer.status_line(today)
    elif offer.access:
        yield f"{offer.name}: {offer.access}"
    if offer.serving.startswith("managed"):
        yield (
            f"A tuned {offer.name} has no serverless deployment: it is served on {offer.serving}, which this client "
            "does not create."
        )


def _offered_instead(method: TuningMethod, today: date) -> str:
    """Return a sentence with the models that a method is offered for, those that can be deployed first."""
    fitting = [each for each in list_offers() if method in each.methods and not each.training_retired(today)]
    best = [each.name for each in fitting if each.serving == "serverless"] or [each.name for each in fitting]
    return f"Tuned by {method} are {', '.join(best[:4])}."
