"""What names a component: a name, with a version or a label, or an id in a registry."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..catalog.model_id import REGISTRY
from ..core.arguments import check_text
from ..core.errors import InvalidInput
from ..core.text import printable

LATEST = "latest"

_IN_REGISTRY = re.compile(
    r"azureml://registries/(?P<registry>[^/]+)/components/(?P<name>[^/]+)"
    r"(?:/versions/(?P<version>[^/]+)|/labels/(?P<label>[^/]+))?"
)
_NAME = re.compile(r"(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]{0,254})(?::(?P<version>[^:@/]+)|@(?P<label>[^:@/]+))?")


@dataclass(frozen=True, slots=True)
class ComponentName:
    """A component of the registry, and its version; None for the newest one."""

    name: str
    version: str | None = None

    @classmethod
    def parse(cls, reference: str) -> ComponentName:
        """Parse `NAME`, `NAME:VERSION`, `NAME@latest`, or the id of a component of the registry `azureml`.

        Raises InvalidInput for anything else: only `latest` is a label of components (azure-ai-ml 1.35.2
        `_component_operations.py`, `_managed_label_resolver`).
        """
        check_text("component", reference)
        wanted = reference.strip().removeprefix("azureml:") if "://" not in reference else reference.strip()
        found = _IN_REGISTRY.fullmatch(wanted) or _NAME.fullmatch(wanted)
        shown = repr(printable(reference)[:300])
        if found is None:
            raise InvalidInput(
                f"{shown} does not name a component: write NAME, NAME:VERSION, NAME@latest, or "
                f"azureml://registries/{REGISTRY}/components/NAME/versions/VERSION"
            )
        if found.groupdict().get("registry", REGISTRY) != REGISTRY:
            raise InvalidInput(f"{shown} is of another registry than {REGISTRY}, which is the only one that is read")
        if found["label"] not in {None, LATEST}:
            raise InvalidInput(f"{shown} has the label {found['label']!r}: the only label of components is {LATEST}")
        return cls(found["name"], found["version"])
