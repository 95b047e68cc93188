"""What may be shared of a report: every name that was seen in a URL or the settings becomes a placeholder."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..core.redaction import redact
from ..recording.public_words import is_public
from ..recording.redactor import Redactor

if TYPE_CHECKING:
    from ..settings_choice import AnySettings

SHORTEST = 3
"""Characters of a name that is looked for within a text; a shorter one is part of too many words."""

_KINDS = {
    "subscription_id": "subscription",
    "resource_group": "group",
    "workspace": "workspace",
    "account": "account",
    "project": "project",
}


class Sharing:
    """Replaces names in texts by placeholders, the same name by the same one, such as `workspace-1`."""

    def __init__(self, settings: AnySettings, urls: Iterable[str]) -> None:
        self._redactor = Redactor()
        for field, kind in _KINDS.items():
            if value := getattr(settings, field, ""):
                self._redactor.table.of(kind, value)
        for address in (settings.endpoint, getattr(settings, "account_url", "")):
            if host := urlsplit(address).hostname:
                self._redactor.table.of("host", host)
        for url in urls:
            self._redactor.url(url)
        self._patterns = [
            (re.compile(rf"(?<![A-Za-z0-9_]){re.escape(original)}(?![A-Za-z0-9_])", re.IGNORECASE), placeholder)
            for original, placeholder in self._redactor.table.originals()
            if len(original) >= SHORTEST and not is_public(original)
        ]

    def text(self, text: str) -> str:
        """Return a text without names and secrets."""
        for pattern, placeholder in self._patterns:
            text = pattern.sub(placeholder, text)
        return redact(text)
