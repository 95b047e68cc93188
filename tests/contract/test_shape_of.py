"""The shape of a body: types and words by place, and no value."""

from __future__ import annotations

from maas_client.contract.answers.jobs import JOB
from maas_client.contract.shape_of import shape_of
from maas_client.contract.shapes import TEXT, ArrayOf, Either
from maas_client.contract.table import OPERATIONS


def test_a_shape_has_types_by_place() -> None:
    found = shape_of({"a": [{"b": 1}, {"b": 2.5, "c": None}], "d/e": True})
    assert found.types == {
        "": {"object"},
        "/a": {"array"},
        "/a/*": {"object"},
        "/a/*/b": {"integer", "number"},
        "/a/*/c": {"null"},
        "/d~1e": {"boolean"},
    }
    assert found.words == {}


def test_names_of_a_map_are_one_place() -> None:
    body = {"properties": {"tags": {"secret": "x", "other": "y"}, "status": "Running", "jobType": "FineTuning"}}
    found = shape_of(body, JOB)
    assert found.types["/properties/tags/*"] == {"string"}
    assert not any("secret" in place for place in found.types)


def test_words_are_of_enumerations_only() -> None:
    found = shape_of({"name": "ft-1", "properties": {"status": "Running", "displayName": "canary"}}, JOB)
    assert found.words == {"/properties/status": {"Running"}}


def test_what_the_client_does_not_read_is_one_place() -> None:
    found = shape_of({"properties": {"identity": {"deep": {"deeper": 1}}}}, JOB)
    assert "/properties/identity" in found.types
    assert not any(place.startswith("/properties/identity/") for place in found.types)


def test_an_array_of_several_types_has_its_items_shape() -> None:
    assert shape_of(["a"], Either((TEXT, ArrayOf(TEXT)))).types == {"": {"array"}, "/*": {"string"}}


def test_the_table_has_the_shape_of_an_answer() -> None:
    assert OPERATIONS["jobs.get"].shape_for(200) is JOB
    assert OPERATIONS["jobs.get"].shape_for(404) is None
    assert OPERATIONS["blob.get"].shape_for(200) is None
