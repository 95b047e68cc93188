"""Ways on machines that the service chooses: what it offers for a model today."""

from __future__ import annotations

from datetime import date

from ..catalog.foundry_offer import FoundryOffer
from ..catalog.model_facts import ModelFacts
from .candidates import Candidate
from .training import Training
from .way import Verdict, Way

_OF_FOUNDRY = "foundry"


def judge_hosted(candidate: Candidate, training: Training) -> Way:
    """Return what a hosted way comes to, without time, cost and command."""
    verdict, why = _offer(candidate, training)
    platform = candidate.platform
    can = [why, *(["learns the assistant's words only"] if platform.assistant_only_loss else [])]
    if verdict == "hosted":
        fixed = f" ({remark})" if (remark := platform.methods.get(candidate.method)) else ""
        why = f"no machine to rent or to set up{fixed}"
    return Way(
        platform=platform.name,
        platform_title=platform.title,
        method=candidate.method,
        verdict=verdict,
        why=why,
        batch_size=training.batch_size,
        sequence_length=training.size.sequence_length,
        can=tuple(can) if verdict == "hosted" else (),
    )


def not_offered(candidate: Candidate, why: str) -> Way:
    """Return a way that a platform does not have."""
    platform = candidate.platform
    return Way(
        platform=platform.name,
        platform_title=platform.title,
        method=candidate.method,
        verdict="not offered",
        why=why,
    )


def _offer(candidate: Candidate, training: Training) -> tuple[Verdict, str]:
    """Return whether the platform trains the model today, and a sentence on it."""
    model, is_foundry = training.model, candidate.platform.name == _OF_FOUNDRY
    if isinstance(model, FoundryOffer):
        if not is_foundry:
            return "not offered", f"{model.name} is trained on Azure AI Foundry only"
        ended = model.training_retired(training.today)
        return ("not offered" if ended else "hosted"), model.status_line(training.today)
    if is_foundry:
        return "not offered", candidate.platform.remark
    return ("hosted" if is_open(model, training.today) else "not offered"), model.status_line(training.today)


def is_open(model: ModelFacts, on: date) -> bool:
    """Return whether a model can be fine-tuned on Azure ML's own machines on a day."""
    begun = model.finetune_from is None or model.finetune_from <= on
    return model.serverless_finetuning and begun and not model.finetune_retired(on)
