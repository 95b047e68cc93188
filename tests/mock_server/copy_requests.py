"""Copy requests (Put Block From URL, Put Blob From URL) and helpers to check their results."""

import base64
import hashlib
from collections.abc import Mapping
from random import Random

import httpx

from tests.mock_server.driver import Azure
from tests.mock_server.test_blobs import block_id

BLOCK_BLOB = {"x-ms-blob-type": "BlockBlob"}
CONTENT = Random(5).randbytes(2 << 20)


def md5(content: bytes) -> str:
    """Return a Content-MD5."""
    return base64.b64encode(hashlib.md5(content).digest()).decode()


def copy_blob(azure: Azure, source: str, to: str = "copy", headers: Mapping[str, str] | None = None) -> httpx.Response:
    """Put Blob From URL."""
    asked = {**BLOCK_BLOB, "x-ms-copy-source": source, **(headers or {})}
    return azure.plain.put(azure.blob_url(to), headers=asked)


def copy_block(
    azure: Azure,
    source: str,
    number: int = 0,
    headers: Mapping[str, str] | None = None,
    to: str = "copy",
    more: str = "",
) -> httpx.Response:
    """Put Block From URL."""
    url = f"{azure.blob_url(to)}&comp=block&blockid={block_id(number)}{more}"
    return azure.plain.put(url, headers={"x-ms-version": "2023-11-03", "x-ms-copy-source": source, **(headers or {})})


def commit(azure: Azure, *numbers: int, to: str = "copy") -> httpx.Response:
    """Put Block List."""
    names = "".join(f"<Latest>{block_id(number)}</Latest>" for number in numbers)
    return azure.plain.put(azure.blob_url(to) + "&comp=blocklist", content=f"<BlockList>{names}</BlockList>")


def read_blob(azure: Azure, name: str = "copy") -> bytes:
    """Read a blob."""
    return azure.plain.get(azure.blob_url(name)).content


def count_staged_blocks(azure: Azure) -> int:
    """Count the uncommitted blocks of the copy."""
    return azure.plain.get(azure.blob_url("copy") + "&comp=blocklist&blocklisttype=all").text.count("<Block>")


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of an error response."""
    return answer.status_code, answer.headers["x-ms-error-code"]
