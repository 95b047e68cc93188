"""Placeholders of a recording, and what each stands for in a replay."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase

KINDS = (
    "account checkpoint component compute container data datastore deployment endpoint etag experiment file group "
    "header host id job key model name project region registry subscription tag tenant text token upload user version "
    "webhook workspace"
)
"""What placeholders are called: `KIND-N`."""
PLACEHOLDER = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(KINDS.split())})-\d{{1,9}}(?![A-Za-z0-9])")
LONGEST_SCOPE = 20
LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


SCOPES = ("subscriptions", "resourcegroups", "workspaces", "accounts", "projects")
"""Segments before the name of a place. A program's settings choose it, while its code chooses the other names.

The same name, such as that of a project and of a deployment in it, has one placeholder in a recording, and may be two
names in a replay: a place is therefore bound by itself.
"""


@dataclass(frozen=True, slots=True)
class Bindings:
    """What the placeholders stand for so far; each keeps its first value.

    Args:
        values: by placeholder; that of a place has its scope before it.
        as_recorded: those that a client has seen as they were recorded, and which therefore stand for themselves.
    """

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    as_recorded: frozenset[str] = frozenset()

    def with_value(self, placeholder: str, value: str) -> "Bindings":
        """Return bindings in which a placeholder has a value, unless it has one."""
        return self if placeholder in self.values else replace(self, values={**self.values, placeholder: value})

    def with_seen(self, placeholders: Iterable[str]) -> "Bindings":
        """Return bindings in which placeholders that were sent as they are stand for themselves."""
        new = {key: key.rpartition(":")[2] for key in placeholders if key not in self.values}
        return Bindings({**self.values, **new}, self.as_recorded | new.keys()) if new else self

    def meaning_of(self, key: str) -> str | None:
        """Return what is written for a placeholder: its own value, else that of another use of it; None without one."""
        plain = key.rpartition(":")[2]
        keys = (key, plain, *(f"{scope}:{plain}" for scope in SCOPES))
        return next((self.values[each] for each in keys if each in self.values), None)


def placeholders_in(template: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each placeholder of a recorded text with its key, which has its scope before it."""
    for found in PLACEHOLDER.finditer(template):
        yield found, _key(template[: found.start()], found[0])


def filled(template: str, bindings: Bindings) -> str:
    """Return a recorded text with the values of its placeholders; one without a value stays."""
    written, at = list[str](), 0
    for found, key in placeholders_in(template):
        meaning = bindings.meaning_of(key)
        written += [template[at : found.start()], found[0] if meaning is None else meaning]
        at = found.end()
    return "".join([*written, template[at:]])


def unified(template: str, given: str, bindings: Bindings, *, before: str = "") -> Bindings | None:
    """Return the bindings with which a recorded text is a given one; None if it cannot be.

    Args:
        template: the recorded text; apart from its placeholders, case does not count.
        given: the text of a request.
        bindings: what the placeholders stand for so far.
        before: the segment before the text, if it is a segment of a path.
    """
    at, end, lower = 0, len(given), _lower(given)
    pieces = _pieces(template, before)
    for index, (literal, key) in enumerate(pieces):
        if not lower.startswith(literal, at):
            return None
        at += len(literal)
        if not key:
            break
        following, is_last = pieces[index + 1][0], index + 2 == len(pieces)
        known = bindings.values.get(key)
        if known is not None:
            if not lower.startswith(_lower(known), at):
                return None
            at += len(known)
            continue
        stop = end - len(following) if is_last else lower.find(following, at + 1)
        if stop <= at:
            return None
        bindings = bindings.with_value(key, given[at:stop])
        at = stop
    return bindings if at == end else None


@lru_cache(maxsize=16_384)
def _pieces(template: str, before: str) -> Sequence[tuple[str, str]]:
    """Return each literal, in lower case, with the key of the placeholder that follows it; the last has none."""
    pieces, at = list[tuple[str, str]](), 0
    for found in PLACEHOLDER.finditer(template):
        key = _key(f"/{before}/{template[: found.start()]}", found[0])
        pieces.append((_lower(template[at : found.start()]), key))
        at = found.end()
    return (*pieces, (_lower(template[at:]), ""))


def _key(before: str, placeholder: str) -> str:
    """Return what a placeholder is bound by, from the text before it."""
    scope = before[-LONGEST_SCOPE:].lower().split("/")[-2:]
    return f"{scope[0]}:{placeholder}" if len(scope) == 2 and not scope[1] and scope[0] in SCOPES else placeholder


def _lower(text: str) -> str:
    """Lower the letters of ASCII only, so that positions stay as they are."""
    return text.lower() if text.isascii() else text.translate(LOWER)
