"""A model, a method and a tier are judged before any request; what is not listed can be tried anyway."""

from __future__ import annotations

from datetime import date

import pytest

from maas_client import InvalidInput, ModelRetired, UnknownModel, list_offers
from maas_client.catalog.tuning_methods import TuningMethod
from maas_client.foundry.model_offer import check_offer

TODAY = date(2026, 11, 29)
MINI = "gpt-4.1-mini-2025-04-14"


@pytest.mark.parametrize(
    ("model", "method", "tier", "sent"),
    [
        ("gpt-4.1-mini", "supervised", None, (MINI, "GlobalStandard")),
        ("GPT-4.1-MINI-2025-04-14", "dpo", "standard", (MINI, "Standard")),
        ("gpt-4.1-mini", "dpo", "Developer", (MINI, "developerTier")),
        ("gpt-4.1-mini", "dpo", "global", (MINI, "GlobalStandard")),
        ("GPT-OSS-20b", "supervised", None, ("gpt-oss-20b", "GlobalStandard")),
        (f"{MINI}.ft-4cad-Demo", "dpo", None, (f"{MINI}.ft-4cad-Demo", "GlobalStandard")),
    ],
)
def test_what_fits_is_sent_with_its_training_type(
    model: str, method: TuningMethod, tier: str | None, sent: tuple[str, str]
) -> None:
    checked = check_offer(model, method, tier, today=TODAY)
    assert (checked.model, checked.training_type) == sent
    assert checked.warnings == ()


@pytest.mark.parametrize("offer", list_offers(), ids=lambda offer: offer.name)
def test_every_listed_combination_passes(offer: object) -> None:
    (found,) = [each for each in list_offers() if each is offer]
    for method in found.methods:
        for tier in (None, *(each for each in found.tiers if each != "DataZone")):
            checked = check_offer(found.name, method, tier, today=TODAY)
            assert checked.tier == (tier or found.default_tier)


@pytest.mark.parametrize(
    ("model", "method", "tier", "says"),
    [
        ("gpt-oss-20b", "supervised", "Standard", "not trained in the tier Standard but in GlobalStandard; without"),
        ("gpt-5", "reinforcement", "developer", "but in GlobalStandard or Standard; without a tier"),
        ("o4-mini", "supervised", None, "is tuned by the method reinforcement, not by supervised. Tuned by supervised"),
        ("gpt-4.1", "reinforcement", None, "Tuned by reinforcement are o4-mini-2025-04-16"),
        ("gpt-4o-mini", "dpo", None, "Tuned by dpo are gpt-4.1-2025-04-14, gpt-4.1-mini-2025-04-14"),
        ("gpt-4.1", "dpo", "data zone", "not documented. Use GlobalStandard or Standard or Developer instead"),
        ("gpt-oss-20b.ft-4cad", "supervised", None, "cannot be tuned again"),
    ],
)
def test_what_does_not_fit_is_refused_unless_it_is_allowed(
    model: str, method: TuningMethod, tier: str | None, says: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_offer(model, method, tier, today=TODAY)
    assert says in str(caught.value)
    assert "To try it anyway: --allow-unlisted." in str(caught.value)
    warnings = check_offer(model, method, tier, today=TODAY, allow_unlisted=True).warnings
    assert says in warnings[0]
    assert "Continuing because allow_unlisted is set." in warnings[0]
    assert "--allow-unlisted" not in warnings[0]


def test_an_unknown_model_is_refused_unless_it_is_allowed() -> None:
    with pytest.raises(UnknownModel, match=r"did you mean gpt-4\.1-mini-2025-04-14 .*--allow-unlisted"):
        check_offer("gpt-4.1-min", "dpo", None, today=TODAY)
    with pytest.raises(UnknownModel, match="no model 'gpt-9' in the catalogue"):
        check_offer("gpt-9.ft-4cad", "dpo", None, today=TODAY)
    checked = check_offer("brand-New", "dpo", None, today=TODAY, allow_unlisted=True)
    assert (checked.model, checked.training_type, checked.offer) == ("brand-New", "GlobalStandard", None)
    assert len(checked.warnings) == 1


def test_a_model_of_azure_ml_is_refused_with_its_surface() -> None:
    with pytest.raises(UnknownModel, match="Phi-4-mini-instruct is tuned on Azure ML"):
        check_offer("Phi-4-mini-instruct", "supervised", None, today=TODAY)


def test_a_model_whose_training_has_ended_is_refused() -> None:
    assert check_offer(MINI, "dpo", None, today=date(2027, 4, 13)).warnings == ()
    with pytest.raises(ModelRetired, match=r"ends no earlier than 2027-04-14.* Tuned by dpo are"):
        check_offer(MINI, "dpo", None, today=date(2027, 4, 14))
    checked = check_offer(MINI, "dpo", None, today=date(2027, 4, 14), allow_unlisted=True)
    assert "Continuing because allow_unlisted is set." in checked.warnings[0]


def test_what_to_know_of_a_model_is_a_warning() -> None:
    (warning,) = check_offer("o4-mini", "reinforcement", None, today=TODAY).warnings
    assert "for existing customers only since 2026-10-16" in warning
    (warning,) = check_offer("gpt-5", "reinforcement", None, today=TODAY).warnings
    assert "By invitation only." in warning
    (warning,) = check_offer("qwen3.6-35b-a3b", "supervised", None, today=TODAY).warnings
    assert "no serverless deployment" in warning


def test_an_unknown_tier_is_refused_with_the_nearest_one() -> None:
    for tier, says in [("globl", "did you mean 'GlobalStandard'"), ("zzz", "the tiers are GlobalStandard, Standard")]:
        with pytest.raises(InvalidInput, match=says):
            check_offer(MINI, "dpo", tier, today=TODAY, allow_unlisted=True)


def test_a_data_zone_is_sent_only_on_request() -> None:
    checked = check_offer(MINI, "dpo", "DataZone", today=TODAY, allow_unlisted=True)
    assert checked.training_type == "DataZoneStandard"
