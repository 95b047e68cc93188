"""The parts of a message's content, and the images among them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence

from ..rows.excerpt import Json, describe, escape
from ..rows.schemas import Problem
from .image_headers import read_header
from .schemas import role_of

MOST_IMAGES = 64
"""Images of a row (fine-tuning-vision.md)."""

LARGEST_IMAGE = 10 * 1024 * 1024
"""Bytes of an image (fine-tuning-vision.md, 10 MB)."""

_DETAILS = (None, "low", "high", "auto")
_DATA_URI = re.compile(r"data:[\w.+-]+/[\w.+-]+(?:;[\w.+-]+=[^;,]*)*;base64,", re.ASCII)
_URL = re.compile(r"https?://[^\s/]+", re.ASCII | re.IGNORECASE)
_HEAD = 1 << 16
"""Characters of base64 that are decoded, for the header; a multiple of four."""


def judge_parts(turns: Sequence[Mapping[str, Json]], where: str) -> Iterator[Problem]:
    """Yield the problems of all parts of the content of messages, then of the number of images."""
    images = 0
    for index, turn in enumerate(turns):
        content = turn.get("content")
        for number, part in enumerate(content if isinstance(content, list) else ()):
            place = f"{where}/{index}/content/{number}"
            kind = part.get("type") if isinstance(part, dict) else None
            if isinstance(part, dict) and kind == "image_url":
                images += 1
                if turn.get("role") != "user":
                    role = escape(role_of(turn))
                    message = f"a message of the role {role} has an image"
                    yield Problem("chat-image-not-from-user", place, "image_url", message)
                yield from _image(part.get("image_url"), f"{place}/image_url")
            elif not (isinstance(part, dict) and kind == "text" and isinstance(part.get("text"), str)):
                found = describe(kind if isinstance(kind, str) else part)
                yield Problem("chat-part-invalid", place, found, f"a part of the content is {found}")
    if images > MOST_IMAGES:
        yield Problem("chat-images-too-many", where, str(images), f"the row has {images} images")


def has_images(turns: Sequence[Mapping[str, Json]]) -> bool:
    """Return whether any message has an image."""
    contents = (content for turn in turns if isinstance(content := turn.get("content"), list))
    return any(isinstance(part, dict) and part.get("type") == "image_url" for content in contents for part in content)


def _image(image: Json, where: str) -> Iterator[Problem]:
    address = image.get("url") if isinstance(image, dict) else None
    if not isinstance(image, dict) or not isinstance(address, str):
        found = describe(image)
        yield Problem("chat-image-address-invalid", where, found, f"image_url is {found}, not an object with a url")
        return
    if image.get("detail") not in _DETAILS:
        found = describe(image["detail"])
        yield Problem("chat-image-address-invalid", f"{where}/detail", found, f"the detail of an image is {found}")
    place = f"{where}/url"
    data = _DATA_URI.match(address)
    if data is not None:
        yield from _written_out(address, data.end(), place)
    elif _URL.match(address) is None:
        message = "the address of an image is neither an http(s) URL nor a data URI with base64"
        yield Problem("chat-image-address-invalid", place, escape(address), message)


def _written_out(address: str, start: int, where: str) -> Iterator[Problem]:
    """Yield the problems of an image in a data URI, whose base64 starts at an index."""
    size = (len(address) - start) * 3 // 4 - address.count("=", -2)
    if size > LARGEST_IMAGE:
        yield Problem("chat-image-too-large", where, str(size), f"an image has {size:,} bytes")
    try:
        head = base64.b64decode(address[start : start + _HEAD], validate=True)
    except (binascii.Error, ValueError):
        yield Problem("chat-image-address-invalid", where, escape(address), "the data of an image is not base64")
        return
    header = read_header(head)
    if header is None:
        yield Problem("chat-image-kind", where, escape(address[:start]), "an image is not a JPEG, PNG or WEBP")
    elif not header.is_accepted:
        message = f"the colours of a {header.kind} are {header.colours}"
        yield Problem("chat-image-colours", where, header.colours or "", message)
