"""Counting the characters of a text by script, faster than one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

SCRIPTS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "Latin, accented": ((0x0100, 0x01FF), (0x1E00, 0x1EFF)),
    "Latin, phonetic": ((0x0200, 0x02FF), (0x1D00, 0x1DFF), (0xA700, 0xA7FF)),
    "Greek": ((0x0300, 0x03FF),),
    "Greek, polytonic": ((0x1F00, 0x1FFF),),
    "Cyrillic": ((0x0400, 0x04FF),),
    "Armenian": ((0x0500, 0x05FF),),
    "Arabic": ((0x0600, 0x06FF), (0xFB00, 0xFDFF)),
    "Syriac, Thaana, N'Ko": ((0x0700, 0x07FF),),
    "Devanagari": ((0x0900, 0x09FF),),
    "Gurmukhi": ((0x0A00, 0x0AFF),),
    "Odia": ((0x0B00, 0x0BFF),),
    "Telugu": ((0x0C00, 0x0CFF),),
    "Malayalam": ((0x0D00, 0x0DFF),),
    "Thai": ((0x0E00, 0x0EFF),),
    "Tibetan": ((0x0F00, 0x0FFF),),
    "Myanmar": ((0x1000, 0x10FF),),
    "Ethiopic": ((0x1200, 0x13FF),),
    "Canadian syllabics": ((0x1400, 0x16FF),),
    "Khmer": ((0x1700, 0x17FF),),
    "typographic punctuation": ((0x2000, 0x20FF),),
    "arrows": ((0x2100, 0x21FF),),
    "mathematical signs": ((0x2200, 0x24FF),),
    "boxes": ((0x2500, 0x25FF),),
    "symbols": ((0x2600, 0x27FF),),
    "Braille": ((0x2800, 0x2BFF),),
    "Coptic, Tifinagh": ((0x2C00, 0x2DFF),),
    "kana": ((0x3000, 0x30FF),),
    "Han": ((0x3400, 0x9FFF), (0xF900, 0xFAFF)),
    "Yi, Vai": ((0xA000, 0xA6FF),),
    "Hangul": ((0x1100, 0x11FF), (0x3100, 0x31FF), (0xAC00, 0xD7FF)),
    "variation selectors": ((0xFE00, 0xFEFF),),
    "full-width forms": ((0xFF00, 0xFFFF),),
    "supplementary": ((0xD800, 0xDBFF),),
}
"""Blocks of 256 characters; `supplementary` are those beyond the basic plane, each of which starts with a surrogate."""


class Share(NamedTuple):
    """A script that shares blocks with another; the first bytes of its characters in UTF-8 distinguish them."""

    of: str
    starts: tuple[bytes, ...]


SHARED: Mapping[str, Share] = {
    "combining marks": Share("Greek", (b"\xcc",)),
    "Cyrillic, extended": Share("Cyrillic", (b"\xd2", b"\xd3")),
    "Hebrew": Share("Armenian", (b"\xd7", *(bytes([0xD6, last]) for last in range(0xB0, 0xBE)))),
    "Bengali": Share("Devanagari", (b"\xe0\xa6", b"\xe0\xa7")),
    "Gujarati": Share("Gurmukhi", (b"\xe0\xaa", b"\xe0\xab")),
    "Tamil": Share("Odia", (b"\xe0\xae", b"\xe0\xaf")),
    "Kannada": Share("Telugu", (b"\xe0\xb2", b"\xe0\xb3")),
    "Sinhala": Share("Malayalam", (b"\xe0\xb6", b"\xe0\xb7")),
    "Lao": Share("Thai", (b"\xe0\xba", b"\xe0\xbb")),
    "Georgian": Share("Myanmar", (b"\xe1\x83",)),
    "Cherokee": Share("Ethiopic", (b"\xe1\x8e", b"\xe1\x8f")),
    "CJK punctuation": Share("kana", (b"\xe3\x80",)),
    "emoji": Share("supplementary", (b"\xf0\x9f",)),
}
FREQUENT: Mapping[str, tuple[str, ...]] = {
    "Cyrillic": (" и ", " в ", " на ", " не ", " і ", " у "),
    "Han": ("的", "是", "了", "在"),
    "Arabic": (" ال", " در ", " به ", " که ", " کے ", " میں "),
}
"""Words of the main languages of a script, for which tokenizers have longer tokens than for the others."""

EVERY = 100
"""Characters per such word up to which a text counts as one in the main languages."""

OTHER = ", other languages"

WESTERN: Mapping[str, bytes] = {"Latin-1 signs": b"\xc2", "Latin-1 letters": b"\xc3"}
"""What shares the first block with ASCII."""

UNKNOWN = "unknown"
"""Every other character: scripts without a measurement."""

NAMES = (*SCRIPTS, *(script + OTHER for script in FREQUENT), *SHARED, *WESTERN, UNKNOWN)

_BLOCKS = (*SCRIPTS, UNKNOWN)
_IGNORED = bytes([0xFF])
_SHARES = {of: [(name, share.starts) for name, share in SHARED.items() if share.of == of] for of in SCRIPTS}


def _table() -> bytes:
    """Return a translation table from the first byte of a UTF-16 unit to its place in `_BLOCKS`."""
    found = bytearray([len(SCRIPTS)]) * 256
    for place, ranges in enumerate(SCRIPTS.values()):
        for first, last in ranges:
            found[first >> 8 : (last >> 8) + 1] = bytes([place]) * ((last >> 8) - (first >> 8) + 1)
    found[0] = found[0xDC] = found[0xDD] = found[0xDE] = found[0xDF] = _IGNORED[0]  # ASCII, and second surrogates
    return bytes(found)


_TABLE = _table()


def count_scripts(text: str, raw: bytes) -> Iterator[tuple[str, float]]:
    """Yield the scripts of a text and how many of its characters are in each; `raw` is the text in UTF-8.

    ASCII is not counted. Where scripts share a block, the figure may be off by a few characters.
    """
    for name, start in WESTERN.items():
        if count := raw.count(start):
            yield name, count
    units = text.encode("utf-16-be", "surrogatepass")[::2].translate(_TABLE, b"\0")
    units = units.translate(None, _IGNORED)
    while units:
        rest = units.translate(None, units[:1])
        yield from _divide(_BLOCKS[units[0]], len(units) - len(rest), text, raw)
        units = rest


def _divide(script: str, count: int, text: str, raw: bytes) -> Iterator[tuple[str, float]]:
    """Yield a script and those that share its blocks, and the part of it that is in other languages."""
    for name, starts in _SHARES.get(script, ()):
        if found := min(sum(map(raw.count, starts)), count):
            count -= found
            yield name, found
    main = float(count)
    if script in FREQUENT:
        main = min(main, EVERY * sum(map(text.count, FREQUENT[script])))
        yield script + OTHER, count - main
    yield script, main
