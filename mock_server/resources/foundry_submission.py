"""The body of a Foundry job, validated as the service does on submission; its data is read later, inside the job."""

import re
from dataclasses import dataclass

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, child, is_array, is_object, number, text
from mock_server.resources import foundry_files, foundry_graders, foundry_jobs
from mock_server.resources.foundry_errors import invalid_payload
from mock_server.resources.foundry_files import File
from mock_server.state.world import World
from mock_server.training import foundry_models
from mock_server.training.foundry_models import DPO, REINFORCEMENT, STANDARD, SUPERVISED, TIER_SPELLINGS, FoundryModel

METHODS = (SUPERVISED, DPO, REINFORCEMENT)
SUFFIX = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
MAX_SEED = 2_147_483_647
MAX_PAIRS, MAX_KEY, MAX_VALUE = 16, 64, 512
WHOLE = ("n_epochs", "batch_size", "eval_interval", "eval_samples")
EFFORTS = ("default", "low", "medium", "high", "minimal")
NOT_TUNABLE = "The specified base model does not support fine-tuning."


@dataclass(frozen=True, slots=True)
class Submission:
    """The content of a valid body."""

    model: FoundryModel
    name: str  # of the model, as it is shown: in the catalogue's case, or a tuned model
    training: File
    validation: File | None
    method: str
    settings: Json  # the member of `method` that is named like the method
    hyperparameters: Json
    has_method: bool
    tier: str | None  # as it is shown; None if the request does not name one
    suffix: str
    seed: int | None
    metadata: Json | None
    integrations: list[Json] | None


def parse(world: World, body: Json, *, stable: bool) -> Submission:
    """Parse a job's body; raises the service's error for an invalid one.

    `stable` is for the stable dated version, which refuses whatever is newer than itself.
    """
    model, name = _model(world, body.get("model"))
    method, settings = _method(body)
    if stable and method != SUPERVISED:
        raise invalid_payload(f"The method {method} is not supported by this api-version.", "method")
    tier = _tier(body.get("trainingType"))
    _check_offer(model, method, tier or STANDARD)
    hyperparameters = _hyperparameters(body, method, settings)
    training = _file(world, body, "training_file", required=True)
    validation = _file(world, body, "validation_file", required=method == REINFORCEMENT)
    if training is None:
        raise invalid_payload("training_file is required.", "training_file")
    if method == REINFORCEMENT:
        foundry_graders.check(settings.get("grader"), "method.reinforcement.grader")
    return Submission(
        model=model,
        name=name,
        training=training,
        validation=validation,
        method=method,
        settings=settings,
        hyperparameters=hyperparameters,
        has_method=is_object(body.get("method")),
        tier=None if tier == STANDARD else tier,
        suffix=_suffix(body.get("suffix")),
        seed=_seed(body.get("seed")),
        metadata=_metadata(body.get("metadata")),
        integrations=_integrations(body.get("integrations")),
    )


def _model(world: World, requested: object) -> tuple[FoundryModel, str]:
    if not isinstance(requested, str) or not requested:
        raise invalid_payload("model is required.", "model")
    model = foundry_models.find(requested)
    if model is not None:
        return model, model.id
    tuned = foundry_jobs.tuned_model(world, requested)
    base = None if tuned is None else foundry_models.find(tuned.base)
    if tuned is None or base is None or not base.is_openai:
        raise invalid_payload(NOT_TUNABLE, "model")
    return base, tuned.name


def _method(body: Json) -> tuple[str, Json]:
    requested: object = body.get("method")
    if requested is None:
        return SUPERVISED, {}
    if not is_object(requested) or requested.get("type") not in METHODS:
        raise invalid_payload(f"method.type must be one of {', '.join(METHODS)}.", "method")
    method: str = requested["type"]
    settings: object = requested.get(method)
    if settings is not None and not is_object(settings):
        raise invalid_payload(f"method.{method} must be an object.", f"method.{method}")
    return method, child(requested, method)


def _tier(requested: object) -> str | None:
    if requested is None:
        return None
    tier = TIER_SPELLINGS.get(str(requested).lower()) if isinstance(requested, str | int) else None
    if tier is None:
        raise invalid_payload(f"Invalid trainingType {str(requested)[:60]!r}.", "trainingType")
    return tier


