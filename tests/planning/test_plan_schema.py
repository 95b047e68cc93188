"""The JSON of a plan has the schema that is published with the documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has none
import pytest

from maas_client.planning.schema import plan_schema
from tests.planning.plans import HOSTED, MEDIUM, plan_of

PUBLISHED = Path(__file__).parents[2] / "docs" / "plan.schema.json"


def test_the_published_schema_is_the_one_of_the_code() -> None:
    """Renew it with `python -m maas_client plan --schema > docs/plan.schema.json`."""
    assert json.loads(PUBLISHED.read_text("utf-8")) == plan_schema()


@pytest.mark.parametrize(
    "given",
    [
        {"gpu": "RTX 4090"},
        {"model": None},
        {"model": "gpt-4.1-mini"},
        {"model": HOSTED, "gpu": "H100", "gpus": 2, "need": "parallel"},
        {"model": MEDIUM, "gpu": "RTX 3060"},
    ],
)
def test_the_json_of_a_plan_has_the_schema(given: dict[str, Any]) -> None:
    schema = plan_schema()
    validator: Any = jsonschema.Draft202012Validator(schema)  # Any: jsonschema has no types
    validator.check_schema(schema)
    document = json.loads(plan_of(**given).to_json())
    validator.validate(document)
    assert set(document) == set(schema["properties"])
    assert all(set(way) == set(schema["$defs"]["way"]["properties"]) for way in document["ways"])
