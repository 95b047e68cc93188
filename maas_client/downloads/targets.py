"""Where files go: below a folder and never out of it, each in a place of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..core.errors import InvalidInput, UnexpectedReply
from ..transfers.downloads.safe_paths import meeting, parts_of


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
