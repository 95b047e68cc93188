"""All inputs of a component at once: names, types, choices, what is missing, and what contradicts. Decisions only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from ..core.errors import InvalidHyperparameter
from .component import Component
from .input_values import WrongValue, literal

MODEL_SOURCES = ("mlflow_model_path", "pytorch_model_path", "huggingface_id")
"""The inputs that name the model: a job gives one (Azure/azureml-assets, `chat_completion_pipeline` 0.0.82)."""

FILES = ("train_file_path", "validation_file_path", "test_file_path")
TABLES = ("train_mltable_path", "validation_mltable_path", "test_mltable_path")
"""The two ways to give data, which a job does not mix (as above)."""


@dataclass(frozen=True, slots=True)
class CheckedInputs:
    """The inputs of a job: literals as text, and files, folders and models as they were given, by name."""

    literals: Mapping[str, str] = field(default_factory=dict[str, str])
    data: Mapping[str, object] = field(default_factory=dict[str, object])


def check_inputs(component: Component, given: Mapping[str, object]) -> CheckedInputs:
    """Return the inputs as the component takes them; one that is None counts as left out.

    Raises InvalidHyperparameter, one error for all mistakes: unknown names with the nearest known one, values of
    another type or none of the choices, required inputs that are missing, and inputs that exclude each other.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    mistakes: list[str] = []
    literals: dict[str, str] = {}
    data: dict[str, object] = {}
    for name, value in chosen.items():
        wanted = component.inputs.get(name)
        if wanted is None:
            mistakes.append(_unknown(component, name))
        elif not wanted.is_literal:
            data[name] = value
        else:
            try:
                literals[name] = literal(wanted, value)
            except WrongValue as wrong:
                mistakes.append(f"{name} {wrong}")
    mistakes += [
        f"{name} is missing, of type {each.type}"
        for name, each in component.inputs.items()
        if each.is_required and name not in chosen
    ]
    mistakes += _contradictions(component, chosen)
    if mistakes:
        raise InvalidHyperparameter(f"inputs of component {component.reference}: {'; '.join(mistakes)}")
    return CheckedInputs(literals, data)


def _unknown(component: Component, name: str) -> str:
    nearest = get_close_matches(name, component.inputs, 1, 0.6)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"it has {len(component.inputs)} others"
    return f"there is no input {name!r}; {hint}"


def _contradictions(component: Component, chosen: Mapping[str, object]) -> Iterator[str]:
    """Yield what a job says twice, or does not say, as far as the component has these inputs."""
    sources = [name for name in MODEL_SOURCES if name in component.inputs]
    named = [name for name in sources if name in chosen]
    if len(named) > 1:
        yield f"{' and '.join(named)} both name a model; give one"
    if sources and not named:
        yield f"no model is given ({' or '.join(sources)})"
    files, tables = ([name for name in group if name in chosen] for group in (FILES, TABLES))
    if files and tables:
        yield f"{files[0]} and {tables[0]} are two kinds of data; use one of them"
    training = [name for name in (FILES[0], TABLES[0]) if name in component.inputs]
    if training and not any(name in chosen for name in training):
        yield f"no training data is given ({' or '.join(training)})"
