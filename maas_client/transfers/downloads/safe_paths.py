"""Names from the service as paths below a folder: which may become one, and which two would meet in one file."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...core.errors import InvalidInput, UnexpectedReply

LONGEST_PART = 255
"""Bytes in UTF-8 of a file's name (Linux NAME_MAX; macOS and Windows take no fewer)."""

# Win32 gives these to devices in every folder, with any extension, and a colon to drives and streams
# (learn.microsoft.com/windows/win32/fileio/naming-a-file). They are refused everywhere: files travel.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\..*)?", re.IGNORECASE | re.DOTALL)
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\:]")

Key = tuple[str, ...]


def parts_of(name: str) -> tuple[str, ...]:
    """Take a name with slashes apart into the parts of a path below a folder.

    Raises ValueError, which says why, for a name that could lead out of the folder, or that some file system would
    take for something else.
    """
    parts = tuple(name.split("/"))
    for part in parts:
        if why := _complaint(part):
            raise ValueError(why)
    return parts


def _complaint(part: str) -> str:
    """Say what is wrong with one part of a path; nothing when it may be a file's name."""
    if not part:
        return "it begins or ends with a slash, or has two in a row"
    if part in {".", ".."}:
        return f"{part!r} leads to another folder"
    if _UNFIT.search(part):
        return "it holds a backslash, a colon, or what cannot be printed"
    if part[-1] in " .":
        return "a part of it ends with a dot or a space"
    if _DEVICE.fullmatch(part):
        return f"{part!r} is a device on Windows"
    if len(part.encode()) > LONGEST_PART:
        return f"a part of it is longer than {LONGEST_PART} bytes"
    return ""


def part_beside(target: Path) -> Path:
    """Return the file that a download is written into until it is whole: `.NAME.part` beside its target."""
    name = target.name
    if len(name.encode("utf-8", "surrogateescape")) > LONGEST_PART - len("..part.jsonl"):
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        name = f"{name[:40]}-{digest[:16]}"
    return target.with_name(f".{name}.part")


def journal_beside(target: Path) -> Path:
    """Return the file of notes about the part: which ranges of it are finished."""
    part = part_beside(target)
    return part.with_name(f"{part.name}.jsonl")


def meeting(names: Iterable[str]) -> tuple[str, str] | None:
    """Return the first two names that would meet in one file, or None.

    Names that differ in case, or in how a letter is composed, are one file on many systems; a name may be a file and
    another's folder; and it may be that under which another is still under way. Names are such as `parts_of` takes.
    """
    files: dict[Key, str] = {}
    folders: dict[Key, str] = {}
    for name in names:
        folded = _key(parts_of(name))
        above = [folded[:depth] for depth in range(1, len(folded))]
        taken = [files.get(folder) for folder in above]
        taken += [files.get(key) or folders.get(key) for key in _own(name)]
        if (other := next(filter(None, taken), None)) is not None:
            return other, name
        folders.update(dict.fromkeys(above, name))
        files.update(dict.fromkeys(_own(name), name))
    return None


def _own(name: str) -> list[Key]:
    """The keys of a file, and of the two that stand beside it while it is under way."""
    target = Path(name)
    return [_key(file.parts) for file in (target, part_beside(target), journal_beside(target))]


def _key(parts: Iterable[str]) -> Key:
    return tuple(unicodedata.normalize("NFC", unicodedata.normalize("NFC", part).casefold()) for part in parts)


def targets_below(folder: Path, names: Sequence[str], source: str) -> list[Path]:
    """Return the path below a folder that each of the service's names becomes.

    Raises UnexpectedReply, and nothing was written, when one could lead out of the folder, or when two would meet in
    one file. `source` says in the error what the names are of.
    """
    for name in names:
        try:
            parts_of(name)
        except ValueError as error:
            raise _refusal(source, f"the name {name!r} cannot be that of a file here: {error}") from None
    if (both := meeting(names)) is not None:
        first, second = both
        raise _refusal(source, f"the names {first!r} and {second!r} would meet in one file")
    return [folder.joinpath(*parts_of(name)) for name in names]


def make_room(folder: Path, targets: Sequence[Path]) -> None:
    """Make the folders that the targets stand in; raise InvalidInput when a link among them leads out of the folder."""
    for target in targets:
        check_inside(folder, target)  # before anything is made, and again with what is there then
        target.parent.mkdir(parents=True, exist_ok=True)
        check_inside(folder, target)


def check_inside(folder: Path, target: Path) -> None:
    """Raise InvalidInput when a link leads a target's folder out of the folder that all goes to."""
    if not target.parent.resolve().is_relative_to(folder.resolve()):
        raise InvalidInput(
            f"{str(target)!r} would not be written in {str(folder)!r}: a link leads out of it. Remove the link, or "
            "name another folder."
        )


def _refusal(source: str, why: str) -> UnexpectedReply:
    return UnexpectedReply(f"list {source}", status=200, detail=why, hint="Nothing was written")
