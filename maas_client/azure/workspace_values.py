"""A workspace, a subscription and a datastore, as Resource Manager describes them."""

from __future__ import annotations

from typing import Annotated

from ..core.values import Text, Value, at


class Workspace(Value):
    """An Azure Machine Learning workspace, or a Foundry hub or project."""

    name: Text = ""
    id: Text = ""
    location: Text = ""
    kind: Text = ""
    workspace_id: Annotated[Text, at("properties", "workspaceId")] = ""
    discovery_url: Annotated[Text, at("properties", "discoveryUrl")] = ""
    friendly_name: Annotated[Text, at("properties", "friendlyName")] = ""

    @property
    def subscription_id(self) -> str:
        """The subscription, from the workspace's id."""
        return self._part(2)

    @property
    def resource_group(self) -> str:
        """The resource group, from the workspace's id."""
        return self._part(4)

    def _part(self, index: int) -> str:
        parts = self.id.split("/")
        return parts[index] if index < len(parts) else ""


class Subscription(Value):
    """An Azure subscription; `state` is Enabled, Warned, PastDue, Disabled or Deleted."""

    subscription_id: Annotated[Text, at("subscriptionId")] = ""
    name: Annotated[Text, at("displayName")] = ""
    state: Text = ""
    tenant_id: Annotated[Text, at("tenantId")] = ""


class Datastore(Value):
    """A datastore of the workspace; `credentials` is AccountKey, Sas, None, Certificate or ServicePrincipal."""

    name: Text = ""
    kind: Annotated[Text, at("properties", "datastoreType")] = ""
    account: Annotated[Text, at("properties", "accountName")] = ""
    container: Annotated[Text, at("properties", "containerName")] = ""
    endpoint: Annotated[Text, at("properties", "endpoint")] = ""
    protocol: Annotated[Text, at("properties", "protocol")] = ""
    credentials: Annotated[Text, at("properties", "credentials", "credentialsType")] = ""

    @property
    def container_url(self) -> str:
        """The blob container's URL."""
        # Assumption: The `endpoint` of a datastore is the end of its storage account's host, as `core.windows.net`;
        #   azure-ai-ml 1.35.2 takes that from the cloud instead.
        # Shown wrong by: Another text in `properties.endpoint` of a datastore.
        # Verified by: datastores
        # If wrong: UntrustedHost or ConnectionFailed: nothing can be uploaded or downloaded.
        host = f"{self.account}.blob.{self.endpoint or 'core.windows.net'}"
        return f"{self.protocol or 'https'}://{host}/{self.container}"
