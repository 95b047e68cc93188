"""The files that exports take from this package as they are: chat templates and scripts."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def chat_template(name: str) -> str:
    """Return one of our chat templates: the model's own, with marks around the words of the assistant."""
    return (_HERE / "chat_templates" / f"{name}.jinja").read_text("utf-8")


def script(name: str) -> str:
    """Return a script of an export. It is stored as text, since it runs where this package is not installed."""
    return (_HERE / "scripts" / f"{name}.txt").read_text("utf-8")
