"""The api-versions that requests name, held against what a provider lists."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import maas_client
from maas_client.core.api_versions import API_VERSIONS, MACHINE_LEARNING, unlisted_versions

DATED = re.compile(r"[\"=](20[0-9]{2}-[0-9]{2}-[0-9]{2}(?:-[a-z]{1,20})?)\"")


def provider(**types: object) -> dict[str, Any]:
    return {"resourceTypes": [{"resourceType": f"workspaces/{name}", "apiVersions": of} for name, of in types.items()]}


LISTS: list[tuple[object, str | None]] = [
    (["2024-10-01-preview", "2030-01-01"], None),
    (["2030-01-01", "2029-01-01-preview", "2028-01-01-preview"], "2029-01-01-preview"),
    (["2030-01-01", "2029-01-01"], "2030-01-01"),
    ([], None),
    (None, None),
    ([7, None], None),
]


@pytest.mark.parametrize(("listed", "nearest"), LISTS)
def test_the_nearest_listed_version_is_named(listed: object, nearest: str | None) -> None:
    found = unlisted_versions(provider(jobs=listed), [MACHINE_LEARNING])
    assert [(one.resource_type, one.value, one.nearest) for one in found] == (
        [("workspaces/jobs", MACHINE_LEARNING.value, nearest)] if nearest else []
    )


@pytest.mark.parametrize("document", [{}, {"resourceTypes": None}, {"resourceTypes": [None, 1, {"resourceType": 2}]}])
def test_a_document_of_another_form_says_nothing(document: dict[str, Any]) -> None:
    assert unlisted_versions(document, API_VERSIONS) == ()


def test_each_version_has_a_day_a_source_and_a_reason() -> None:
    for version in API_VERSIONS:
        assert version.source, version.name
        assert version.reason, version.name
        assert version.looked_at is None or date(2026, 1, 1) < version.looked_at, version.name
        assert version.looked_at or not version.provider, version.name
        assert bool(version.provider) == bool(version.resource_types), version.name


def test_no_other_module_names_an_api_version() -> None:
    values = {version.value for version in API_VERSIONS}
    root = Path(maas_client.__file__).parent
    named = [
        (str(path.relative_to(root)), found)
        for path in root.rglob("*.py")
        if path.name != "api_versions.py"
        for found in DATED.findall(path.read_text("utf-8"))
        if found in values
    ]
    assert named == []
