"""Cut a version out of CHANGELOG.md. Nothing here reads or writes a file."""

from __future__ import annotations

import re
from datetime import date

UNRELEASED = "## [Unreleased]"
_HEADING = re.compile(r"^## \[(?P<version>[^\]]+)\](?: - (?P<day>\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?")
_REMARK = re.compile(r"\ATo become [^\n]*\n+")
"""What the section says of a version that is not out yet."""


class ReleaseError(Exception):
    """The changelog, the tag and the version do not fit together."""


def cut(changelog: str, version: str, day: date) -> str:
    """Return the changelog with its unreleased section as a version of that day, and an empty one above it.

    Raises:
        ReleaseError: nothing is unreleased, the version is there already, or it is not a version.
    """
    if not _VERSION.fullmatch(version):
        raise ReleaseError(f"{version!r} is not a version such as 0.2.0 or 0.2.0rc1")
    if version in versions(changelog):
        raise ReleaseError(f"CHANGELOG.md has a section for {version} already: raise the version in _version.py")
    entries = _section(changelog, "Unreleased")
    if not entries:
        raise ReleaseError("CHANGELOG.md has nothing under [Unreleased]: there is nothing to release")
    before, _, _ = changelog.partition(UNRELEASED)
    after = changelog[changelog.index(UNRELEASED) + len(UNRELEASED) :]
    rest = after[following.start() :] if (following := _HEADING.search(after)) else ""
    return f"{before}{UNRELEASED}\n\n## [{version}] - {day}\n\n{entries}\n" + (f"\n{rest}" if rest else "")


def notes(changelog: str, version: str) -> str:
    """Return what changed in a version: its section, or the unreleased one if it is not cut yet."""
    entries = _section(changelog, version if version in versions(changelog) else "Unreleased")
    if not entries:
        raise ReleaseError(f"CHANGELOG.md says nothing of {version}, and nothing under [Unreleased]")
    return f"{entries}\n"


def check_tag(tag: str, version: str, changelog: str) -> None:
    """Raise ReleaseError unless a tag names the version of the code, and the changelog has been cut for it."""
    if tag != f"v{version}":
        raise ReleaseError(f"the tag is {tag}, but the version of the code is {version}: the tag must be v{version}")
    if version not in versions(changelog):
        raise ReleaseError(f"CHANGELOG.md has no section for {version}: run `python -m release cut`")


def versions(changelog: str) -> list[str]:
    """Return the versions that have a section, newest first."""
    return [match["version"] for match in _HEADING.finditer(changelog) if match["version"] != "Unreleased"]


def _section(changelog: str, version: str) -> str:
    headings = list(_HEADING.finditer(changelog))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        if heading["version"] == version:
            end = following.start() if following else len(changelog)
            return _REMARK.sub("", changelog[heading.end() : end].strip())
    return ""
