"""Graders of reinforcement fine-tuning: what each type needs, checked before a run that is billed by the hour.

Types and members are those of Microsoft's page on reinforcement fine-tuning (reinforcement-fine-tuning.md, 2026-03-19)
and of openai-python's types (3.57). What they do not name is sent as it is, with a warning: the service decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from ..core.errors import InvalidInput
from ..core.json_fields import Document, is_array, is_object
from ..core.plain_values import plain
from .grader_code import check_expression, check_source
from .grader_templates import check_template, keys_in, tidy

_METRICS = (
    *("fuzzy_match", "bleu", "gleu", "meteor", "cosine"),
    *(f"rouge_{kind}" for kind in (1, 2, 3, 4, 5, "l")),
)
_SCORING_MODELS = ("gpt-4o", "o3-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano")
"""What can score without a deployment (Microsoft's page of April 2026), with or without the date of a version."""


class _Kind(NamedTuple):
    """A type of grader: its members, those with templates, and those with a choice of words."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = {}


_KINDS: Mapping[str, _Kind] = {
    "string_check": _Kind(
        required=("name", "input", "reference", "operation"),
        templates=("input", "reference"),
        choices={"operation": ("eq", "ne", "like", "ilike")},
    ),
    "text_similarity": _Kind(
        required=("name", "input", "reference", "evaluation_metric"),
        optional=("pass_threshold",),
        templates=("input", "reference"),
        choices={"evaluation_metric": _METRICS},
    ),
    "score_model": _Kind(required=("name", "model", "input"), optional=("range", "sampling_params", "pass_threshold")),
    "python": _Kind(required=("name", "source"), optional=("image_tag", "pass_threshold")),
    "multi": _Kind(required=("name", "graders", "calculate_output")),
    "endpoint": _Kind(required=("url",), optional=("name", "headers", "rate_limit", "pass_threshold")),
}
GRADER_TYPES = tuple(_KINDS)


def check_grader(grader: Mapping[str, Any]) -> tuple[str, ...]:
    """Check a grader as it would be sent.

    Args:
        grader: the grader, an object with a `type`.

    Returns:
        What is unusual and may still be meant, a sentence each; nothing that a header of an endpoint holds.

    Raises:
        InvalidInput: a member is missing or has a value that the service cannot use, a template refers to something
            other than `item` and `sample`, or `calculate_output` or `source` cannot be read.
    """
    return tuple(_checked(plain(grader), "the grader"))


def wire_grader(grader: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a grader to send, without blanks inside the braces of its templates."""
    return _tidied_object(plain(grader))


def _tidied_object(members: Document) -> dict[str, Any]:
    return {name: value if name == "source" else _tidied(value) for name, value in members.items()}


def _tidied(value: Any) -> Any:
    if is_object(value):
        return _tidied_object(value)
    if is_array(value):
        return [_tidied(each) for each in value]
    return tidy(value) if isinstance(value, str) else value


def item_keys(grader: Mapping[str, Any]) -> frozenset[str]:
    """Return the keys of a row that a grader's templates read: one that a row lacks scores 0 without an error.

    What the code of a `python` grader reads is not among them.
    """
    return frozenset(key for text in _texts(plain(grader)) for key in keys_in(text))


def reads_output_json(grader: Mapping[str, Any]) -> bool:
    """Return whether a template reads the answer as JSON, which needs a `response_format`."""
    return any("sample.output_json" in text for text in _texts(plain(grader)))


def scores_with_a_model(grader: Mapping[str, Any]) -> bool:
    """Return whether a grader asks a model for scores, whose tokens are billed besides the training."""
    members: Document = plain(grader)
    children = members.get("graders")
    nested = [each for each in children.values() if is_object(each)] if is_object(children) else []
    return members.get("type") == "score_model" or any(map(scores_with_a_model, nested))


def _texts(value: object) -> Iterator[str]:
    """Yield the texts of a grader that may have templates."""
    if isinstance(value, str):
        yield value
    elif is_object(value):
        for name, each in value.items():
            if name not in {"source", "calculate_output", "headers"}:
                yield from _texts(each)
    elif is_array(value):
        for each in value:
            yield from _texts(each)


def _checked(grader: object, where: str, *, nested: bool = False) -> Iterator[str]:
    if not is_object(grader):
        raise InvalidInput(f"{where} must be an object with a type, not {type(grader).__name__}")
    kind = grader.get("type")
    if not isinstance(kind, str) or not kind:
        raise InvalidInput(f"{where} has no type; the types are {', '.join(GRADER_TYPES)}")
    if kind not in _KINDS:
        if nearest := get_close_matches(kind.lower().replace("-", "_"), GRADER_TYPES, 1, 0.8):
            raise InvalidInput(f"{where}: there is no type {kind!r}; did you mean {nearest[0]!r}?")
        yield f"{where} has the type {kind!r}, which is not documented; it is sent as it is."
        return
    where = f"{where} of type {kind}"
    yield from _check_members(grader, _KINDS[kind], where)
    yield from _check_type(kind, grader, where, nested=nested)


def _check_members(grader: Document, kind: _Kind, where: str) -> Iterator[str]:
    known = ("type", *kind.required, *kind.optional)
    unknown = [name for name in grader if name not in known]
    if missing := [name for name in kind.required if grader.get(name) in (None, "", [], {})]:
        similar = [near[0] for name in unknown if (near := get_close_matches(name, missing, 1, 0.6))]
        hint = f"; is {unknown[0]!r} meant to be {similar[0]!r}?" if similar else ""
        raise InvalidInput(f"{where} lacks {', '.join(missing)}{hint}")
    for name, words in kind.choices.items():
        if grader[name] not in words:
            raise InvalidInput(f"{where}: {name} is {grader[name]!r}, which is not one of {', '.join(words)}")
    for name in kind.templates:
        yield from check_template(_text(grader, name, where), f"{where}: {name}")
    for name in unknown:
        yield f"{where} has {name!r}, which is not documented for it; it is sent as it is."
    threshold = grader.get("pass_threshold")
    if threshold is not None and not _is_number(threshold):
        raise InvalidInput(f"{where}: pass_threshold is {threshold!r}, which is not a number")


def _check_type(kind: str, grader: Document, where: str, *, nested: bool) -> Iterator[str]:
    """Check what is particular to a type."""
    if nested and "pass_threshold" in grader:
        raise InvalidInput(f"{where} is part of a multi grader, where pass_threshold is not allowed; leave it out")
    match kind:
        case "score_model":
            yield from _check_score_model(grader, where)
        case "python":
            check_source(_text(grader, "source", where), where)
        case "multi":
            yield from _check_multi(grader, where)
        case "endpoint":
            if not _text(grader, "url", where).startswith("https://"):
                raise InvalidInput(f"{where}: url must begin with https://")
            yield f"{where} is in private preview: accounts that are not enrolled cannot use it."
        case _:
            pass


def _check_score_model(grader: Document, where: str) -> Iterator[str]:
    messages = grader["input"]
    if not is_array(messages):
        raise InvalidInput(f"{where}: input must be a list of messages, each with role and content")
    for number, message in enumerate(messages, 1):
        if not is_object(message) or not message.get("role") or not message.get("content"):
            raise InvalidInput(f"{where}: message {number} of input needs role and content")
        for text in _texts(message["content"]):
            yield from check_template(text, f"{where}: message {number} of input")
    limits = grader.get("range")
    if limits is not None and not _is_range(limits):
        raise InvalidInput(f"{where}: range must be the lowest and the highest score, such as [0, 1]")
    model = _text(grader, "model", where)
    if not any(model == name or model.startswith(f"{name}-20") for name in _SCORING_MODELS):
        yield f"{where} scores with {model}; documented are {', '.join(_SCORING_MODELS)}."


def _check_multi(grader: Document, where: str) -> Iterator[str]:
    children = grader["graders"]
    if not is_object(children):
        raise InvalidInput(f"{where}: graders must be an object of graders by name, as calculate_output names them")
    for name, child in children.items():
        yield from _checked(child, f"the grader {name!r}", nested=True)
    used = check_expression(_text(grader, "calculate_output", where), children, where)
    for name in children:
        if name not in used:
            yield f"{where}: calculate_output does not use the grader {name!r}, which is computed for nothing."


def _text(grader: Document, name: str, where: str) -> str:
    value = grader[name]
    if not isinstance(value, str):
        raise InvalidInput(f"{where}: {name} must be a string, not {type(value).__name__}")
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_range(limits: object) -> bool:
    return is_array(limits) and len(limits) == 2 and all(map(_is_number, limits)) and bool(limits[0] < limits[1])
