"""The data of a job on its way to the platform: recognized, checked, uploaded, or named as it would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..core.errors import InvalidInput
from ..core.names import slug
from ..core.secret_text import SecretText
from ..datasets.dataset import Dataset
from ..datasets.errors import DatasetRefused
from ..datasets.validation_data import refusal, refuse_own_validation
from ..wire import Wire
from .data_reference import LocalFile

if TYPE_CHECKING:
    from ..datasets.check.report import Role
    from ..datasets.resource import AsyncDatasets
    from ..transfers.progress import OnProgress


class RemoteFile(NamedTuple):
    """A file somewhere else, which is fetched for its upload."""

    url: SecretText


def not_remote(data: str | Dataset | LocalFile | RemoteFile) -> str | Dataset | LocalFile:
    """Return data that is here or at the platform; raise InvalidInput for any other, which cannot be checked yet."""
    if isinstance(data, RemoteFile):
        raise InvalidInput(
            "data at a URL cannot be checked before its upload: upload it first (`datasets.upload`) or copy it "
            "within Azure (`datasets.copy`, `maas copy URL`), then use NAME:VERSION of the data asset"
        )
    return data


@dataclass(frozen=True, slots=True)
class DataPreparation:
    """Checks and uploads the files of one job. `datasets` is only called where there are files.

    `rules` are the arguments of `datasets.check` and `datasets.upload` that say what the files are for. A file's
    version is the first `digits` of the digest of its content, after `salt`.
    """

    wire: Wire
    datasets: Callable[[], AsyncDatasets]
    rules: Mapping[str, Any] = field(default_factory=dict[str, Any])
    salt: bytes = b""
    digits: int = 32

    async def refuse_own_validation(
        self, training: str | Dataset | LocalFile | RemoteFile, validation: str | Dataset | LocalFile | RemoteFile
    ) -> None:
        """Raise InvalidInput if a job would be validated on what it learns."""
        if isinstance(training, LocalFile) and isinstance(validation, LocalFile):
            await self.wire.call(partial(refuse_own_validation, training.path, validation.path))
        elif isinstance(training, str | Dataset) and training == validation:
            raise InvalidInput(refusal(_shown(training)))

    async def uploaded(
        self,
        training: str | Dataset | LocalFile | RemoteFile,
        validation: str | Dataset | LocalFile | None,
        on_progress: OnProgress | None,
    ) -> tuple[str | Dataset, str | Dataset | None]:
        """Return what names the data at the platform; files are uploaded, and neither before both were checked."""
        if isinstance(validation, LocalFile):
            await self.check(validation, "validation")
        if isinstance(training, RemoteFile):
            training = await self.datasets().upload(training.url, on_progress=on_progress, **self.rules)
        elif isinstance(training, LocalFile):
            training = await self.datasets().upload(training.path, on_progress=on_progress, **self.rules)
        if isinstance(validation, LocalFile):
            validation = await self.datasets().upload(validation.path, check=False, on_progress=on_progress)
        return training, validation

    async def check(self, file: LocalFile, role: Role) -> None:
        """Check a file; raise DatasetRefused for one that the service would reject."""
        report = await self.datasets().check(file.path, role=role, **self.rules)
        if not report.ok:
            raise DatasetRefused(report.refusal(file.path), report)

    async def planned(self, data: str | Dataset | LocalFile, role: Role) -> str | Dataset:
        """Return data as it will be named: a checked file by its name and the digest of its content, without an id."""
        if isinstance(data, LocalFile):
            await self.check(data, role)
        return await self.named(data)

    async def named(self, data: str | Dataset | LocalFile) -> str | Dataset:
        """Return data as it will be named, without a check of it: a file by its name and the digest of its content."""
        if not isinstance(data, LocalFile):
            return data
        from ..transfers.file_identity import identity_of
        from ..transfers.uploads.hashing import read

        path = Path(data.path)
        identity = await self.wire.call(partial(identity_of, path))
        content = await read(self.wire, path, identity, checksums=False, salt=self.salt)
        return Dataset(name=slug(path.stem), version=content.sha256[: self.digits])


def _shown(data: str | Dataset) -> str:
    if isinstance(data, Dataset):
        return f"{data.name}:{data.version}" if data.name else data.id
    return data.rpartition("/data/")[2].replace("/versions/", ":")
