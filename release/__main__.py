"""Prepare a release: `python -m release cut | notes | tag TAG | checksums FOLDER`.

`cut` gives the unreleased changes in CHANGELOG.md the version of the code and today's date. `notes` prints what
changed in this version. `tag` fails unless the tag, the version and the changelog agree. `checksums` prints the SHA-256
of each file.
"""

from __future__ import annotations

import hashlib
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from release.changelog import ReleaseError, check_tag, cut, notes

ROOT = Path(__file__).parents[1]


def version(root: Path) -> str:
    """Return the version of the code, without importing it."""
    text = (root / "maas_client" / "_version.py").read_text("utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if found is None:
        raise ReleaseError("maas_client/_version.py has no line __version__ = …")
    return found[1]


def checksums(folder: Path) -> str:
    """Return a line per file of a folder, as `sha256sum --check` reads it."""
    files = sorted(path for path in folder.iterdir() if path.suffix in (".whl", ".gz", ".json"))
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Do what the arguments say and return the exit code."""
    file = root / "CHANGELOG.md"
    try:
        changelog = file.read_text("utf-8")
        match arguments:
            case ["cut"]:
                file.write_text(cut(changelog, version(root), datetime.now(UTC).date()), "utf-8")
            case ["notes"]:
                print(notes(changelog, version(root)), end="")
            case ["tag", tag]:
                check_tag(tag, version(root), changelog)
            case ["checksums", folder]:
                print(checksums(Path(folder)), end="")
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
