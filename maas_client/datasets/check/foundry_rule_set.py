"""The rule set of Azure AI Foundry, and the problems of a file that only its totals show."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog.tuning_methods import TuningMethod
from ...core.surfaces import SURFACE_TITLES
from ..rows.schemas import Problem, Task
from .foundry_rules import FOUNDRY_RULES
from .rule_set import RuleSet

LARGEST_FILE = 512_000_000
"""Bytes of a file that is sent in one request (`MaxTrainingFileSize` of an account)."""

LARGEST_UPLOAD = 9_000_000_000
"""Bytes of a file that is sent in parts (azure-rest-api-specs, AzureOpenAI 2025-04-01-preview, Uploads)."""

MOST_PICTURED = 50_000
"""Rows with images (fine-tuning-vision.md)."""


def _purpose(_task: Task, method: TuningMethod) -> str:
    return f"{method} fine-tuning"


def _problems(size: int, pictured: int) -> Iterator[Problem]:
    """Yield the problems of a file that is too large, or that has too many rows with images."""
    if size > LARGEST_FILE:
        rule = "file-too-large" if size > LARGEST_UPLOAD else "file-in-parts"
        yield Problem(rule, "", str(size), f"the file has {size:,} bytes")
    if pictured > MOST_PICTURED:
        yield Problem("images-in-too-many-rows", "", str(pictured), f"{pictured:,} rows have images")


FOUNDRY = RuleSet(
    surface="foundry",
    rules=FOUNDRY_RULES,
    purpose=_purpose,
    subject=SURFACE_TITLES["foundry"],
    good="valid",
    lost="refused",
    by_rule=True,
    option=" --for foundry",
    concludes=_problems,
)
