"""The workspace that a request concerns, and the ids derived from its name."""

import re
import uuid
from dataclasses import dataclass

from mock_server.core.json_values import Json

NAMESPACE = uuid.UUID("6d616173-6d6f-636b-8000-000000000000")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}\Z")
LOCATION = "eastus2"


@dataclass(frozen=True, slots=True)
class Scope:
    """A workspace, spelled as in the request; `guid` does not depend on the case."""

    subscription: str
    group: str
    workspace: str

    @property
    def guid(self) -> str:
        """Return the workspace's id, the same for every spelling and after every restart."""
        return str(uuid.uuid5(NAMESPACE, f"{self.subscription}/{self.group}/{self.workspace}".lower()))

    @property
    def arm(self) -> str:
        """Return the resource id in the case that azure-ai-ml's patterns require."""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.workspace}"
        )

    @property
    def container(self) -> str:
        """Return the blob container of the default datastore."""
        return container_of(self.guid)

    def document(self) -> Json:
        """Return the names as JSON, for lookups by guid."""
        return {"subscription": self.subscription, "group": self.group, "workspace": self.workspace}


def container_of(guid: str) -> str:
    """Return the container of a workspace's default datastore."""
    return f"azureml-blobstore-{guid}"
