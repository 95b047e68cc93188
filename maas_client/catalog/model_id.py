"""What a user may write for a model, taken apart: a name, or an id in any of Azure's forms."""

from __future__ import annotations

import re
from dataclasses import dataclass

REGISTRY = "azureml"

_IN_REGISTRY = re.compile(r"azureml://registries/(?P<registry>[^/]+)/models/(?P<name>[^/]+)(?P<rest>/(?s:.*))?")
_IN_WORKSPACE = re.compile(r"(?:/subscriptions/|azureml://)\S*/models/(?P<name>[^/]+)(?P<rest>/(?s:.*))?")
_VERSION = re.compile(r"/versions/([^/]+)/?")


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model: its plain name, its version if one is pinned, and its registry (None for one of the workspace).

    `is_plain` says that only a name was written, so that it is open where the model is.
    """

    name: str
    version: str | None = None
    registry: str | None = REGISTRY
    is_plain: bool = False

    @classmethod
    def parse(cls, text: str) -> ModelName:
        """Take apart `NAME`, `[azureml:]NAME:VERSION` or an id of registry or workspace; a label is no version."""
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
        """The id in the registry, without a version: a base model is deployed so."""
        return f"azureml://registries/{self.registry}/models/{self.name}"


def plain_name(model_id: str) -> str:
    """Return the plain name of a model from its id (`azureml://registries/azureml/models/NAME/versions/N`)."""
    return (model_id.partition("/models/")[2] or model_id).partition("/")[0]
