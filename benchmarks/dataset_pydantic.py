"""Chat rows as types for pydantic, distinguished by the role."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

BUFFER = 256 * 1024


class _System(TypedDict):
    role: Literal["system"]
    content: str


class _User(TypedDict):
    role: Literal["user"]
    content: str


class _Assistant(TypedDict):
    role: Literal["assistant"]
    content: str


class _Row(TypedDict):
    messages: list[Annotated[_System | _User | _Assistant, Field(discriminator="role")]]


_validate = TypeAdapter(_Row).validate_json


def right_rows(path: Path) -> int:
    """Return how many rows a file has; raise ValidationError at the first that is not right."""
    right = 0
    with path.open("rb", buffering=BUFFER) as file:
        for line in file:
            _validate(line)
            right += 1
    return right
