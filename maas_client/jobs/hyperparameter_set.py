"""What the hyperparameters of every surface have in common: frozen, explained when they are wrong, plain as JSON."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ..core.errors import InvalidHyperparameter
from ..core.plain_values import brief, to_json


class HyperparameterSet(BaseModel):
    """Hyperparameters of one surface; those that are None are the service's choice."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    # Type checkers read the signature from the fields; at run time pydantic's error becomes ours.
    if not TYPE_CHECKING:

        def __init__(self, **values: Any) -> None:
            try:
                super().__init__(**values)
            except ValidationError as error:
                raise InvalidHyperparameter(self._explain(error)) from None

    def to_dict(self) -> dict[str, Any]:
        """Return those that are set, for JSON."""
        return self.model_dump(mode="json", exclude_none=True)

    def to_json(self, *, indent: int | None = None) -> str:
        """Return `to_dict()` as JSON."""
        return to_json(self.to_dict(), indent=indent)

    def __repr__(self) -> str:
        return brief(type(self).__name__, self.to_dict())

    @classmethod
    def unknown_name(cls, name: str) -> str:
        """Return what to say of a name that is not a hyperparameter here, with the nearest one."""
        nearest = get_close_matches(name, list(cls.model_fields), 1, 0.4)
        return f"there is no hyperparameter {name!r}" + (f"; did you mean {nearest[0]!r}?" if nearest else "")

    @classmethod
    def _explain(cls, error: ValidationError) -> str:
        """Explain each invalid hyperparameter."""
        return "; ".join(cls._complaint(str(entry["loc"][0]), entry["type"], entry["msg"]) for entry in error.errors())

    @classmethod
    def _complaint(cls, name: str, kind: str, message: str) -> str:
        if kind == "extra_forbidden":
            return cls.unknown_name(name)
        message = message.removeprefix("Value error, ")
        return f"{name}: {message[0].lower()}{message[1:]}"
