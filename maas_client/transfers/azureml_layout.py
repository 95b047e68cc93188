"""The layout of azure-ai-ml's uploads, so that each client recognises the other's."""

from __future__ import annotations

SALT = b"Initialize for october 2021 AML CLI version"
"""The bytes that Microsoft's SDK hashes before the content (azure-ai-ml 1.35.2 `_asset_utils.py`, `_get_file_hash`)."""


VERSION_LENGTH = 16
"""Characters of the content hash that form a data asset's version."""
