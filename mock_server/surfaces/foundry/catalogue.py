"""Foundry's models as the data plane lists them, and its graders."""

from starlette.responses import Response

from mock_server.core.json_values import Json, child, is_object, text
from mock_server.http.routing import Call, json_response
from mock_server.resources import foundry_graders, foundry_jobs
from mock_server.resources.foundry_errors import invalid_payload, not_found
from mock_server.resources.foundry_models_made import TunedModel
from mock_server.surfaces.foundry.bases import Offer, json_body, offers
from mock_server.training import foundry_models, grader_scores
from mock_server.training.foundry_models import FoundryModel

RELEASED = 1_735_689_600  # when every base model appeared; the catalogue here has no dates


async def list_models(call: Call) -> Response:
    """List the base models and the tuned ones."""
    tuned = [_tuned(model) for model in foundry_jobs.tuned_models(call.world)]
    return json_response({"object": "list", "data": [*map(_base, foundry_models.MODELS), *tuned]})


async def get_model(call: Call) -> Response:
    """Return one model."""
    name = call.params["model"]
    base = foundry_models.find(name)
    if base is not None:
        return json_response(_base(base))
    tuned = foundry_jobs.tuned_model(call.world, name)
    if tuned is None:
        raise not_found("Model", name)
    return json_response(_tuned(tuned))


async def validate_grader(call: Call) -> Response:
    """Return a grader that is valid."""
    body = await json_body(call)
    return json_response({"grader": foundry_graders.check(body.get("grader"), "grader")})


async def run_grader(call: Call) -> Response:
    """Return what a grader gives a sample."""
    body = await json_body(call)
    grader = foundry_graders.check(body.get("grader"), "grader")
    sample: object = body.get("model_sample")
    if not isinstance(sample, str):
        raise invalid_payload("model_sample must be a string.", "model_sample")
    if body.get("item") is not None and not is_object(body["item"]):
        raise invalid_payload("item must be an object.", "item")
    item = child(body, "item")
    try:
        reward = grader_scores.score(grader, sample, item)
        parts = grader_scores.sub_scores(grader, sample, item)
    except grader_scores.FormulaError as error:
        raise invalid_payload(f"calculate_output cannot be computed: {error}.", "grader.calculate_output") from error
    metadata: Json = {
        "name": text(grader, "name"),
        "type": grader["type"],
        "errors": {},
        "execution_time": 0.01,
        "scores": parts,
        "token_usage": None,
        "sampled_model_name": text(grader, "model") or None,
    }
    return json_response(
        {"reward": reward, "metadata": metadata, "sub_rewards": parts, "model_grader_token_usage_per_model": {}}
    )


def _base(model: FoundryModel) -> Json:
    return _model(model.id, created=RELEASED, base=model, tuned=False)


def _tuned(model: TunedModel) -> Json:
    base = foundry_models.find(model.base)
    return _model(model.name, created=int(model.created), base=base, tuned=True) | {"model": model.base}


def _model(name: str, *, created: int, base: FoundryModel | None, tuned: bool) -> Json:
    return {
        "id": name,
        "object": "model",
        "status": "succeeded",
        "created_at": created,
        "updated_at": created,
        "capabilities": {
            "fine_tune": base is not None and base.is_openai,  # false for open models, although they can be tuned
            "inference": tuned,
            "completion": False,
            "chat_completion": True,
            "embeddings": False,
        },
        "lifecycle_status": "generally-available",
        "deprecation": {},
    }


GRADERS = "/fine_tuning/alpha/graders"
OFFERS: tuple[Offer, ...] = (
    *offers("foundry.models.list", "GET", "/models", list_models),
    *offers("foundry.models.get", "GET", "/models/{model}", get_model),
    *offers("foundry.graders.run", "POST", GRADERS + "/run", run_grader, on="AB"),
    *offers("foundry.graders.validate", "POST", GRADERS + "/validate", validate_grader, on="AB"),
)
