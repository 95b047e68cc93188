"""Parts of messages and the images in them, as Foundry trains on them (azure-ai-docs, `fine-tuning-vision.md`)."""

import base64
import re

from mock_server.core.json_values import Json, child, is_array, is_object, text
from mock_server.training.foundry_row_error import RowError

MOST_IMAGES = 64
LARGEST_IMAGE = 10 * 1024 * 1024
DETAILS = ("low", "high", "auto")
WEB = re.compile(r"https?://[^\s/]+", re.ASCII | re.IGNORECASE)
DATA_URI = re.compile(r"data:[^,;/\s]+/[^,;/\s]+(?:;[^,;\s]+)*;base64,", re.ASCII)
PNG_IN_COLOUR = (2, 6)
"""The colour types of PNG (W3C PNG specification, IHDR) that are RGB and RGBA."""


def has_image(row: Json) -> bool:
    """Return whether any message of a row has an image."""
    lists = (row.get("messages"), child(row, "input").get("messages"))
    return any(_images(message) for messages in lists if is_array(messages) for message in messages)


def check_parts(messages: list[Json]) -> None:
    """Check each part of messages, and the number of their images."""
    images = 0
    for message in messages:
        content: object = message.get("content")
        for part in content if is_array(content) else []:
            if is_object(part) and part.get("type") == "image_url":
                if message["role"] != "user":
                    raise RowError("images are allowed in messages of the role user only.")
                images += 1
                _check_image(part.get("image_url"))
            elif not is_object(part) or part.get("type") != "text" or not isinstance(part.get("text"), str):
                raise RowError("each part of content must be of the type text, with a text, or image_url.")
    if images > MOST_IMAGES:
        raise RowError(f"the example has {images} images; at most {MOST_IMAGES} are allowed.")


def _images(message: object) -> list[Json]:
    content: object = message.get("content") if is_object(message) else None
    return (
        [part for part in content if is_object(part) and part.get("type") == "image_url"] if is_array(content) else []
    )


def _check_image(image: object) -> None:
    url = text(image, "url") if is_object(image) else ""
    if is_object(image) and image.get("detail") is not None and image["detail"] not in DETAILS:
        raise RowError(f"the detail of an image must be one of {', '.join(DETAILS)}.")
    if (data := DATA_URI.match(url)) is not None:
        _check_content(url[data.end() :])
    elif WEB.match(url) is None:
        raise RowError("image_url.url must be an http(s) address or a data URI in base64.")


def _check_content(written: str) -> None:
    """Check an image that is written out in base64."""
    try:
        content = base64.b64decode(written, validate=True)
    except ValueError as error:
        raise RowError("the data of an image is not base64.") from error
    if len(content) > LARGEST_IMAGE:
        raise RowError(f"an image has {len(content)} bytes; at most {LARGEST_IMAGE} are allowed.")
    is_png, is_webp = content.startswith(b"\x89PNG\r\n\x1a\n"), content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if not (is_png or is_webp or content.startswith(b"\xff\xd8\xff")):
        raise RowError("an image must be a JPEG, PNG or WEBP.")
    if is_png and content[25:26] and content[25] not in PNG_IN_COLOUR:
        raise RowError("the colours of an image must be RGB or RGBA.")
