"""Placeholders of a recording, and what each stands for in a replay."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase

KINDS = (
    "account checkpoint component compute container data datastore deployment endpoint etag experiment file group "
    "header host id job key model name project region registry subscription tag tenant text token upload user version "
    "webhook workspace"
)
"""What placeholders are called: `KIND-N`."""
PLACEHOLDER = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(KINDS.split())})-\d{{1,9}}(?![A-Za-z0-9])")
LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True)
class Bindings:
    """What the placeholders stand for so far; each keeps its first value."""

    values: Mapping[str, str] = field(default_factory=dict[str, str])

    def with_value(self, placeholder: str, value: str) -> "Bindings":
        """Return bindings in which a placeholder has a value, unless it has one."""
        return self if placeholder in self.values else Bindings({**self.values, placeholder: value})

    def with_seen(self, placeholders: Iterator[str]) -> "Bindings":
        """Return bindings in which placeholders that were sent as they are stand for themselves."""
        new = {placeholder: placeholder for placeholder in placeholders if placeholder not in self.values}
        return Bindings({**self.values, **new}) if new else self


def filled(template: str, bindings: Bindings) -> str:
    """Return a recorded text with the values of its placeholders; one without a value stays."""
    return PLACEHOLDER.sub(lambda found: bindings.values.get(found[0], found[0]), template)


def unified(template: str, given: str, bindings: Bindings) -> Bindings | None:
    """Return the bindings with which a recorded text is a given one; None if it cannot be.

    Args:
        template: the recorded text; apart from its placeholders, case does not count.
        given: the text of a request.
        bindings: what the placeholders stand for so far.
    """
    at, end = 0, len(given)
    pieces = list(_pieces(template))
    for index, (literal, placeholder) in enumerate(pieces):
        if not _has_at(given, at, literal):
            return None
        at += len(literal)
        if not placeholder:
            break
        following, is_last = pieces[index + 1][0], index + 2 == len(pieces)
        known = bindings.values.get(placeholder)
        if known is not None:
            if not _has_at(given, at, known):
                return None
            at += len(known)
            continue
        stop = end - len(following) if is_last else _lower(given).find(_lower(following), at + 1)
        if stop <= at:
            return None
        bindings = bindings.with_value(placeholder, given[at:stop])
        at = stop
    return bindings if at == end else None


def _pieces(template: str) -> Iterator[tuple[str, str]]:
    """Yield each literal with the placeholder that follows it; the last has none."""
    at = 0
    for found in PLACEHOLDER.finditer(template):
        yield template[at : found.start()], found[0]
        at = found.end()
    yield template[at:], ""


def _has_at(given: str, at: int, literal: str) -> bool:
    return _lower(given[at : at + len(literal)]) == _lower(literal)


def _lower(text: str) -> str:
    """Lower the letters of ASCII only, so that positions stay as they are."""
    return text.translate(LOWER)
