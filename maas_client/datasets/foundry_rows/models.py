"""What the data rules need to know of a model that Azure AI Foundry tunes."""

from __future__ import annotations

import re

_SEEING = re.compile(r"(?:gpt-4o|gpt-4\.1)(?:-20\d\d-\d\d-\d\d)?(?:\.ft-.*)?", re.IGNORECASE)


def sees_images(model: str) -> bool:
    """Return whether a model can be tuned on images: only gpt-4o and gpt-4.1 (fine-tuning-vision.md, October 2026)."""
    return _SEEING.fullmatch(model.strip()) is not None
