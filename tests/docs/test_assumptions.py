"""The marks of assumptions in the code, and the page that is generated from them."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from maas_client.verification.steps import STEPS

ROOT = Path(__file__).parents[2]
PACKAGES = ("maas_client", "mock_server")

MARK = """\
# Assumption: a list is answered with the newest first,
#   whatever is asked for.
# Shown wrong by: another order.
# Verified by: list jobs, list data
# If wrong: older ones are shown.
"""

NOT_KNOWN = re.compile(r"(?i)#.*\b(?:undocumented|not documented|presumably|probably|guess|no source)\b")
"""A comment that says that nobody knows."""

Module = Any  # docs/ is no package


@pytest.fixture
def marks(monkeypatch: pytest.MonkeyPatch) -> Module:
    """Return the module that reads marks."""
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    return importlib.import_module("generated.assumption_marks")


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Module:
    """Return the module that writes the page."""
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    return importlib.import_module("generated.assumptions")


def tree(folder: Path, **files: str) -> Path:
    """Write modules below a folder; `__` in a name is a slash."""
    for name, source in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, "utf-8")
    return folder


def test_the_page_is_what_the_marks_say(marks: Module, pages: Module) -> None:
    """`make assumptions` writes it."""
    assert (ROOT / "docs" / "assumptions.md").read_text("utf-8") == pages.page(marks.marks_in(ROOT))


def test_each_mark_names_a_step_of_a_verification(marks: Module) -> None:
    found = marks.marks_in(ROOT)
    names = {step.name for step in STEPS}
    assert [mark for mark in found if not mark.steps or not names.issuperset(mark.steps)] == []
    assert {mark.path.partition("/")[0] for mark in found} == set(PACKAGES)


def test_each_surface_and_level_has_assumptions(marks: Module) -> None:
    named = {name for mark in marks.marks_in(ROOT) for name in mark.steps}
    looked_at = {(step.surface, step.level) for step in STEPS if step.name in named}
    assert looked_at == {(step.surface, step.level) for step in STEPS}


def test_a_module_with_a_comment_on_the_unknown_has_a_mark(marks: Module) -> None:
    marked = {module for mark in marks.marks_in(ROOT) for module in mark.modules}
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    unknown = {file.relative_to(ROOT).as_posix() for file in files if NOT_KNOWN.search(file.read_text("utf-8"))}
    assert unknown
    assert unknown - marked == set()


def test_a_mark_is_seen_in_every_folder_of_both_packages(marks: Module, tmp_path: Path) -> None:
    folders = {file.parent for package in PACKAGES for file in (ROOT / package).rglob("*.py")}
    for number, folder in enumerate(sorted(folders)):
        copy = tmp_path / folder.relative_to(ROOT)
        copy.mkdir(parents=True)
        planted = (
            f"def each():\n    {MARK.replace('a list', f'list {number}').replace('#', '    #').strip()}\n    pass\n"
        )
        (copy / "planted.py").write_text(planted, "utf-8")
    found = marks.marks_in(tmp_path)
    assert len(folders) > 30
    assert {Path(mark.path).parent for mark in found} == {folder.relative_to(ROOT) for folder in folders}


def test_every_line_of_a_mark_is_read(marks: Module) -> None:
    source = f"VALUE = 1\n\n{MARK}# Also in: maas_client/b.py\nOTHER = 2\n"
    (mark,) = marks.read("maas_client/a.py", source)
    assert (mark.path, mark.line) == ("maas_client/a.py", 3)
    assert mark.statement == "a list is answered with the newest first, whatever is asked for."
    assert mark.shown_wrong_by == "another order."
    assert mark.steps == ("list jobs", "list data")
    assert mark.if_wrong == "older ones are shown."
    assert mark.modules == ("maas_client/a.py", "maas_client/b.py")


def test_two_marks_may_adjoin(marks: Module) -> None:
    found = marks.read("a.py", f"{MARK}{MARK.replace('newest', 'oldest')}")
    assert [mark.line for mark in found] == [1, 6]


def test_what_looks_like_a_mark_in_a_text_is_none(marks: Module) -> None:
    assert marks.read("a.py", f'TEXT = """\n{MARK}"""\n') == ()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (MARK.replace("# Verified by: list jobs, list data\n", ""), "a.py:1: the mark lacks Verified by"),
        (MARK.replace("# Shown wrong by: another order.\n", ""), "a.py:1: the mark lacks Shown wrong by"),
        (MARK.replace("list jobs, list data", ""), "a.py:4: not a line of a mark"),
        (MARK.replace("list jobs, list data", "list jobs,, list data"), "a.py:1: names are separated by single commas"),
        (MARK.replace("list jobs, list data", "list jobs, list jobs"), "a.py:1: names are separated by single commas"),
        (MARK.replace("Verified by", "Verified with"), "a.py:4: not a line of a mark"),
        (MARK.replace("Assumption:", "Assumption"), "a.py:1: not a line of a mark"),
        (MARK.replace("Assumption:", "Assumptions:"), "a.py:1: not a line of a mark"),
        (MARK.replace("# Assumption", "#Assumption"), "a.py:1: not a line of a mark"),
        (MARK.replace("# Assumption", "# assumption"), "a.py:1: not a line of a mark"),
        (MARK.replace("#   whatever", "# whatever"), "a.py:2: not a line of a mark"),
        (MARK.replace("another order.", "another order"), "a.py:1: Shown wrong by does not end with a full stop"),
        (MARK + "# Shown wrong by: nothing.\n", "a.py:6: Shown wrong by is there twice"),
        (MARK + "# Price: free\n", "a.py:6: not a line of a mark"),
        (MARK + "# and more\n", "a.py:6: not a line of a mark"),
        ("\n# Shown wrong by: another order.\n", "a.py:2: a mark begins with `# Assumption:`"),
        ("VALUE = 1  # Assumption: it is.\n", "a.py:1: a mark is a comment of its own"),
        ("VALUE = 1  # assumed\n", "a.py:1: a mark is a comment of its own"),
        ("# We assume that it is.\n# Assumed: it is.\n", "a.py:1: not a line of a mark"),
    ],
)
def test_a_mark_that_cannot_be_read_is_an_error(marks: Module, source: str, message: str) -> None:
    with pytest.raises(marks.MarkError, match=f"^{re.escape(message)}"):
        marks.read("a.py", source)


def test_two_marks_with_one_statement_are_an_error(marks: Module, tmp_path: Path) -> None:
    again = MARK.replace("a list is", "A list is")
    tree(tmp_path, maas_client__a=MARK, mock_server__b=f"\n{again}")
    with pytest.raises(marks.MarkError, match=r"mock_server/b.py:2: maas_client/a.py:1 has the same statement"):
        marks.marks_in(tmp_path)


def test_a_module_that_there_is_not_is_an_error(marks: Module, tmp_path: Path) -> None:
    tree(tmp_path, maas_client__a=f"{MARK}# Also in: mock_server/b.py\n")
    with pytest.raises(marks.MarkError, match=r"maas_client/a.py:1: there is no module mock_server/b.py"):
        marks.marks_in(tmp_path)


def test_a_step_that_there_is_not_is_an_error(marks: Module, pages: Module) -> None:
    found = marks.read("a.py", MARK.replace("list data", "guess"))
    with pytest.raises(marks.MarkError, match=r"a.py:1: `maas verify` has no step 'guess'"):
        pages.page(found)
