"""The tables of the mock server for tests: pytest fixtures, fields of a fault, operations, charges of the verdict."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from types import ModuleType

from maas_client import testing
from mock_server import plugin
from mock_server.faults.fields import FIELDS
from mock_server.journal.verdict import CHECKS
from mock_server.surfaces.operation_names import OPERATIONS

USE = (
    "What the pytest fixtures offer, and what the mock server can be set to do; "
    "[Test without Azure](offline-testing.md) shows it in use."
)
FAULTS = "For `maas_faults.add(...)`, `Server.fault(...)` and `POST /_mock/faults`. Defaults are in parentheses."
NAMES = (
    "What the field `operation` of a fault names, and the journal (`maas_server.requests()`). `*` is a wildcard, as in "
    "`jobs.*`."
)
CHARGES = "For `maas_verdict.charges` and `maas_verdict.allow(...)`."


def page() -> str:
    """Return the page."""
    operations = ((f"`{name}`", _first(handler)) for name, handler in OPERATIONS.items())
    parts = [
        ("# Fixtures, faults and charges", USE),
        ("## Fixtures", _table(("fixture", "what it does"), ((f"`{name}`", what) for name, what in fixtures()))),
        ("## Fields of a fault", FAULTS, *_fields()),
        ("## Operations", NAMES, _table(("operation", "what it does"), operations)),
        ("## Charges", CHARGES, _table(("charge", "what"), ((f"`{name}`", because) for name, because, _ in CHECKS))),
    ]
    return "\n\n".join(text for part in parts for text in part) + "\n"


def fixtures() -> Iterator[tuple[str, str]]:
    """Return each fixture with what it does, those of the client first."""
    for module in (testing, plugin):
        yield from _fixtures_of(module)


def _fixtures_of(module: ModuleType) -> Iterator[tuple[str, str]]:
    for name, value in vars(module).items():
        # pytest 8.4 made fixtures objects of a private class; before, they were marked functions.
        if type(value).__name__ == "FixtureFunctionDefinition" or hasattr(value, "_pytestfixturefunction"):
            yield name, _first(value)


def _fields() -> Iterator[str]:
    for group in dict.fromkeys(field.group for field in FIELDS.values()):
        rows = ((f"`{name}`", one.accepts, one.meaning) for name, one in FIELDS.items() if one.group == group)
        yield f"**{group[0].upper()}{group[1:]}**"
        yield _table(("field", "value", "meaning"), rows)


def _first(value: object) -> str:
    """Return the first paragraph of a docstring, on one line."""
    return " ".join((inspect.getdoc(value) or "").split("\n\n")[0].split())


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    """Escape what would end a cell or begin emphasis."""
    return text.replace("|", "\\|").replace(" * ", " \\* ")
