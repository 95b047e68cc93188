"""Every text that a person may read of the command line, the library and the server, in one listing.

`make messages` prints it, so that the texts can be read through as a whole.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("maas_client", "mock_server")

_SENTENCE = re.compile(r"[A-Za-z]{2,}[,:;.]? [A-Za-z{'\"(]|[A-Za-z}'\")][,:;.]? [a-z]{2,}")
"""Two words, or a word and a value: what a person reads, and not a key, a path or a pattern."""

_CODE = re.compile(
    r"\\[dsSwW]|\(\?|^\s*[.<{]|(?i:\b(?:select|insert|create table|pragma|delete from|update)\b .*\b\w+)"
)
"""Regular expressions, style sheets, markup, queries."""


@dataclass(frozen=True, slots=True)
class Message:
    """A text of the code, with `{expression}` where a value is filled in."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def messages() -> list[Message]:
    """Return the texts of both packages, by file and line."""
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [
        message for path in files for message in of_source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    ]


def of_source(path: str, source: str) -> Iterator[Message]:
    """Yield the texts of one module: strings with words in them, and the docstrings that commands show as help."""
    tree = ast.parse(source)
    skipped = {id(node) for node in _not_shown(tree)}
    found = sorted((node for node in _strings(tree, skipped)), key=lambda node: (node.lineno, node.col_offset))
    for node in found:
        text = " ".join(_text(node).split())
        if _SENTENCE.search(text) and not _CODE.search(text):
            yield Message(path, node.lineno, text)


def _strings(node: ast.AST, skipped: set[int]) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Yield the outermost strings: the parts of an f-string belong to it."""
    for child in ast.iter_child_nodes(node):
        if id(child) in skipped:
            continue
        if isinstance(child, ast.JoinedStr) or (isinstance(child, ast.Constant) and isinstance(child.value, str)):
            yield child
        else:
            yield from _strings(child, skipped)


def _not_shown(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield annotations, descriptions of constants, and docstrings of anything but commands."""
    nodes = list(ast.walk(tree))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    help_texts = {
        id(node.body[0]) for node in functions if any("command(" in ast.unparse(d) for d in node.decorator_list)
    }
    for node in nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and id(node) not in help_texts:
            yield node
        elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            yield node.annotation
    yield from (function.returns for function in functions if function.returns is not None)


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    parts = (
        f"{{{ast.unparse(part.value)}}}" if isinstance(part, ast.FormattedValue) else str(getattr(part, "value", ""))
        for part in node.values
    )
    return "".join(parts)


def main() -> int:
    """Print the listing."""
    for message in messages():
        sys.stdout.write(f"{message}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
