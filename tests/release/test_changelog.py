"""A release's notes are cut out of the changelog, and its tag has to agree with the code."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from release.__main__ import main
from release.changelog import ReleaseError, check_tag, cut, notes, versions

DAY = date(2026, 12, 1)
HEAD = "# Changelog\n\nAll notable changes.\n\n"
FIRST = "## [0.1.0] - 2026-10-01\n\n### Added\n\n- The first.\n"
CHANGES = "### Fixed\n\n- A wait ends.\n"
CHANGELOG = f"{HEAD}## [Unreleased]\n\nTo become 0.2.0.\n\n{CHANGES}\n{FIRST}"
ROOT = Path(__file__).parents[2]


def test_cutting_moves_the_changes_under_the_version() -> None:
    assert cut(CHANGELOG, "0.2.0", DAY) == f"{HEAD}## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n{CHANGES}\n{FIRST}"


def test_the_first_version_is_cut_from_the_changelog_itself() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    done = cut(changelog, "9.9.9", DAY)
    assert versions(done) == ["9.9.9", *versions(changelog)]
    assert notes(done, "9.9.9") == notes(changelog, "9.9.9")
    assert "To become" not in notes(done, "9.9.9")


def test_the_notes_of_a_version_are_its_section_alone() -> None:
    done = cut(CHANGELOG, "0.2.0", DAY)
    assert (notes(done, "0.2.0"), notes(done, "0.1.0")) == (CHANGES, "### Added\n\n- The first.\n")


def test_the_notes_before_the_cut_are_the_unreleased_changes() -> None:
    assert notes(CHANGELOG, "0.2.0") == CHANGES


@pytest.mark.parametrize(
    ("version", "changelog", "why"),
    [
        ("0.1.0", CHANGELOG, "has a section for 0.1.0 already"),
        ("v0.2.0", CHANGELOG, "is not a version"),
        ("0.2.0", f"{HEAD}## [Unreleased]\n\n{FIRST}", "nothing to release"),
        ("0.2.0", f"{HEAD}{FIRST}", "nothing to release"),
    ],
)
def test_what_cannot_be_cut_is_refused(version: str, changelog: str, why: str) -> None:
    with pytest.raises(ReleaseError, match=why):
        cut(changelog, version, DAY)


def test_notes_of_nothing_are_refused() -> None:
    with pytest.raises(ReleaseError, match=r"says nothing of 0\.2\.0"):
        notes(f"{HEAD}{FIRST}", "0.2.0")


def test_a_tag_names_the_version_of_the_code_that_was_cut() -> None:
    check_tag("v0.1.0", "0.1.0", CHANGELOG)
    with pytest.raises(ReleaseError, match=r"the tag must be v0\.1\.0"):
        check_tag("v0.2.0", "0.1.0", CHANGELOG)
    with pytest.raises(ReleaseError, match=r"no section for 0\.2\.0: run `python -m release cut`"):
        check_tag("v0.2.0", "0.2.0", CHANGELOG)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "maas_client").mkdir()
    (tmp_path / "maas_client" / "_version.py").write_text('"""The version."""\n\n__version__ = "0.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    return tmp_path


def test_a_release_is_prepared_by_commands(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tag", "v0.2.0"], project) == 1
    assert "no section for 0.2.0" in capsys.readouterr().err
    assert main(["cut"], project) == 0
    assert main(["tag", "v0.2.0"], project) == 0
    assert main(["notes"], project) == 0
    assert capsys.readouterr().out == CHANGES
    assert main(["cut"], project) == 1


def test_checksums_are_those_that_sha256sum_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("b.whl", "a.tar.gz", "notes.md"):
        (tmp_path / name).write_text(name)
    assert main(["checksums", str(tmp_path)]) == 0
    expected = [f"{hashlib.sha256(name.encode()).hexdigest()}  {name}" for name in ("a.tar.gz", "b.whl")]
    assert capsys.readouterr().out.splitlines() == expected


def test_an_unknown_command_prints_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upload"]) == 2
    assert "python -m release cut" in capsys.readouterr().err
