"""Parsing of model references: a name, or an id in any of Azure's forms."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..core.arguments import check_text

REGISTRY = "azureml"

_IN_REGISTRY = re.compile(r"azureml://registries/(?P<registry>[^/]+)/models/(?P<name>[^/]+)(?P<rest>/(?s:.*))?")
_IN_WORKSPACE = re.compile(r"(?:/subscriptions/|azureml://)\S*/models/(?P<name>[^/]+)(?P<rest>/(?s:.*))?")
_VERSION = re.compile(r"/versions/([^/]+)/?")


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model: its plain name, its version if pinned, and its registry (None for a model of the workspace).

    `is_plain` says that only a name was given, without saying where the model is.
    """

    name: str
    version: str | None = None
    registry: str | None = REGISTRY
    is_plain: bool = False

    @classmethod
    def parse(cls, text: str) -> ModelName:
        """Parse `NAME`, `[azureml:]NAME:VERSION`, or a registry or workspace id; a label is not a version."""
        check_text("model", text)
        text = text.strip()
        for pattern, registry in ((_IN_REGISTRY, None), (_IN_WORKSPACE, "")):
            if found := pattern.fullmatch(text):
                pinned = _VERSION.fullmatch(found["rest"] or "")
                home = found["registry"] if registry is None else None
                return cls(found["name"], pinned[1] if pinned else None, home)
        name, _, version = text.removeprefix("azureml:").partition(":")
        return cls(name, version or None, None if version else REGISTRY, is_plain=not version)

    @property
    def registry_id(self) -> str:
        """The id in the registry without a version, as base models are deployed."""
        return f"azureml://registries/{self.registry}/models/{self.name}"


def plain_name(model_id: str) -> str:
    """Return the plain name of a model from its id (`azureml://registries/azureml/models/NAME/versions/N`)."""
    return (model_id.partition("/models/")[2] or model_id).partition("/")[0]
