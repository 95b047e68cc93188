"""A component of a registry as its document describes it: which inputs it takes, of which types and choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from ..core.json_fields import Document, is_array, is_object, part, text
from ..core.plain_values import PlainValue

LITERALS = frozenset({"string", "integer", "number", "boolean"})
"""Types whose values are sent as they are; every other one is a file, a folder or a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentInput(PlainValue):
    """An input of a component. `choices` are its only valid values; bounds are inclusive.

    `default` is what the component uses if a job leaves the input out, as text; None without a default.
    """

    name: str
    type: str
    default: str | None = None
    optional: bool = False
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    description: str = ""

    @property
    def is_literal(self) -> bool:
        """Whether its value is sent as it is."""
        return self.type in LITERALS

    @property
    def is_required(self) -> bool:
        """Whether a job has to give it."""
        return not self.optional and self.default is None

    @classmethod
    def read(cls, name: str, document: Document) -> ComponentInput:
        """Read an input of `componentSpec`; parts of an unexpected type count as absent."""
        return cls(
            name=name,
            type=text(document, "type").lower(),
            default=_as_text(document.get("default")),
            optional=_as_text(document.get("optional")) == "true",
            choices=_texts(document.get("enum")),
            least=_number(document.get("min")),
            most=_number(document.get("max")),
            description=text(document, "description"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Component(PlainValue):
    """A version of a component. `raw` keeps the registry's whole document.

    `steps` are the names of a pipeline's jobs, in their order, and `outputs` the types of its outputs by name.
    """

    id: str
    name: str
    version: str
    kind: str = ""
    display_name: str = ""
    inputs: Mapping[str, ComponentInput] = field(default_factory=dict[str, ComponentInput])
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    steps: tuple[str, ...] = ()
    raw: Document = field(default_factory=dict[str, object], repr=False)

    @property
    def reference(self) -> str:
        """The name, a colon and the version."""
        return f"{self.name}:{self.version}"

    def output_of_type(self, kind: str) -> str | None:
        """Return the name of the first output of a type; None without one."""
        return next((name for name, found in self.outputs.items() if found == kind), None)

    @classmethod
    def read(cls, name: str, document: Document) -> Component:
        """Read a version's document, whose name is the version."""
        spec = part(document, "properties", "componentSpec")
        inputs = {key: ComponentInput.read(key, each) for key, each in part(spec, "inputs").items() if is_object(each)}
        return cls(
            id=text(document, "id"),
            name=text(spec, "name") or name,
            version=text(document, "name") or text(spec, "version"),
            kind=text(spec, "type").lower(),
            display_name=text(spec, "display_name"),
            inputs=inputs,
            outputs={key: text(each, "type") for key, each in part(spec, "outputs").items()},
            steps=tuple(part(spec, "jobs")),
            raw=document,
        )


def _as_text(value: object) -> str | None:
    """Return a default as the wire writes it: defaults are strings there, read as their input's type."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return text({"value": value}, "value") if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for item in value if (each := _as_text(item)) is not None) if is_array(value) else ()


def _number(value: object) -> float | None:
    """Return a bound, which may be written as a string; None without a finite one."""
    written = _as_text(value)
    try:
        number = float(written or "")
    except ValueError:
        return None
    return number if isfinite(number) else None
