"""What the first bytes of an image say: kind and colours, by the formats' own documents and with nothing decoded.

PNG: colour type in IHDR (PNG specification, 11.2.2). JPEG: components of the frame header (ITU-T T.81, B.2.2).
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from maas_client.datasets.foundry_rows.image_headers import read_header
from maas_client.datasets.foundry_rows.images import LARGEST_IMAGE, judge_parts

PNG = b"\x89PNG\r\n\x1a\n"


def png(colour: int) -> bytes:
    return PNG + (13).to_bytes(4, "big") + b"IHDR" + (1).to_bytes(4, "big") * 2 + bytes([8, colour, 0, 0, 0])


def jpeg(components: int, *, frame: int = 0xC0, before: bytes = b"") -> bytes:
    content = bytes([8]) + (1).to_bytes(2, "big") * 2 + bytes([components]) + bytes(3 * components)
    return b"\xff\xd8" + before + bytes([0xFF, frame]) + (2 + len(content)).to_bytes(2, "big") + content


def segment(marker: int, size: int) -> bytes:
    return bytes([0xFF, marker]) + (2 + size).to_bytes(2, "big") + bytes(size)


def problems(*contents: Any, role: str = "user") -> list[str]:
    return [each.rule for each in judge_parts([{"role": role, "content": list(contents)}], "/messages")]


def image(data: bytes, kind: str = "image/png") -> dict[str, Any]:
    address = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": address}}


@pytest.mark.parametrize(
    ("data", "kind", "colours"),
    [
        (png(0), "PNG", "grey"),
        (png(2), "PNG", "RGB"),
        (png(3), "PNG", "a palette"),
        (png(4), "PNG", "grey with transparency"),
        (png(6), "PNG", "RGBA"),
        (jpeg(1), "JPEG", "grey"),
        (jpeg(3), "JPEG", "RGB"),
        (jpeg(4), "JPEG", "CMYK"),
        (jpeg(3, frame=0xC2), "JPEG", "RGB"),
        (jpeg(3, before=segment(0xE0, 14) + segment(0xE1, 60_000) + segment(0xC4, 30)), "JPEG", "RGB"),
        (jpeg(1, before=b"\xff" + segment(0xFE, 3)), "JPEG", "grey"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WEBP", None),
    ],
)
def test_kind_and_colours_are_read_from_the_header(data: bytes, kind: str, colours: str | None) -> None:
    assert read_header(data) == (kind, colours)


def test_a_header_that_is_cut_off_says_nothing_of_colours() -> None:
    assert read_header(PNG) == ("PNG", None)
    assert read_header(jpeg(1)[:8]) == ("JPEG", None)
    assert read_header(jpeg(1, before=segment(0xE1, 60_000))[:100]) == ("JPEG", None)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"BM", b"RIFF\x00\x00\x00\x00WAVE", b"%PDF", b"<svg/>"])
def test_anything_else_is_no_image(data: bytes) -> None:
    assert read_header(data) is None


def test_the_bytes_decide_and_not_the_type_that_is_stated() -> None:
    assert problems(image(jpeg(3), "image/png")) == []
    assert problems(image(b"GIF89a" + bytes(20), "image/png")) == ["chat-image-kind"]


def test_an_image_of_ten_megabytes_is_the_largest() -> None:
    largest = png(2) + bytes(LARGEST_IMAGE - len(png(2)))

    assert problems(image(largest)) == []
    assert problems(image(largest + b"\0")) == ["chat-image-too-large"]


@pytest.mark.parametrize(
    "address",
    ["", "bell.png", "file:///bell.png", "ftp://example.org/a.png", "data:image/png,abc", "data:image/png;base64,!!!!"],
)
def test_an_address_is_a_url_or_data_with_base64(address: str) -> None:
    assert problems({"type": "image_url", "image_url": {"url": address}}) == ["chat-image-address-invalid"]


@pytest.mark.parametrize("detail", ["low", "high", "auto", None])
def test_the_detail_of_an_image_is_one_of_three(detail: str | None) -> None:
    given = {"url": "https://example.org/bell.png"}

    assert problems({"type": "image_url", "image_url": {**given, "detail": detail}}) == []
    assert problems({"type": "image_url", "image_url": {**given, "detail": "best"}}) == ["chat-image-address-invalid"]


def test_sixty_four_images_are_the_most() -> None:
    one = {"type": "image_url", "image_url": {"url": "https://example.org/bell.png"}}

    assert problems(*[one] * 64) == []
    assert problems(*[one] * 65) == ["chat-images-too-many"]
    assert problems(one, role="tool") == ["chat-image-not-from-user"]
