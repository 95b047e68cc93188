"""Which workspace a request is about, and the ids that follow from its name."""

import re
import uuid
from dataclasses import dataclass

from mock_server.core.json_values import Json

NAMESPACE = uuid.UUID("6d616173-6d6f-636b-8000-000000000000")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}\Z")
LOCATION = "eastus2"


@dataclass(frozen=True, slots=True)
class Scope:
    """A workspace, spelled as the request spelled it; equal whatever the case through `guid`."""

    subscription: str
    group: str
    workspace: str

    @property
    def guid(self) -> str:
        """Give the workspace's id, the same for every spelling and after every restart."""
        return str(uuid.uuid5(NAMESPACE, f"{self.subscription}/{self.group}/{self.workspace}".lower()))

    @property
    def arm(self) -> str:
        """Give the resource id in the case that azure-ai-ml's patterns insist on."""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.workspace}"
        )

    @property
    def container(self) -> str:
        """Give the blob container of the default datastore."""
        return container_of(self.guid)

    def document(self) -> Json:
        """Write the names down for who only knows the guid."""
        return {"subscription": self.subscription, "group": self.group, "workspace": self.workspace}


def container_of(guid: str) -> str:
    """Give the container of a workspace's default datastore."""
    return f"azureml-blobstore-{guid}"
