"""The body of a fine-tuning job, validated as the service does on submission."""

from dataclasses import dataclass

from mock_server.core.errors import ServiceError, user_error
from mock_server.core.json_values import Json, child, is_array, is_object, text
from mock_server.core.scope import NAME, Scope
from mock_server.http.routing import Call
from mock_server.resources import references

TASKS = (
    "chatcompletion",
    "textcompletion",
    "textclassification",
    "questionanswering",
    "textsummarization",
    "tokenclassification",
    "texttranslation",
)
MUTABLE = ("displayName", "description", "tags", "properties", "isArchived")
IMMUTABLE = ("jobType", "experimentName", "computeId", "resources", "queueSettings", "fineTuningDetails")


@dataclass(frozen=True, slots=True)
class Submission:
    """The content of a valid body; the data may still turn out to be unusable."""

    properties: Json
    model: references.ModelReference
    task: str
    training: references.BlobPath
    validation: references.BlobPath | None
    hyperparameters: Json
    asset: str


def parse(call: Call, scope: Scope, body: Json) -> Submission:
    """Parse a job's body; raises the service's error for an invalid one."""
    properties: object = body.get("properties")
    if not is_object(properties):
        raise _invalid("properties is required")
    if properties.get("jobType") != "FineTuning":
        raise _invalid(f"jobType must be FineTuning here; got {str(properties.get('jobType'))[:60]!r}")
    if not call.query.get("api-version", "").endswith("preview"):
        raise _invalid("jobType FineTuning is not supported in this api-version; use 2024-10-01-preview")
    details: object = properties.get("fineTuningDetails")
    if not is_object(details):
        raise _invalid("fineTuningDetails is required")
    _check_shapes(properties, details)
    model = references.parse_model(scope, text(child(details, "model"), "uri"))
    if model is None or references.find_base_model(call.world, model) is None:
        requested = text(child(details, "model"), "uri")[:300]
        raise user_error(f"Model {requested} was not found. Please check the model's name and version.")
    outputs = [output for output in child(properties, "outputs").values() if is_object(output)]
    asset = text(outputs[0], "assetName") if outputs else ""
    return Submission(
        properties=properties,
        model=model,
        task=text(details, "taskType"),
        training=_resolve_data(call, scope, child(details, "trainingData")),
        validation=_resolve_data(call, scope, child(details, "validationData"))
        if details.get("validationData")
        else None,
        hyperparameters=child(details, "hyperParameters"),
        asset=asset,
    )


def check_metadata(properties: Json) -> None:
    """Reject tags, properties and names of the wrong type."""
    for key in ("tags", "properties"):
        if properties.get(key) is not None and not is_object(properties[key]):
            raise _invalid(f"{key} must be an object")
    for key in ("experimentName", "displayName", "description", "computeId"):
        if properties.get(key) is not None and not isinstance(properties[key], str):
            raise _invalid(f"{key} must be a string")


def is_same_job(old: Json, new: Json) -> bool:
    """Return whether two bodies describe the same job, ignoring display name, tags and properties."""
    return _immutable_fields(old) == _immutable_fields(new)


def with_mutable_fields(old: Json, new: Json) -> Json:
    """Return the old properties with the mutable fields of the new ones."""
    return old | {name: new[name] for name in MUTABLE if name in new}


def _immutable_fields(properties: Json) -> Json:
    outputs = child(properties, "outputs")
    kept = {name: text(child(outputs, name), "assetName") for name in outputs}
    return {name: properties.get(name) or None for name in IMMUTABLE} | {"outputs": kept}


def _check_shapes(properties: Json, details: Json) -> None:
    for key in ("model", "trainingData"):
        if not text(child(details, key), "uri"):
            raise _invalid(f"fineTuningDetails.{key}.uri is required")
        if not text(child(details, key), "jobInputType"):
            raise _invalid(f"fineTuningDetails.{key}.jobInputType is required")
    provider = details.get("modelProvider")
    if provider not in ("Custom", "AzureOpenAI"):
        raise _invalid(f"fineTuningDetails.modelProvider must be Custom or AzureOpenAI; got {str(provider)[:60]!r}")
    if text(details, "taskType").lower() not in TASKS:
        raise _invalid(f"fineTuningDetails.taskType must be a known task; got {str(details.get('taskType'))[:60]!r}")
    if details.get("validationData") is not None and not text(child(details, "validationData"), "uri"):
        raise _invalid("fineTuningDetails.validationData.uri is required")
    if not isinstance(details.get("hyperParameters", {}), dict | None):
        raise _invalid("fineTuningDetails.hyperParameters must be an object")
    outputs: object = properties.get("outputs")
    if not is_object(outputs) or not outputs:
        raise _invalid("outputs is required")
    for name, output in outputs.items():
        if not is_object(output) or output.get("jobOutputType") != "mlflow_model":
            raise _invalid(f"outputs.{name[:60]}.jobOutputType must be mlflow_model")
        if not NAME.match(text(output, "assetName", "model")):
            raise _invalid(f"outputs.{name[:60]}.assetName is not a valid name")
    check_metadata(properties)
    if not NAME.match(text(properties, "experimentName", "Default")):
        raise _invalid("experimentName is not a valid name")
    types: object = child(properties, "resources").get("instanceTypes")
    if types is not None and not (is_array(types) and all(isinstance(kind, str) for kind in types)):
        raise _invalid("resources.instanceTypes must be a list of strings")


def _resolve_data(call: Call, scope: Scope, given: Json) -> references.BlobPath:
    found = references.resolve_data(call.world, scope, text(given, "uri"))
    if isinstance(found, references.Unresolved):
        raise user_error(found.message)
    return found


def _invalid(what: str) -> ServiceError:
    return user_error(f"The request is invalid: {what}.")
