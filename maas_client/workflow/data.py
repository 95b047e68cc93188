"""A training or validation set of a whole job: checked, then uploaded as it was checked."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..core.errors import FileChanged
from ..datasets.errors import DatasetRefused
from ..jobs.data_reference import LocalFile
from ..transfers.file_identity import FileIdentity, identity_of
from ..wire import Wire

if TYPE_CHECKING:
    from ..datasets.check.report import CheckReport, Role
    from ..datasets.dataset import Dataset
    from ..datasets.rows.schemas import Task
    from ..transfers.progress import OnProgress


class DatasetStore(Protocol):
    """What a workflow needs of `client.datasets`."""

    def check(
        self,
        path: Path,
        /,
        *,
        model: str | None = None,
        task: Task | None = None,
        method: str | None = None,
        role: Role,
        survey: bool,
    ) -> Awaitable[CheckReport]:
        """Check a file as the service reads it."""
        ...

    def upload(self, source: Path, /, *, check: bool, role: Role, on_progress: OnProgress | None) -> Awaitable[Dataset]:
        """Upload a file."""
        ...


@dataclass(slots=True)
class TrainingFiles:
    """A training or validation set: what names it, and of a file how it was checked and what became of it."""

    wire: Wire
    said: str | Dataset | LocalFile
    role: Role
    report: CheckReport | None = None
    identity: FileIdentity | None = None
    uploaded: Dataset | None = None

    @property
    def file(self) -> Path | None:
        """The file, where it is one of this machine."""
        return Path(self.said.path) if isinstance(self.said, LocalFile) else None

    @property
    def checked(self) -> str:
        """What the check came to, in words; nothing where there was none."""
        if self.file is None or self.report is None:
            return ""
        more = f" (`maas check {self.file}` has more to say)" if self.report.findings else ""
        return f"{self.file.name}: {self.report.kept} of {self.report.rows} rows kept{more}"

    @property
    def data(self) -> str | Dataset:
        """What a job is given: what was uploaded, or what names data at the platform."""
        if isinstance(self.said, LocalFile):
            assert self.uploaded is not None, "a file is uploaded before the job is created"
            return self.uploaded
        return self.said

    async def check(self, datasets: DatasetStore, rules: Mapping[str, Any]) -> None:
        """Check the file for what it is; raise DatasetRefused for one that the service would refuse."""
        assert self.file is not None
        self.identity = await self.wire.call(partial(identity_of, self.file))
        self.report = await datasets.check(
            self.file,
            role=self.role,
            survey=False,  # as an upload's own check: a look at the set as a whole takes several times as long
            **rules,
        )
        if not self.report.ok:
            raise DatasetRefused(self.report.refusal(str(self.file)), self.report)

    async def upload(self, datasets: DatasetStore, on_progress: OnProgress | None) -> None:
        """Upload the file; raise FileChanged when that was not the one that was checked."""
        assert self.file is not None
        self.uploaded = await datasets.upload(self.file, check=False, role=self.role, on_progress=on_progress)
        now = await self.wire.call(partial(identity_of, self.file))
        if self.identity is not None and (how := self.identity.differs(now)):
            raise FileChanged(f"{self.file} changed since it was checked: {how}. No job was made of it; run it again.")
