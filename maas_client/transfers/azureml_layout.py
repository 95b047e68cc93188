"""How azure-ai-ml lays uploads out, so that each client recognises what the other has sent."""

from __future__ import annotations

SALT = b"Initialize for october 2021 AML CLI version"
"""What Microsoft's SDK hashes before the content (azure-ai-ml 1.35.2 `_asset_utils.py`, `_get_file_hash`)."""


VERSION_LENGTH = 16
"""Characters of the content hash that make a data asset's version."""
