"""A version of a model that is registered in the workspace."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from ..catalog.model_id import plain_name
from ..core.json_fields import Document, text
from ..core.values import Text, TextMap, Value, at


class RegisteredModel(Value):
    """A version of a model of the workspace. `raw` keeps the service's whole document.

    `job` is the job that registered it, and `base_model` the base model's plain name, where the service says so.
    """

    name: Annotated[Text, at("asset")] = ""
    version: Annotated[Text, at("name")] = ""
    id: Text = ""
    job: Annotated[Text, at("properties", "jobName")] = ""
    base_model: Text = ""
    kind: Annotated[Text, at("properties", "modelType")] = ""
    uri: Annotated[Text, at("properties", "modelUri")] = ""
    description: Annotated[Text, at("properties", "description")] = ""
    tags: Annotated[TextMap, at("properties", "tags")] = Field(default={})
    is_archived: Annotated[bool, BeforeValidator(lambda value: value is True), at("properties", "isArchived")] = False
    created_at: Annotated[Text, at("systemData", "createdAt")] = ""

    @property
    def reference(self) -> str:
        """The name, a colon and the version, which `endpoints.create` takes as a model."""
        return f"{self.name}:{self.version}"

    def __str__(self) -> str:
        return f"model {self.reference}"

    @classmethod
    def of(cls, name: str, document: Document) -> RegisteredModel:
        """Read the document of a version, whose name is the version."""
        base = plain_name(text(document, "properties", "properties", "baseModelId"))
        return cls.read({**document, "asset": name, "base_model": base})
