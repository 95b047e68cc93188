"""What a platform offers for datasets: the operations on files that it keeps for training and validation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from ..core.secret_text import SecretText
from ..core.surfaces import Surface
from ..wire import Wire
from .dataset import Dataset

if TYPE_CHECKING:
    from ..transfers.downloads.options import Options as DownloadOptions
    from ..transfers.downloads.result import Downloaded
    from ..transfers.progress import OnProgress
    from ..transfers.uploads.options import Inspection, Options

ListView = Literal["ActiveOnly", "ArchivedOnly", "All"]


class DatasetBackend(Protocol):
    """The operations on datasets of one platform. Errors are those of `maas_client.errors`."""

    @property
    def surface(self) -> Surface:
        """Whose rules files are checked by, where nothing else is asked for."""
        ...

    @property
    def wire(self) -> Wire:
        """The I/O: it sends requests, sleeps and has the clock."""
        ...

    async def upload(self, file: Path, name: str, options: Options, *, inspection: Inspection | None) -> Dataset:
        """Upload a file's content under a name, once per content; the inspection may reject it before that is final."""
        ...

    async def copy(
        self, url: SecretText, *, name: str | None, filename: str | None, parallel: int, on_progress: OnProgress | None
    ) -> Dataset:
        """Let the service read a file from a URL."""
        ...

    async def download(self, data: str | Dataset, out: Path, options: DownloadOptions, *, into: bool) -> Downloaded:
        """Download a dataset to a file, or into a folder where `into` is set or `out` is one."""
        ...

    async def get(self, name: str, version: str | None) -> Dataset:
        """Return a dataset by its name and version, `NAME:VERSION`, `NAME@latest`, name or id."""
        ...

    def list(self, name: str | None, *, view: ListView) -> AsyncIterator[Dataset]:
        """Yield the datasets, or the versions of one, newest first."""
        ...

    async def delete(self, name: str, version: str | None) -> Dataset:
        """Delete a dataset, or archive it where the platform has no deletion, and return it as it was."""
        ...

    async def restore(self, name: str, version: str | None) -> Dataset:
        """List an archived dataset again, or raise NotOffered."""
        ...
