"""Safe local paths for names from the service: no path outside the folder, and no two names for one file."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...core.errors import InvalidInput, UnexpectedReply

LONGEST_PART = 255
"""Maximum length of a file name in UTF-8 bytes (Linux NAME_MAX; macOS and Windows accept at least as many)."""

# Win32 reserves these for devices in every folder, with any extension, and a colon for drives and streams
# (learn.microsoft.com/windows/win32/fileio/naming-a-file). They are rejected on every system, since files are copied.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\..*)?", re.IGNORECASE | re.DOTALL)
_INVALID = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\:]")

Key = tuple[str, ...]


def parts_of(name: str) -> tuple[str, ...]:
    """Split a name at its slashes into the parts of a path below a folder.

    Raises ValueError with the reason for a name that could lead out of the folder, or that a file system would
    interpret differently.
    """
    parts = tuple(name.split("/"))
    for part in parts:
        if why := _problem(part):
            raise ValueError(why)
    return parts


def _problem(part: str) -> str:
    """Return why one part of a path is not a valid file name; empty if it is."""
    if not part:
        return "it begins or ends with a slash, or has two in a row"
    if part in {".", ".."}:
        return f"{part!r} leads to another folder"
    if _INVALID.search(part):
        return "it contains a backslash, a colon or a character that is not printable"
    if part[-1] in " .":
        return "a part of it ends with a dot or a space"
    if _DEVICE.fullmatch(part):
        return f"{part!r} is a device on Windows"
    if len(part.encode()) > LONGEST_PART:
        return f"a part of it is longer than {LONGEST_PART} bytes"
    return ""


def part_beside(target: Path) -> Path:
    """Return the part file of a download: `.NAME.part` next to its target."""
    name = target.name
    if len(name.encode("utf-8", "surrogateescape")) > LONGEST_PART - len("..part.jsonl"):
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        name = f"{name[:40]}-{digest[:16]}"
    return target.with_name(f".{name}.part")


def journal_beside(target: Path) -> Path:
    """Return the journal of a part file, which records its complete ranges."""
    part = part_beside(target)
    return part.with_name(f"{part.name}.jsonl")


def first_collision(names: Iterable[str]) -> tuple[str, str] | None:
    """Return the first two names that map to the same file, or None.

    Names that differ only in case or Unicode composition are one file on many systems; a name may also be another's
    folder, or another's part file or journal. Names must be valid for `parts_of`.
    """
    files: dict[Key, str] = {}
    folders: dict[Key, str] = {}
    for name in names:
        folded = _key(parts_of(name))
        above = [folded[:depth] for depth in range(1, len(folded))]
        taken = [files.get(folder) for folder in above]
        taken += [files.get(key) or folders.get(key) for key in _keys_of(name)]
        if (other := next(filter(None, taken), None)) is not None:
            return other, name
        folders.update(dict.fromkeys(above, name))
        files.update(dict.fromkeys(_keys_of(name), name))
    return None


def _keys_of(name: str) -> list[Key]:
    """Return the keys of a file, its part file and its journal."""
    target = Path(name)
    return [_key(file.parts) for file in (target, part_beside(target), journal_beside(target))]


def _key(parts: Iterable[str]) -> Key:
    return tuple(unicodedata.normalize("NFC", unicodedata.normalize("NFC", part).casefold()) for part in parts)


def targets_below(folder: Path, names: Sequence[str], source: str) -> list[Path]:
    """Return the local path below a folder for each of the service's names.

    Raises UnexpectedReply if one could lead out of the folder or two map to the same file; nothing was written.
    `source` is named in the error.
    """
    for name in names:
        try:
            parts_of(name)
        except ValueError as error:
            raise _refusal(source, f"{name!r} cannot be used as a local file name: {error}") from None
    if (both := first_collision(names)) is not None:
        first, second = both
        raise _refusal(source, f"the names {first!r} and {second!r} map to the same file")
    return [folder.joinpath(*parts_of(name)) for name in names]


def create_folders(folder: Path, targets: Sequence[Path]) -> None:
    """Create the parent folders of the targets; raise InvalidInput if a link among them leads out of the folder."""
    for target in targets:
        check_inside(folder, target)  # before anything is created, and again afterwards
        target.parent.mkdir(parents=True, exist_ok=True)
        check_inside(folder, target)


def check_inside(folder: Path, target: Path) -> None:
    """Raise InvalidInput if a link makes a target's parent lie outside the download folder."""
    if not target.parent.resolve().is_relative_to(folder.resolve()):
        raise InvalidInput(
            f"{str(target)!r} would be written outside {str(folder)!r}: a link leads out of it. Remove the link, or "
            "choose another folder."
        )


def _refusal(source: str, why: str) -> UnexpectedReply:
    return UnexpectedReply(f"list {source}", status=200, detail=why, hint="Nothing was written")
