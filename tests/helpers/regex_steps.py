"""How many steps a backtracking search takes: a matcher over Python's own parse of a pattern, without a stopwatch.

It tries what `re` tries, in its order, and counts each character that is compared. What `re` skips by looking for a
literal first is counted, too, so that the figures are bounds; what matters is their growth.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

op: Any = import_module("re._constants")  # Any: the parser of `re` has neither a public name nor types
_parser: Any = import_module("re._parser")

Tree = Sequence[tuple[Any, Any]]  # Any: the parse tree of `re` has no types

MOST = 400_000
"""Steps after which a search counts as endless."""


class TooManySteps(Exception):
    """The search takes more than MOST steps."""


class Search:
    """One search in one text."""

    def __init__(self, pattern: str | bytes, flags: int, text: str, *, anchored: bool) -> None:
        self._text = text
        self._ignores_case = bool(flags & re.IGNORECASE)
        self._all = bool(flags & re.DOTALL)
        self._lines = bool(flags & re.MULTILINE)
        self._groups: dict[int, tuple[int, int]] = {}
        self.steps = 0
        self._anchored = anchored
        self._tree: Tree = list(parsed(pattern, flags))

    def run(self) -> int:
        """Search; return the number of steps."""
        for start in range(1 if self._anchored else len(self._text) + 1):
            if next(self._ends(self._tree, 0, start), None) is not None:
                break
        return self.steps

    def _count(self) -> None:
        self.steps += 1
        if self.steps > MOST:
            raise TooManySteps

    def _ends(self, tree: Tree, index: int, place: int) -> Iterator[int]:
        """Yield where a sequence from `index` on may end, in the order in which it is tried."""
        if index == len(tree):
            yield place
            return
        for end in self._item(*tree[index], place):
            yield from self._ends(tree, index + 1, end)

    def _item(self, kind: Any, value: Any, place: int) -> Iterator[int]:
        if kind in {op.MAX_REPEAT, op.MIN_REPEAT}:
            yield from self._repeat(value, place, 0, greedy=kind is op.MAX_REPEAT)
        elif kind is op.POSSESSIVE_REPEAT:
            low, high, inner = value
            count = 0
            while count < high and (end := next(self._ends(list(inner), 0, place), None)) is not None:
                count += 1
                if end == place:
                    break
                place = end
            if count >= low:
                yield place
        elif kind is op.ATOMIC_GROUP:
            end = next(self._ends(list(value), 0, place), None)
            yield from () if end is None else (end,)
        elif kind is op.SUBPATTERN:
            for end in self._ends(list(value[3]), 0, place):
                self._groups[value[0] or 0] = (place, end)
                yield end
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from self._ends(list(branch), 0, place)
        elif kind in {op.ASSERT, op.ASSERT_NOT}:
            start = place if value[0] >= 0 else place - value[1].getwidth()[0]
            found = start >= 0 and next(self._ends(list(value[1]), 0, start), None) is not None
            if found == (kind is op.ASSERT):
                yield place
        elif kind is op.AT:
            if self._is_at(value, place):
                yield place
        elif kind is op.GROUPREF:
            start, stop = self._groups.get(value, (0, 0))
            self._count()
            if self._text.startswith(self._text[start:stop], place):
                yield place + stop - start
        else:
            self._count()
            if place < len(self._text) and self.fits(kind, value, self._text[place]):
                yield place + 1

    def _repeat(self, value: Any, place: int, count: int, *, greedy: bool) -> Iterator[int]:
        low, high, inner = value
        if not greedy and count >= low:
            yield place
        if count < high:
            for end in self._ends(list(inner), 0, place):
                if end > place or count < low:
                    yield from self._repeat(value, end, count + 1, greedy=greedy)
        if greedy and count >= low:
            yield place

    def _is_at(self, where: Any, place: int) -> bool:
        text = self._text
        if where in {op.AT_BEGINNING, op.AT_BEGINNING_STRING, op.AT_BEGINNING_LINE}:
            return place == 0 or (self._lines and text[place - 1] == "\n")
        if where in {op.AT_END, op.AT_END_STRING, op.AT_END_LINE}:
            return (
                place == len(text)
                or (where is op.AT_END and text[place:] == "\n")
                or (self._lines and text[place] == "\n")
            )
        sides = [0 <= each < len(text) and _is_word(text[each]) for each in (place - 1, place)]
        return (sides[0] != sides[1]) == (where is op.AT_BOUNDARY)

    def fits(self, kind: Any, value: Any, character: str) -> bool:
        """Say whether a character is what one place of a pattern takes."""
        if kind is op.ANY:
            return self._all or character != "\n"
        if kind is op.IN:
            negated = value[0][0] is op.NEGATE
            return any(self.fits(each[0], each[1], character) for each in value[negated:]) != negated
        if kind is op.RANGE:
            forms = {character, character.lower(), character.upper()} if self._ignores_case else {character}
            return any(value[0] <= ord(form[0]) <= value[1] for form in forms)
        if kind is op.CATEGORY:
            name = str(value).removeprefix("CATEGORY_").removeprefix("UNI_").removeprefix("NOT_")
            known = {"DIGIT": character.isdigit(), "SPACE": character.isspace(), "WORD": _is_word(character)}[name]
            return known != ("NOT_" in str(value))
        same = chr(value) == character or (self._ignores_case and chr(value).lower() == character.lower())
        return same == (kind is op.LITERAL)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def parsed(pattern: str | bytes, flags: int) -> Tree:
    """Give the parse tree of a pattern."""
    tree: Tree = _parser.parse(pattern if isinstance(pattern, str) else pattern.decode("latin-1"), flags & ~re.UNICODE)
    return tree


def steps(pattern: str | bytes, flags: int, text: str, *, anchored: bool = False) -> int:
    """Give the number of steps of a search, at most MOST and one."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    search = Search(pattern, flags, text, anchored=anchored)
    try:
        return search.run()
    except TooManySteps:
        return MOST + 1
    finally:
        sys.setrecursionlimit(limit)


