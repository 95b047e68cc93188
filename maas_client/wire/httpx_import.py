"""Import of httpx and httpcore without httpx's command line."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def _without_its_command_line() -> Generator[None]:
    """Import httpx as if its command line were not installed.

    With click installed, `import httpx` also imports click, rich and pygments for a command that is not used here:
    130 ms become 340. An empty module in its place makes httpx take the branch for a missing command line.
    """
    name = "httpx._main"
    if name in sys.modules or "httpx" in sys.modules:
        yield
        return
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]


with _without_its_command_line():
    import httpcore as httpcore  # exported, like httpx: this package imports both from here
    import httpx as httpx
