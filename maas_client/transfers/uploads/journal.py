"""The journal of unfinished uploads, with which another process can resume them: one small file each."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from ...core.errors import FileChanged
from ...core.json_fields import is_object
from ..file_identity import FileIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An unfinished upload: the file's identity, its content hash, its target, and its start (seconds since 1970).

    `workspace` is where it is uploaded to: a workspace's path, or the URL of a Foundry account. There `upload_id` is
    the service's id of the upload, `parts` has the id of each part that was sent, by its number, and the upload
    `expires` (seconds since 1970).
    """

    file: str
    identity: FileIdentity
    sha256: str
    workspace: str
    blob: str
    began: float
    upload_id: str = ""
    parts: Mapping[str, str] = field(default_factory=dict[str, str])
    expires: float | None = None


class Journal:
    """A folder with an entry for each unfinished upload.

    Entries are 0600 in a 0700 folder and contain no secrets. An entry that cannot be written is skipped without harm:
    the next upload reads the file again, and still finds its blocks on the server.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recall(self, file: Path, workspace: str) -> Entry | None:
        """Return the entry of a file's upload to a workspace, if there is one."""
        return _read(self._place(file, workspace))

    def resumable(self, file: Path, workspace: str, identity: FileIdentity) -> Entry | None:
        """Return the entry of an interrupted upload; raise FileChanged, once, if the file is different now."""
        entry = self.recall(file, workspace)
        if entry is not None and (how := entry.identity.differs(identity)):
            raise self.changed(file, workspace, how)
        return entry

    def changed(self, file: Path, workspace: str, how: str) -> FileChanged:
        """Remove the entry of an upload that cannot be resumed, and return the error."""
        self.forget(file, workspace)
        return FileChanged(
            f"{file} is not the file whose upload was interrupted: {how}. Nothing was sent; "
            "upload it again to start over."
        )

    def remember(self, entry: Entry) -> bool:
        """Write an entry atomically; return whether it could be written."""
        place = self._place(Path(entry.file), entry.workspace)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=self._folder, prefix=".", delete=False, encoding="utf-8") as out:
                try:
                    json.dump(asdict(entry), out)
                    out.flush()
                    os.fsync(out.fileno())
                    Path(out.name).replace(place)  # NamedTemporaryFile makes it 0600
                except BaseException:
                    Path(out.name).unlink(missing_ok=True)
                    raise
        except OSError:
            return False
        return True

    def forget(self, file: Path, workspace: str) -> None:
        """Remove the entry of an upload."""
        try:
            self._place(file, workspace).unlink(missing_ok=True)
        except OSError:
            return

    def entries(self) -> Iterator[Entry]:
        """Yield every unfinished upload, oldest first."""
        read = (_read(place) for place in sorted(self._folder.glob("*.json")))
        yield from sorted((entry for entry in read if entry is not None), key=lambda entry: entry.began)

    def _place(self, file: Path, workspace: str) -> Path:
        name = hashlib.sha256(f"{workspace}\n{file.absolute()}".encode("utf-8", "surrogateescape")).hexdigest()
        return self._folder / f"{name[:32]}.json"


def state_folder(environ: Mapping[str, str], home: Path, platform: str = sys.platform) -> Path:
    """Return the journal's folder: below XDG_STATE_HOME or ~/.local/state, on Windows below %LOCALAPPDATA%."""
    chosen = [environ.get("XDG_STATE_HOME", "")]
    usual = home / ".local" / "state"
    if platform == "win32":
        chosen.append(environ.get("LOCALAPPDATA", ""))
        usual = home / "AppData" / "Local"
    root = next((Path(folder) for folder in chosen if Path(folder).is_absolute()), usual)
    return root / "maas_client" / "uploads"


def own_journal() -> Journal:
    """Return the journal of the current user."""
    return Journal(state_folder(os.environ, Path.home()))


def _read(place: Path) -> Entry | None:
    """Read an entry; return None if it is missing or invalid."""
    try:
        if not place.is_file():  # reading a FIFO in its place would never end
            return None
        document: object = json.loads(place.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not is_object(document) or not is_object(document.get("identity")):
        return None
    fields: dict[str, Any] = {name: document[name] for name in Entry.__slots__ if name in document}
    numbers: dict[str, Any] = {name: document["identity"].get(name) for name in FileIdentity.__slots__}
    words = [fields.get(name) for name in ("file", "sha256", "workspace", "blob")]
    words += [fields.get("upload_id", ""), *_values(fields.get("parts", {}))]
    whole = all(isinstance(word, str) for word in words) and all(isinstance(each, int) for each in numbers.values())
    whole = whole and _is_time(fields.get("began")) and _is_time(fields.get("expires") or 0.0)
    read: dict[str, Any] = {**fields, "identity": FileIdentity(**numbers)}
    return Entry(**read) if whole else None


def _values(parts: object) -> list[object]:
    """Return the values of an object, and something else than strings for any other value."""
    return list(parts.values()) if is_object(parts) else [None]


def _is_time(value: object) -> bool:
    return isinstance(value, int | float)
