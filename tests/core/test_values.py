"""Values read from documents: what a document lacks is empty, is not shared, and is cheap to make."""

from __future__ import annotations

import pytest

from maas_client import Dataset, Datastore, Endpoint, Job, Workspace
from maas_client.core.values import Value

READ: list[type[Value]] = [Dataset, Datastore, Endpoint, Job, Workspace]


def test_missing_fields_get_empty_values_that_are_not_shared() -> None:
    one, other = Job.read({"name": "a"}), Job.read({"name": "b"})
    assert (one.tags, one.properties, one.hyperparameters) == ({}, {}, {})
    one.tags["mine"] = "yes"
    assert other.tags == Job.read({}).tags == {}


@pytest.mark.parametrize("kind", READ)
def test_no_field_of_a_value_has_a_default_factory(kind: type[Value]) -> None:
    assert [name for name, field in kind.model_fields.items() if field.default_factory] == []
