"""What is remembered of uploads that are under way, so that another process can take them up: one small file each."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from ...core.json_fields import is_object
from ..file_identity import FileIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An upload that was begun: the file as it was, its content hash, where it goes, when it began (s since 1970)."""

    file: str
    identity: FileIdentity
    sha256: str
    workspace: str
    blob: str
    began: float


class Journal:
    """A folder with an entry for each upload that was begun and not committed.

    Entries are 0600 in a 0700 folder and hold no secret. What cannot be written is not remembered, and harms nothing:
    the next upload reads the file once more, and still finds its blocks at the server.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recall(self, file: Path, workspace: str) -> Entry | None:
        """Return what is remembered of a file's upload to a workspace."""
        return _read(self._place(file, workspace))

    def remember(self, entry: Entry) -> bool:
        """Write an entry, whole or not at all; say whether it could be written."""
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
        """Remove what is remembered of an upload."""
        try:
            self._place(file, workspace).unlink(missing_ok=True)
        except OSError:
            return

    def entries(self) -> Iterator[Entry]:
        """Yield every upload that was begun and not committed, the oldest first."""
        read = (_read(place) for place in sorted(self._folder.glob("*.json")))
        yield from sorted((entry for entry in read if entry is not None), key=lambda entry: entry.began)

    def _place(self, file: Path, workspace: str) -> Path:
        name = hashlib.sha256(f"{workspace}\n{file.absolute()}".encode("utf-8", "surrogateescape")).hexdigest()
        return self._folder / f"{name[:32]}.json"


def state_folder(environ: Mapping[str, str], home: Path) -> Path:
    """Return where uploads are remembered (XDG base directories: XDG_STATE_HOME, else ~/.local/state)."""
    base = environ.get("XDG_STATE_HOME", "")
    root = Path(base) if base and Path(base).is_absolute() else home / ".local" / "state"
    return root / "maas_client" / "uploads"


def own_journal() -> Journal:
    """Return the journal of whoever runs this process."""
    return Journal(state_folder(os.environ, Path.home()))


def _read(place: Path) -> Entry | None:
    """Read an entry; what is not there, or is none, counts as nothing."""
    try:
        if not place.is_file():  # a FIFO in its place would never be read to its end
            return None
        document: object = json.loads(place.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not is_object(document) or not is_object(document.get("identity")):
        return None
    fields: dict[str, Any] = {name: document.get(name) for name in Entry.__slots__}
    numbers: dict[str, Any] = {name: document["identity"].get(name) for name in FileIdentity.__slots__}
    words = [fields[name] for name in ("file", "sha256", "workspace", "blob")]
    whole = all(isinstance(word, str) for word in words) and all(isinstance(each, int) for each in numbers.values())
    read: dict[str, Any] = {**fields, "identity": FileIdentity(**numbers)}
    return Entry(**read) if whole and _is_time(fields["began"]) else None


def _is_time(value: object) -> bool:
    return isinstance(value, int | float)
