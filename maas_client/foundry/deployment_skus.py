"""The SKU and capacity of a deployment: their names and defaults, and whether a model is offered with them.

The facts are those of the dated catalogue (MicrosoftDocs/azure-ai-docs, `fine-tuning-deploy.md` and
`fine-tune-supported-models.md`). What it does not list can be tried with `allow_unlisted`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from ..catalog.foundry_offer import FoundryOffer
from ..core.errors import InvalidInput

# Assumption: The SKU without a hosting fee is called `DeveloperTier`, as in Microsoft's notebooks, and not `Developer`,
#   as in its documentation.
# Shown wrong by: 400 `InvalidResourceProperties` for a deployment of the developer tier, or another name among the
#   `skus` of the account's models.
# Verified by: create deployment
# If wrong: Deployments without a hosting fee are refused; `sku` with `allow_unlisted` sends any other name.
DEVELOPER = "DeveloperTier"
"""The SKU without a fee for hosting; the documentation calls it Developer, Microsoft's notebooks send this name."""

PROVISIONED = frozenset({"ProvisionedManaged", "GlobalProvisionedManaged", "DataZoneProvisionedManaged"})
"""SKUs whose capacity is in provisioned throughput units, each of which is paid for by the hour."""

SKUS = ("GlobalStandard", "Standard", "DataZoneStandard", DEVELOPER, *sorted(PROVISIONED))

OPEN_MODEL_CAPACITY = 100
"""With less, the adapter of an open model may not be loaded (microsoft/azure-skills, microsoft-foundry/finetuning)."""

# Assumption: An account's quota has room for a deployment of 50,000 tokens a minute.
# Shown wrong by: 400 `InsufficientQuota` for a deployment whose capacity was not chosen.
# Verified by: create deployment
# If wrong: The deployment is refused; a smaller capacity can be given.
OPENAI_CAPACITY = 50
"""Thousands of tokens a minute, which most accounts' quota has room for."""

_SPELLINGS: Mapping[str, str] = {
    **{sku.lower(): sku for sku in SKUS},
    "global": "GlobalStandard",
    "regional": "Standard",
    "datazone": "DataZoneStandard",
    "developer": DEVELOPER,
    "provisioned": "ProvisionedManaged",
    "globalprovisioned": "GlobalProvisionedManaged",
    "datazoneprovisioned": "DataZoneProvisionedManaged",
}
_ANYWAY = "To try it anyway: --allow-unlisted."

logger = logging.getLogger("maas_client")


@dataclass(frozen=True, slots=True)
class Size:
    """The SKU of a deployment, and its capacity: thousands of tokens a minute, or provisioned throughput units."""

    sku: str
    capacity: int


def size_of(
    model: str,
    offer: FoundryOffer | None,
    *,
    is_open: bool,
    sku: str | None,
    capacity: int | None,
    allow_unlisted: bool = False,
) -> Size:
    """Choose the SKU and capacity of a deployment.

    Args:
        model: the model, for messages.
        offer: what the catalogue knows of its base model; nothing is checked without it.
        is_open: whether the model is none of OpenAI's own: it needs more capacity.
        sku: the SKU by any of its names; by default GlobalStandard where the model is offered with it.
        capacity: thousands of tokens a minute, or provisioned throughput units; by default what the model needs.
        allow_unlisted: let the service decide about a SKU that the catalogue does not list for the model.

    Raises:
        InvalidInput: there is no such SKU, the model is not offered with it, or the capacity is not a positive number.
    """
    chosen = (
        _default_sku(model, offer, allow_unlisted) if sku is None else sku_named(sku, allow_unlisted=allow_unlisted)
    )
    offered = offer.deployment_skus if offer is not None else ()
    is_listed = chosen in offered or (chosen in PROVISIONED and not PROVISIONED.isdisjoint(offered))
    if offer is not None and offered and not is_listed and not allow_unlisted:
        raise InvalidInput(
            f"{offer.name} is not served with the SKU {chosen} but with {' or '.join(offered)}; nothing was sent. "
            f"{_ANYWAY}"
        )
    return Size(chosen, _capacity(chosen, capacity, is_open=is_open))


def _default_sku(model: str, offer: FoundryOffer | None, allow_unlisted: bool) -> str:
    if offer is None or SKUS[0] in offer.deployment_skus:
        return SKUS[0]
    if offer.deployment_skus:
        return offer.deployment_skus[0]
    if offer.serving.startswith("managed") and not allow_unlisted:
        raise InvalidInput(
            f"{model} has no serverless deployment: {offer.name} is served on {offer.serving}, which this client does "
            f"not create; nothing was sent. {_ANYWAY}"
        )
    return SKUS[0]


def sku_named(name: str, *, allow_unlisted: bool = False) -> str:
    """Return a SKU by any of its names; raise InvalidInput, with the nearest one, if there is no such SKU."""
    plain = "".join(each for each in name.lower() if each.isalnum())
    if (found := _SPELLINGS.get(plain)) is not None:
        return found
    if allow_unlisted and name.strip():
        return name.strip()
    nearest = get_close_matches(plain, _SPELLINGS, 1, 0.5)
    hint = f"did you mean {_SPELLINGS[nearest[0]]}?" if nearest else f"the SKUs are {', '.join(SKUS)}."
    raise InvalidInput(f"there is no SKU {name!r}; {hint} Nothing was sent. {_ANYWAY}")


def _capacity(sku: str, capacity: int | None, *, is_open: bool) -> int:
    if capacity is None:
        if sku in PROVISIONED:
            raise InvalidInput(
                f"a deployment with the SKU {sku} needs a capacity in provisioned throughput units, each of which is "
                "paid for by the hour; nothing was sent"
            )
        return OPEN_MODEL_CAPACITY if is_open else OPENAI_CAPACITY
    if isinstance(capacity, bool) or capacity < 1:
        raise InvalidInput(f"the capacity of a deployment must be a positive number, not {capacity}; nothing was sent")
    if is_open and sku not in PROVISIONED and capacity < OPEN_MODEL_CAPACITY:
        logger.warning(
            "capacity %d: with less than %d the adapter of an open model may not be loaded, and the deployment then "
            "never answers",
            capacity,
            OPEN_MODEL_CAPACITY,
        )
    return capacity
