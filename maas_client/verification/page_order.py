"""Pages of a listing: each has what no page before it had, and no more than was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..core.json_fields import Document, is_array, is_object, part, text
from .seen import Seen
from .step_context import Violation

REPEATED, TOO_LONG, ENDLESS = "repeated page", "longer page", "listing without an end"
"""Kinds of these differences."""

_KEYS = ("value", "data", "nodes")
_IDS = ("id", "nodeId", "runId", "name")
_LIMITS = ("limit", "$top")


class PageOrder:
    """Remembers what the pages of each listing had."""

    def __init__(self) -> None:
        self._had: dict[tuple[str, str, str], frozenset[str]] = {}
        self._following: set[str] = set()

    def see(self, one: Seen) -> Iterator[Violation]:
        """Yield that a page repeats others, or has more than was asked for."""
        page = part(one.answer)
        key = next((name for name in _KEYS if is_array(page.get(name))), "")
        if one.operation.method != "GET" or one.status != 200 or not key:
            return
        items = [item for item in page[key] if is_object(item)]
        most = next((one.query[name] for name in _LIMITS if one.query.get(name, "").isdecimal()), "")
        if most and len(items) > int(most):
            yield Violation(one.step, f"/{key}", f"at most {most} items", "more", TOO_LONG, one.operation.name)
        if page.get("has_more") is True and not items:
            yield Violation(one.step, "/has_more", "false on an empty page", "true", ENDLESS, one.operation.name)
        name, ids = _identified(items)
        listing = (one.step, one.operation.name, one.path)
        before = self._had.get(listing, frozenset()) if self._is_following(one) else frozenset[str]()
        if ids and ids <= before:
            expected, where = "what no page before had", f"/{key}/*/{name}"
            yield Violation(one.step, where, expected, "the same again", REPEATED, one.operation.name)
        self._had[listing] = before | ids
        if link := text(page, "nextLink"):
            self._following.add(link)

    def _is_following(self, one: Seen) -> bool:
        return "after" in one.query or one.url in self._following


def _identified(items: Sequence[Document]) -> tuple[str, frozenset[str]]:
    name = next((name for name in _IDS if any(text(item, name) for item in items)), "")
    return name, frozenset(text(item, name) for item in items) if name else frozenset()
