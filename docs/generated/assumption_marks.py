"""Marks in the code: comments that say what the code takes for granted of Azure without a source.

    # Assumption: an unknown cursor is answered with status 400.
    # Shown wrong by: another status for `after=` with an id that does not exist.
    # Verified by: list files
    # If wrong: the list ends early.

A mark is a comment of its own, right where the code relies on it. A text continues on lines that begin with `#` and
three spaces. `Verified by` names steps of `maas verify`, separated by commas; `If wrong` and `Also in`, the paths of
other modules that rely on it, may be left out.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("maas_client", "mock_server")

REQUIRED = ("Assumption", "Shown wrong by", "Verified by")
KEYS = (*REQUIRED, "If wrong", "Also in")

_KEY = re.compile(r"# (?P<key>[A-Z][a-z]+(?: [a-z]+){0,2}):(?: (?P<text>\S.*))?\Z")
_MORE = re.compile(r"#   (?P<text>\S.*)\Z")
_MEANT = re.compile(r"#\W*(?:assumptions?|assumed|(?:shown|proved) wrong|verified by|if wrong)\b", re.IGNORECASE)
"""A comment that is, or is meant to be, a part of a mark."""


class MarkError(ValueError):
    """A mark that cannot be read, or contradicts another; the message names the file and the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One assumption: where the code makes it, what would show it wrong, and which steps of `maas verify` look."""

    path: str
    line: int
    statement: str
    shown_wrong_by: str
    steps: tuple[str, ...]
    if_wrong: str = ""
    also_in: tuple[str, ...] = ()

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules that rely on it, that of the mark first."""
        return (self.path, *self.also_in)


def marks_in(root: Path, packages: Iterable[str] = PACKAGES) -> tuple[Mark, ...]:
    """Return the marks of all modules below a folder, by package and path.

    Raises MarkError for one that cannot be read, that names a module which does not exist, or that says what another
    one says.
    """
    files = [file for package in packages for file in sorted((root / package).rglob("*.py"))]
    found = [mark for file in files for mark in read(file.relative_to(root).as_posix(), file.read_text("utf-8"))]
    said: dict[str, Mark] = {}
    for mark in found:
        for other in mark.also_in:
            if not (root / other).is_file():
                raise MarkError(f"{mark.path}:{mark.line}: there is no module {other}")
        first = said.setdefault(re.sub(r"\W+", " ", mark.statement).strip().lower(), mark)
        if first is not mark:
            raise MarkError(f"{mark.path}:{mark.line}: {first.path}:{first.line} has the same statement")
    return tuple(found)


def read(path: str, source: str) -> tuple[Mark, ...]:
    """Return the marks of one module; raise MarkError for a comment that is meant to be one and cannot be read."""
    if not any(_MEANT.search(line) for line in source.splitlines()):
        return ()
    return tuple(mark for block in _blocks(path, source) for mark in _marks_of(path, block))


def check_steps(marks: Iterable[Mark], known: Iterable[str]) -> None:
    """Raise MarkError for the first mark that names a step which `maas verify` does not have."""
    names = set(known)
    for mark in marks:
        for step in mark.steps:
            if step not in names:
                raise MarkError(f"{mark.path}:{mark.line}: `maas verify` has no step {step!r}")


def _blocks(path: str, source: str) -> Iterator[list[tuple[int, str]]]:
    """Yield the comments that stand alone, in adjoining lines of one indentation: line number and text."""
    block: list[tuple[int, str]] = []
    column = -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        row, at = token.start
        if token.line[:at].strip():
            if _MEANT.match(token.string):
                raise MarkError(f"{path}:{row}: a mark is a comment of its own, not behind code")
            continue
        if block and (row != block[-1][0] + 1 or at != column):
            yield block
            block = []
        block.append((row, token.string))
        column = at
    if block:
        yield block


def _marks_of(path: str, block: Sequence[tuple[int, str]]) -> Iterator[Mark]:
    """Yield the marks of a block of comments, which has nothing else if it has one."""
    if not any(_MEANT.match(text) for _, text in block):
        return
    line, fields = block[0][0], dict[str, str]()
    key = ""
    for number, text in block:
        if (more := _MORE.match(text)) is not None and key:
            fields[key] += f" {more['text']}"
            continue
        said = _KEY.match(text)
        if said is None or said["key"] not in KEYS:
            raise MarkError(f"{path}:{number}: not a line of a mark, which has {', '.join(KEYS)}: {text[:60]!r}")
        key = said["key"]
        if key == "Assumption" and fields:
            yield _mark(path, line, fields)
            line, fields = number, {}
        if key != "Assumption" and not fields:
            raise MarkError(f"{path}:{number}: a mark begins with `# Assumption:`")
        if key in fields:
            raise MarkError(f"{path}:{number}: {key} is there twice")
        if not said["text"]:
            raise MarkError(f"{path}:{number}: {key} says nothing")
        fields[key] = said["text"]
    yield _mark(path, line, fields)


def _mark(path: str, line: int, fields: dict[str, str]) -> Mark:
    if missing := [key for key in REQUIRED if key not in fields]:
        raise MarkError(f"{path}:{line}: the mark lacks {' and '.join(missing)}")
    for key in ("Assumption", "Shown wrong by", "If wrong"):
        if key in fields and not fields[key].endswith((".", "?")):
            raise MarkError(f"{path}:{line}: {key} does not end with a full stop")
    return Mark(
        path=path,
        line=line,
        statement=fields["Assumption"],
        shown_wrong_by=fields["Shown wrong by"],
        steps=_names(path, line, fields["Verified by"]),
        if_wrong=fields.get("If wrong", ""),
        also_in=_names(path, line, fields["Also in"]) if "Also in" in fields else (),
    )


def _names(path: str, line: int, text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if "" in names or len(set(names)) < len(names):
        raise MarkError(f"{path}:{line}: names are separated by single commas, each once: {text!r}")
    return names
