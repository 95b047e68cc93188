"""What the first bytes of an image say: its kind and its colours. Nothing is decoded."""

from __future__ import annotations

from typing import Literal, NamedTuple

ImageKind = Literal["JPEG", "PNG", "WEBP"]

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_COLOURS = {0: "grey", 2: "RGB", 3: "a palette", 4: "grey with transparency", 6: "RGBA"}
_JPEG = b"\xff\xd8\xff"
_JPEG_COLOURS = {1: "grey", 3: "RGB", 4: "CMYK"}
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of JPEG's frame headers, which have the number of components."""

_STANDALONE = frozenset({0x01, 0xFF, *range(0xD0, 0xD9)})
"""Markers, and padding, without a length."""


class ImageHeader(NamedTuple):
    """An image's kind, and its colours if the bytes at hand reach as far as they are stated."""

    kind: ImageKind
    colours: str | None

    @property
    def is_accepted(self) -> bool:
        """Whether the colours are RGB or RGBA, as far as is known."""
        return self.colours in {None, "RGB", "RGBA"}


def read_header(start: bytes) -> ImageHeader | None:
    """Return what an image's first bytes say; None if it is no JPEG, PNG or WEBP."""
    if start.startswith(_PNG):
        return ImageHeader("PNG", _PNG_COLOURS.get(start[25]) if len(start) > 25 else None)
    if start.startswith(_JPEG):
        return ImageHeader("JPEG", _jpeg_colours(start))
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return ImageHeader("WEBP", None)  # WEBP has no others than RGB and RGBA
    return None


def _jpeg_colours(start: bytes) -> str | None:
    """Return the colours of a JPEG by the components of its frame; None if the frame is beyond these bytes."""
    at = 2
    while at + 9 < len(start):
        marker = start[at + 1]
        if start[at] != 0xFF:
            return None
        if marker in _FRAMES:
            return _JPEG_COLOURS.get(start[at + 9], f"{start[at + 9]} components")
        at += 1 if marker == 0xFF else 2 if marker in _STANDALONE else 2 + int.from_bytes(start[at + 2 : at + 4], "big")
    return None
