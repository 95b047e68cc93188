"""Fine-tuning methods: what each needs, and the `method` member of the request that creates a job.

Hyperparameters are always inside it: at the top level, where older versions of the API have them, they are refused for
DPO (MicrosoftDocs/azure-ai-docs, fine-tuning-direct-preference-optimization.md, 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..catalog.tuning_methods import TuningMethod, read_method
from ..core.arguments import check_mapping
from ..core.errors import InvalidInput
from ..core.json_fields import Document, is_object
from ..core.plain_values import plain
from .graders import check_grader, reads_output_json, wire_grader
from .hyperparameters import FoundryHyperparameters


def chosen_method(method: str | None, *, grader: Mapping[str, Any] | None = None) -> TuningMethod:
    """Return the method that a name means, such as `RFT`; without one, a grader decides, else it is supervised.

    Raises:
        InvalidInput: there is no such method.
    """
    if method is None:
        return "supervised" if grader is None else "reinforcement"
    return read_method(method)


def check_method(
    method: TuningMethod,
    hyperparameters: FoundryHyperparameters,
    *,
    grader: Mapping[str, Any] | None = None,
    response_format: Mapping[str, Any] | None = None,
    has_validation_data: bool = False,
) -> tuple[str, ...]:
    """Check that a job has what its method needs, before any request.

    Args:
        method: the method.
        hyperparameters: those that are set.
        grader: what scores the answers; only reinforcement has one.
        response_format: the form of the answers, as a chat request has it; only for reinforcement.
        has_validation_data: whether the job has validation data.

    Returns:
        What is unusual and may still be meant, a sentence each.

    Raises:
        InvalidHyperparameter: one that the method does not take.
        InvalidInput: something that the method needs is missing, or something is given that it cannot use.
    """
    hyperparameters.to_wire(method)
    if method != "reinforcement":
        for name, value in (("grader", grader), ("response_format", response_format)):
            if value is not None:
                raise InvalidInput(f"{name} is of the method reinforcement, and this job's method is {method}")
        return hyperparameters.warnings()
    if grader is None:
        raise InvalidInput(
            "the method reinforcement needs a grader, which scores the answers: grader={'type': 'string_check', …}"
        )
    check_mapping("grader", grader)
    if not has_validation_data:
        raise InvalidInput("the method reinforcement needs validation data (`validation_data`), a file of its own")
    return (*hyperparameters.warnings(), *check_grader(grader), *_format_warnings(response_format, grader))


def method_body(
    method: TuningMethod,
    hyperparameters: FoundryHyperparameters,
    *,
    grader: Mapping[str, Any] | None = None,
    response_format: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the `method` member of the request that creates a job; `check_method` has judged its parts.

    Raises:
        InvalidHyperparameter: one is set that the method does not take.
    """
    values = hyperparameters.to_wire(method)
    details: dict[str, Any] = {}
    if grader is not None:
        details["grader"] = wire_grader(grader)
    if response_format is not None:
        details["response_format"] = plain(response_format)
    if values:
        details["hyperparameters"] = values
    return {"type": method, method: details} if details else {"type": method}


def _format_warnings(response_format: Mapping[str, Any] | None, grader: Mapping[str, Any]) -> tuple[str, ...]:
    """Check the form of the answers; both spellings of a JSON schema are in use (nested, and flat in the docs)."""
    if response_format is None:
        if reads_output_json(grader):
            return ("The grader reads sample.output_json, which is empty without a response_format with a schema.",)
        return ()
    check_mapping("response_format", response_format)
    form: Document = plain(response_format)
    kind = form.get("type")
    if not isinstance(kind, str) or not kind:
        raise InvalidInput("response_format has no type, such as json_schema")
    nested = form.get("json_schema", form)
    if kind == "json_schema" and not (is_object(nested) and nested.get("name") and nested.get("schema")):
        raise InvalidInput("response_format of type json_schema needs json_schema with a name and a schema")
    return ()
