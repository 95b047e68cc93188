"""Permissions of an identity in a workspace, like Azure roles: patterns of actions, and excluded patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..core.json_fields import Document, is_object, items
from ..core.plain_values import PlainValue

_ML_ACTIONS = "Microsoft.MachineLearningServices/workspaces"

# Assumption: The action that a request needs is named after its path, as `workspaces/jobs/cancel/action`.
# Shown wrong by: A 403 that names another action, or a request that succeeds although `permissions` lacks its action.
# Verified by: permissions, upload data, create job, cancel job, deploy
# If wrong: `maas doctor` warns of a missing action without a reason, or does not report one that is missing.
NEEDED: Mapping[str, str] = {
    f"{_ML_ACTIONS}/data/versions/write": "register datasets",
    f"{_ML_ACTIONS}/datastores/listSecrets/action": "upload with the datastore's own secret",
    f"{_ML_ACTIONS}/jobs/write": "create fine-tuning jobs",
    f"{_ML_ACTIONS}/jobs/cancel/action": "cancel them",
    f"{_ML_ACTIONS}/serverlessEndpoints/write": "deploy",
    f"{_ML_ACTIONS}/serverlessEndpoints/listKeys/action": "chat with an endpoint's key",
}
"""The actions that this client needs, and what for. They are named after the requests that need them: an action is
`{provider}/{types}/{verb}` (learn.microsoft.com/azure/role-based-access-control/role-definitions)."""


@dataclass(frozen=True, slots=True)
class PermissionGrant(PlainValue):
    """The actions that one role grants: patterns except those in `excluded`; `*` matches anything."""

    actions: tuple[str, ...]
    excluded: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        """Return whether the role grants an action."""
        return any(_matches(each, action) for each in self.actions) and not any(
            _matches(each, action) for each in self.excluded
        )


def grants_of(document: Document) -> tuple[PermissionGrant, ...]:
    """Read the response of `Microsoft.Authorization/permissions`."""
    found = [entry for entry in items(document, "value") if is_object(entry)]
    return tuple(PermissionGrant(_texts(entry, "actions"), _texts(entry, "notActions")) for entry in found)


def missing(grants: Sequence[PermissionGrant]) -> list[str]:
    """Return the needed actions that no role grants."""
    return [action for action in NEEDED if not any(grant.allows(action) for grant in grants)]


def _texts(entry: Document, key: str) -> tuple[str, ...]:
    return tuple(value for value in items(entry, key) if isinstance(value, str))


def _matches(pattern: str, action: str) -> bool:
    parts = (re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(".*".join(parts), action, re.IGNORECASE) is not None
