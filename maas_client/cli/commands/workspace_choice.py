"""The workspaces that `maas init` chooses among, and the config.json of the chosen one. No I/O."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...azure.workspace_values import Workspace

KINDS = frozenset({"", "default", "hub", "project"})
"""The kinds of workspaces that train models; feature stores and registries are listed with them."""


@dataclass(frozen=True, slots=True)
class Place:
    """What config.json selects: a workspace, by the names that every request contains."""

    subscription_id: str
    resource_group: str
    workspace: str

    @classmethod
    def of(cls, workspace: Workspace) -> Place:
        """Return the place of a listed workspace."""
        return cls(workspace.subscription_id, workspace.resource_group, workspace.name)

    def document(self) -> Mapping[str, str]:
        """Return the content of config.json, with the keys that azure-ai-ml's MLClient reads."""
        return {
            "subscription_id": self.subscription_id,
            "resource_group": self.resource_group,
            "workspace_name": self.workspace,
        }


def config_text(place: Place) -> str:
    """Return the file as the Azure portal writes it for downloads."""
    return json.dumps(place.document(), ensure_ascii=False, indent=4) + "\n"


def candidates(found: Sequence[Workspace], *, resource_group: str = "", workspace: str = "") -> list[Workspace]:
    """Return the workspaces that train models and have these names, whose case Azure ignores; empty is any."""
    return [
        each
        for each in found
        if each.kind.lower() in KINDS
        and resource_group.lower() in {"", each.resource_group.lower()}
        and workspace.lower() in {"", each.name.lower()}
    ]


def titles(found: Sequence[Workspace]) -> list[str]:
    """Return a line for each workspace, in columns."""
    rows = [(each.name, each.resource_group, each.location) for each in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def commands_for(found: Sequence[Workspace]) -> list[str]:
    """Return the command that selects each workspace."""
    return [shlex.join(_words(Place.of(each))) for each in found]


def _words(place: Place) -> list[str]:
    selected = ["--subscription", place.subscription_id, "-g", place.resource_group, "-w", place.workspace]
    return ["maas", "init", *selected]