def _check_offer(model: FoundryModel, method: str, tier: str) -> None:
    """Reject a tier before a method, in the words that practitioners report: they sound like the model's fault."""
    if tier not in model.tiers:
        name = {"dataZoneStandard": "DataZoneStandard", "developerTier": "DeveloperTier"}.get(
            tier, tier[0].upper() + tier[1:]
        )
        message = f"The specified base model {model.id} does not support fine-tuning with {name} TrainingType."
        raise invalid_payload(message, "model")
    if method not in model.methods:
        needed = model.methods[0] if len(model.methods) == 1 else " or ".join(model.methods)
        raise invalid_payload(f"Finetuning with {model.id} requires the {needed} method of finetuning.", "method")


def _hyperparameters(body: Json, method: str, settings: Json) -> Json:
    old, new = body.get("hyperparameters"), settings.get("hyperparameters")
    if old is not None and method != SUPERVISED:
        message = f"Move hyperparameters into method.{method}.hyperparameters."
        raise invalid_payload(message, "hyperparameters")
    found: Json = {}
    for value, place in ((old, "hyperparameters"), (new, f"method.{method}.hyperparameters")):
        if value is not None and not is_object(value):
            raise invalid_payload(f"{place} must be an object.", place)
        found |= value if is_object(value) else {}
    for name, value in found.items():
        _check_hyperparameter(name, value)
    return {name: value for name, value in found.items() if value is not None}


def _check_hyperparameter(name: str, value: object) -> None:
    if value is None or value in ("auto", -1):
        return
    if name == "reasoning_effort":
        if value not in EFFORTS:
            raise invalid_payload(f"reasoning_effort must be one of {', '.join(EFFORTS)}.", name)
        return
    known = (*WHOLE, "learning_rate_multiplier", "beta", "compute_multiplier")
    if name not in known:
        return
    amount = None if isinstance(value, str) else number(value)
    if amount is None or amount <= 0 or (name in WHOLE and amount != int(amount)) or amount > 1e9:
        kind = "a positive integer" if name in WHOLE else "a positive number"
        raise invalid_payload(f"{name} must be 'auto' or {kind}; got {str(value)[:60]!r}.", name)


def _file(world: World, body: Json, name: str, *, required: bool) -> File | None:
    requested: object = body.get(name)
    if requested is None and not required:
        return None
    if not isinstance(requested, str) or not requested:
        raise invalid_payload(f"{name} is required.", name)
    file = foundry_files.find(world, requested, world.now(""))
    if file is None:
        raise invalid_payload(f"The specified file {requested[:200]} in {name} was not found.", name)
    if text(file.document, "purpose") != "fine-tune":
        raise invalid_payload(f"The file {file.id} in {name} must have the purpose fine-tune.", name)
    if file.status in foundry_files.UNFINISHED:
        raise invalid_payload(f"File status is not 'ready': the import of {file.id} is not completed.", name)
    if file.status == "error":
        raise invalid_payload(f"The file {file.id} in {name} could not be processed.", name)
    return file


def _suffix(requested: object) -> str:
    if requested is None:
        return ""
    if not isinstance(requested, str) or not SUFFIX.match(requested):
        raise invalid_payload("suffix must be 1 to 40 letters, digits, '-' and '_'.", "suffix")
    return requested


def _seed(requested: object) -> int | None:
    if requested is None:
        return None
    if not isinstance(requested, int) or isinstance(requested, bool) or not 0 <= requested <= MAX_SEED:
        raise invalid_payload(f"seed must be an integer from 0 to {MAX_SEED}.", "seed")
    return requested


def _metadata(requested: object) -> Json | None:
    if requested is None:
        return None
    if not is_object(requested) or len(requested) > MAX_PAIRS:
        raise _bad_metadata()
    for key, value in requested.items():
        if len(key) > MAX_KEY or not isinstance(value, str) or len(value) > MAX_VALUE:
            raise _bad_metadata()
    return requested


def _bad_metadata() -> ServiceError:
    return invalid_payload(
        f"metadata must be at most {MAX_PAIRS} strings of up to {MAX_VALUE} characters, with keys of up to {MAX_KEY}.",
        "metadata",
    )


def _integrations(requested: object) -> list[Json] | None:
    if requested is None:
        return None
    if not is_array(requested) or not all(is_object(one) and one.get("type") == "wandb" for one in requested):
        raise invalid_payload("integrations must be a list of objects of the type wandb.", "integrations")
    if any(not text(child(one, "wandb"), "project") for one in requested):
        raise invalid_payload("integrations[].wandb.project is required.", "integrations")
    return requested
