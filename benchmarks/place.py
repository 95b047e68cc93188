"""A blob container to upload to without a workspace around it."""

from __future__ import annotations

from pathlib import Path

from maas_client.azure.blob_container import BlobContainer
from maas_client.azure.settings import Settings
from maas_client.azure.workspace import DEFAULT_DATASTORE, AsyncWorkspace
from maas_client.http.auth import Signer, Unsigned
from maas_client.http.channel import Channel
from maas_client.transfers.file_identity import identity_of
from maas_client.transfers.uploads.hashing import Content, read
from maas_client.transfers.uploads.staging import BlobTarget
from maas_client.wire import Wire


class OneContainer(AsyncWorkspace):
    """A workspace that is nothing but a container, which never changes."""

    def __init__(self, container: BlobContainer) -> None:
        self._only = container

    async def container(
        self, name: str = DEFAULT_DATASTORE, *, instead_of: BlobContainer | None = None
    ) -> BlobContainer:
        """Return the container."""
        return self._only


def container_at(url: str, wire: Wire, signer: Signer | None = None) -> OneContainer:
    """Give the container at an address of this machine."""
    trust = Settings("s", "g", "w", endpoint="http://127.0.0.1").trust
    return OneContainer(BlobContainer(Channel(wire, trust), url, signer or Unsigned()))


async def goal_of(wire: Wire, file: Path, blob: str) -> tuple[BlobTarget, Content]:
    """Read a file, and give what is to become of it."""
    content = await read(wire, file, identity_of(file))
    return BlobTarget(source=str(file), blob=blob, metadata={"upload_status": "completed"}), content
