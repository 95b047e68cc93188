"""Recordings written by tests: one exchange with an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maas_client.drift.exchange import ComparedExchange
from maas_client.drift.report import Drift, drift_between

GROUP = "https://management.azure.com/subscriptions/subscription-1/resourceGroups/group-1/providers"
JOBS = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/workspace-1/jobs"
FILES = "https://account-1.openai.azure.com/openai/v1/files"
FILE: Mapping[str, Any] = {
    "id": "file-1",
    "object": "file",
    "bytes": 1,
    "created_at": 1,
    "filename": "f",
    "purpose": "fine-tune",
    "status": "processed",
}
"""A file of Foundry, as an answer has it."""


def answered(
    body: object, *, status: int | None = 200, method: str = "GET", url: str = f"{FILES}/file-1", **headers: str
) -> ComparedExchange:
    """Return an exchange with a JSON answer; names of headers have `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ComparedExchange(n=0, method=method, url=url, status=status, headers=named, body={"json": body})


def between(left: list[ComparedExchange], right: list[ComparedExchange]) -> Drift:
    """Compare two recordings of their own requests."""
    return drift_between(left, right, names=("left", "right"))


def sentences(left: list[ComparedExchange], right: list[ComparedExchange]) -> list[str]:
    """Return what differs between two recordings, as sentences."""
    return [one.sentence for one in between(left, right).findings]