def pumps(pattern: str | bytes, flags: int) -> Iterator[tuple[str, str]]:
    """Yield a beginning and what to repeat behind it, for each repetition in a pattern."""
    for before, inner in _repeats(list(parsed(pattern, flags)), ""):
        for sample in {_sample(inner, choice) for choice in range(3)} - {""}:
            yield before, sample
            yield "", before + sample
            yield "", sample


def _repeats(tree: Tree, before: str) -> Iterator[tuple[str, Tree]]:
    """Yield each repetition's item, and a text that matches what is in front of it."""
    for index, (kind, value) in enumerate(tree):
        here = before + _sample(tree[:index], 0)
        if kind in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
            if value[1] > 4:
                yield here, list(value[2])
            yield from _repeats(list(value[2]), here)
        elif kind is op.SUBPATTERN:
            yield from _repeats(list(value[3]), here)
        elif kind is op.ATOMIC_GROUP:
            yield from _repeats(list(value), here)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from _repeats(list(branch), here)


def _sample(tree: Tree, choice: int) -> str:
    """Give a text that a sequence matches, as far as that is easily had; `choice` varies it."""
    parts: list[str] = []
    for kind, value in tree:
        if kind in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
            parts.append(_sample(list(value[2]), choice) * max(value[0], 1 if choice else value[0]))
        elif kind is op.SUBPATTERN:
            parts.append(_sample(list(value[3]), choice))
        elif kind is op.ATOMIC_GROUP:
            parts.append(_sample(list(value), choice))
        elif kind is op.BRANCH:
            parts.append(_sample(list(value[1][choice % len(value[1])]), choice))
        elif kind is op.LITERAL:
            parts.append(chr(value))
        elif kind in {op.IN, op.ANY, op.NOT_LITERAL}:
            parts.append(_character(kind, value, choice))
    return "".join(parts)


def _character(kind: Any, value: Any, choice: int) -> str:
    search = Search("", 0, "", anchored=False)
    fitting = [each for each in 'a-0 .=x/A\t"<%é' if search.fits(kind, value, each)]
    if not fitting and kind is op.IN:
        fitting = [chr(each[1] if each[0] is op.LITERAL else each[1][0]) for each in value if each[0] is not op.NEGATE]
    return fitting[choice % len(fitting)] if fitting else ""
