"""The files of a job: what it wrote, and the models that it registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ..azure.arm import Arm
from ..azure.workspace import DEFAULT_DATASTORE, AsyncWorkspace
from ..core.errors import InvalidInput, NotFound
from ..core.json_fields import part, text
from ..core.secret_text import SecretText
from ..core.url_paths import segment
from ..transfers.downloads.datastore_uri import DatastorePath, datastore_path_of
from ..transfers.downloads.downloader import Downloader, Item
from ..transfers.downloads.options import Options
from ..transfers.downloads.result import Downloaded, DownloadedFile
from ..transfers.downloads.safe_paths import create_folders, parts_of, targets_below
from ..transfers.downloads.signed_url import SignedLogDownload
from .job import Job, JobStatus
from .run_history import RunHistory

ARTIFACTS = "artifacts"
OUTPUTS = "named-outputs"
"""The folders that azure-ai-ml 1.35.2 downloads to (`_job_operations.py`, `download`)."""

_ARTIFACT_STORE = "workspaceartifactstore"
_OWN_FILES = "default"
"""The output that holds what a run wrote, where a job lists it (`constants/_job/job.py`)."""


class JobDownloads:
    """The files of one job.

    They are found as azure-ai-ml 1.35.2 finds them: what the run wrote in the workspace's artifact store, a registered
    model where its asset says, any other output in the default datastore (`_job_operations.py`,
    `_get_named_output_uri`). Logs that are not there yet come from run history.
    """

    def __init__(self, arm: Arm, workspace: AsyncWorkspace, job: Job) -> None:
        self._arm, self._workspace, self._job = arm, workspace, job
        self._downloader = Downloader(arm.wire, workspace)

    async def download(
        self, folder: Path, options: Options, *, outputs: Sequence[str] | None, logs: bool
    ) -> Downloaded:
        """Download outputs, by name or all of them, and logs below a folder; arguments are those of `jobs.download`."""
        any_output = outputs is None or len(outputs) > 0
        if not (logs or any_output):
            raise InvalidInput("neither outputs nor logs were requested")
        if any_output and not self._job.status.is_final:
            raise InvalidInput(
                f"job {self._job.name!r} is {self._job.status.value}; its outputs are there when it has completed. "
                "What it has written so far can be downloaded with outputs=()."
            )
        items = await self._outputs(outputs)
        written = await self._written() if logs else []
        signed: Mapping[str, SecretText] = await self._signed_logs() if logs and not written else {}
        if not (items or written or signed):
            raise NotFound(f"download of job {self._job.name!r}", status=404, detail="it has no files yet")
        source = f"the files of job {self._job.name!r}"
        targets_below(folder, [*(item.name for item in (*items, *written)), *signed], source)
        brought = await self._downloader.download_all([*items, *written], folder, options, source=source)
        more = [await self._log(name, url, folder, options) for name, url in signed.items()]
        files = sorted((*brought.files, *more), key=lambda file: file.name)
        return Downloaded(path=folder, files=tuple(files))

    async def _outputs(self, names: Sequence[str] | None) -> list[Item]:
        """The files of the requested outputs."""
        there = part(self._job.raw, "properties", "outputs")
        own = [name for name in there if name != _OWN_FILES]
        items: list[Item] = []
        for name in own if names is None else names:
            if name not in own:
                raise self._missing(name, f"its outputs are: {', '.join(map(repr, own)) or 'none'}")
            place = await self._place(name, part(there, name))
            found = await self._downloader.items_in(place)
            if not found and (names is not None or self._job.status == JobStatus.COMPLETED):
                raise self._missing(name, f"there is nothing at {place}")
            items += [Item(f"{OUTPUTS}/{name}/{item.name}", item.place) for item in found]
        return items

    async def _place(self, name: str, output: Mapping[str, object]) -> DatastorePath:
        """Where an output's files are."""
        uri = text(output, "uri")
        asset, version = text(output, "assetName"), text(output, "assetVersion")
        if datastore_path_of(uri, self._arm.settings) is None and asset and version:
            model = await self._arm.find(f"/models/{segment(asset)}/versions/{segment(version)}")
            uri = text(model or {}, "properties", "modelUri")
        fallback = DatastorePath(DEFAULT_DATASTORE, f"azureml/{self._job.name}/{name}")
        return datastore_path_of(uri, self._arm.settings) or fallback

    async def _written(self) -> list[Item]:
        """The run's own files, once it has ended: until then they still grow."""
        if not self._job.status.is_final:
            return []
        uri = text(part(self._job.raw, "properties", "outputs"), _OWN_FILES, "uri")
        place = datastore_path_of(uri, self._arm.settings) or DatastorePath(
            _ARTIFACT_STORE, f"ExperimentRun/dcid.{self._job.name}"
        )
        with suppress(NotFound):
            return [Item(f"{ARTIFACTS}/{item.name}", item.place) for item in await self._downloader.items_in(place)]
        return []

    async def _signed_logs(self) -> Mapping[str, SecretText]:
        """The signed URLs of the logs in run history, by file name."""
        logs = await RunHistory(self._workspace, self._arm.channel).logs(self._job.name)
        return {f"{ARTIFACTS}/{name}": url for name, url in logs.items()}

    async def _log(self, name: str, url: SecretText, folder: Path, options: Options) -> DownloadedFile:
        target = folder.joinpath(*parts_of(name))
        await self._arm.wire.call(lambda: create_folders(folder, [target]))
        return await SignedLogDownload(self._arm.channel, name, url, target).download(overwrite=options.overwrite)

    def _missing(self, name: str, why: str) -> NotFound:
        return NotFound(f"output {name!r} of job {self._job.name!r}", status=404, detail=why)
