"""Downloads from the workspace's datastores: a file or a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...azure.blob_container import BlobContainer
from ...azure.workspace import AsyncWorkspace
from ...core.errors import InvalidInput, NotFound, UnexpectedReply
from ...wire import Wire
from ..container_access import with_container
from ..progress import ProgressCounter
from .blob_download import BlobDownload, DownloadTarget
from .blob_properties import BlobProperties, properties_of
from .checksums import Checksums
from .datastore_uri import DatastorePath
from .existing_files import has_content
from .options import Options
from .part_file import refuse_existing
from .ranges import range_size_for
from .result import Downloaded, DownloadedFile
from .safe_paths import check_inside, create_folders, targets_below

MOST_FILES = 100_000


@dataclass(frozen=True, slots=True)
class Item:
    """A blob to download, and its name below the target folder."""

    name: str
    place: DatastorePath


@dataclass(frozen=True, slots=True)
class _CheckedItem:
    """An item whose blob and local file were checked; nothing is fetched if it is already `is_present`."""

    item: Item
    goal: DownloadTarget
    is_present: bool


class Downloader:
    """Downloads from the datastores of one workspace."""

    def __init__(self, wire: Wire, workspace: AsyncWorkspace) -> None:
        self._wire, self._workspace = wire, workspace

    async def download(self, place: DatastorePath, out: Path, options: Options, *, into: bool = False) -> Downloaded:
        """Download a blob to a file, or all blobs of a folder to a folder.

        A blob is written to `out`, or under its own name into `out` if that is a folder or `into` is set. Raises
        NotFound if there is neither a blob nor a folder, else as `download_all` does.
        """
        is_file = place.path and not place.path.endswith("/")
        properties = await self._properties(place) if is_file else None
        if properties is not None and not properties.is_folder:
            into = into or await self._wire.call(out.is_dir)
            return await self._download_one(place, properties, out, options, into=into)
        items = await self.items_in(place)
        if not items:
            raise NotFound(f"download of {place}", status=404, detail="there is neither a file nor a folder")
        return await self.download_all(items, out, options, source=str(place))

    async def items_in(self, folder: DatastorePath) -> list[Item]:
        """List the blobs below a folder, except those that only mark a folder."""
        prefix = f"{folder.path.rstrip('/')}/" if folder.path else ""
        sizes = await with_container(self._workspace, partial(_sizes, folder, prefix), folder.datastore)
        if stray := next((name for name in sizes if not name.startswith(prefix)), None):
            detail = f"the listing has {stray!r}, which is not below {prefix!r}"
            raise UnexpectedReply(f"list {folder}", status=200, detail=detail)
        above = {name[:end] for name in sizes for end, letter in enumerate(name) if letter == "/"}
        files = (name for name, size in sizes.items() if size or not (name.endswith("/") or name in above))
        return [Item(name.removeprefix(prefix), DatastorePath(folder.datastore, name)) for name in sorted(files)]

    async def download_all(self, items: Sequence[Item], folder: Path, options: Options, *, source: str) -> Downloaded:
        """Download blobs to their names below a folder.

        All are checked before the first byte is fetched. Raises InvalidInput if a file exists with different content
        and may not be overwritten, UnexpectedReply if a name could lead out of the folder or two map to the same file;
        then nothing was written. Raises as `BlobDownload.run` does if a download fails; earlier files are complete.
        """
        targets = await self._wire.call(partial(targets_below, folder, [item.name for item in items], source))
        pairs = zip(items, targets, strict=True)
        looks = (partial(self._check_item, item, folder, target, options) for item, target in pairs)
        found = await self._wire.gather(looks, limit=options.parallel)
        checked = [one for one in found if one is not None]
        await self._wire.call(partial(_refuse_existing, checked))
        progress = await self._start_progress(checked, options)
        fetched = await self._fetch_all(
            [one for one in checked if not one.is_present], folder, progress, options.parallel
        )
        return Downloaded(path=folder, files=tuple(_file(one, fetched.get(one.goal.target, 0)) for one in checked))

    async def _download_one(
        self, place: DatastorePath, properties: BlobProperties, out: Path, options: Options, *, into: bool
    ) -> Downloaded:
        name = place.path.rpartition("/")[2]
        target = targets_below(out, [name], str(place))[0] if into else out
        is_present = await self._wire.call(partial(_is_present, target, properties))
        goal = DownloadTarget(place=place, properties=properties, target=target, overwrite=options.overwrite)
        checked = _CheckedItem(Item(name, place), goal, is_present)
        await self._wire.call(partial(_refuse_existing, [checked]))
        progress = await self._start_progress([checked], options)
        fetched = 0
        if not is_present:
            await self._wire.call(partial(target.parent.mkdir, parents=True, exist_ok=True))
            fetched = await self._fetch(goal, progress, options.parallel)
        return Downloaded(path=target, files=(_file(checked, fetched),))

    async def _properties(self, place: DatastorePath) -> BlobProperties | None:
        headers = await with_container(self._workspace, lambda container: container.head(place.path), place.datastore)
        return None if headers is None else properties_of(place, headers)

    async def _check_item(self, item: Item, folder: Path, target: Path, options: Options) -> _CheckedItem | None:
        """Check a blob and its local target; return None for one that only marks a folder."""
        properties = await self._properties(item.place)
        if properties is None:
            raise NotFound(f"HEAD {item.place}", status=404, detail="it was listed, but no longer exists")
        if properties.is_folder:
            return None
        await self._wire.call(partial(check_inside, folder, target))
        is_present = await self._wire.call(partial(_is_present, target, properties))
        goal = DownloadTarget(place=item.place, properties=properties, target=target, overwrite=options.overwrite)
        return _CheckedItem(item, goal, is_present)

    async def _start_progress(self, checked: Sequence[_CheckedItem], options: Options) -> ProgressCounter:
        progress = ProgressCounter(self._wire, sum(one.goal.properties.size for one in checked), options.on_progress)
        await progress.add(resumed=sum(one.goal.properties.size for one in checked if one.is_present))
        return progress

    async def _fetch_all(
        self, checked: Sequence[_CheckedItem], folder: Path, progress: ProgressCounter, parallel: int
    ) -> dict[Path, int]:
        """Fetch small blobs concurrently, then each large one in concurrent ranges; return bytes by target."""
        goals = [one.goal for one in checked]
        small = [goal for goal in goals if goal.properties.size <= range_size_for(goal.properties.size)]
        large = [goal for goal in goals if goal.properties.size > range_size_for(goal.properties.size)]
        await self._wire.call(partial(create_folders, folder, [goal.target for goal in goals]))
        fetched = await self._wire.gather((partial(self._fetch, goal, progress, 1) for goal in small), limit=parallel)
        fetched += [await self._fetch(goal, progress, parallel) for goal in large]
        return dict(zip([goal.target for goal in (*small, *large)], fetched, strict=True))

    async def _fetch(self, goal: DownloadTarget, progress: ProgressCounter, parallel: int) -> int:
        return await BlobDownload(self._wire, self._workspace, goal, progress, parallel=parallel).run()


async def _sizes(folder: DatastorePath, prefix: str, container: BlobContainer) -> dict[str, int]:
    """Return the size in bytes of every blob with the prefix, by name."""
    sizes: dict[str, int] = {}
    async for blob in container.list(prefix):
        sizes[blob.name] = blob.size
        if len(sizes) > MOST_FILES:
            raise InvalidInput(f"{folder} has more than {MOST_FILES} files; download its subfolders one by one")
    return sizes


def _is_present(target: Path, properties: BlobProperties) -> bool:
    """Return whether a file has the blob's content."""
    return has_content(target, properties.size, Checksums(properties), properties.modified)


def _refuse_existing(checked: Sequence[_CheckedItem]) -> None:
    """Raise InvalidInput for the first existing file that may not be overwritten."""
    for one in checked:
        if not one.is_present:
            refuse_existing(one.goal.target, overwrite=one.goal.overwrite)


def _file(checked: _CheckedItem, fetched: int) -> DownloadedFile:
    properties, target = checked.goal.properties, checked.goal.target
    return DownloadedFile(
        name=checked.item.name, path=target, size=properties.size, fetched=fetched, proof=properties.proof
    )
