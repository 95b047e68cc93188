"""Whether an existing job is the one of a request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, strategies as st

from maas_client import Job
from maas_client.jobs.request import JobRequest

REQUEST = JobRequest(
    name="shop-1", model_id="m", training_data="t", hyperparameters={"a": "1", "b": "2"}, tags={"team": "a"}
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def body(**changes: Any) -> dict[str, Any]:  # Any: the fields of a request are of several types
    """The document of the request, changed."""
    return replace(REQUEST, **changes).to_document()


def differences(document: dict[str, Any]) -> tuple[str, ...]:
    """How the job of a document differs from the request."""
    return REQUEST.differences(Job.read(document))


def test_a_request_is_unchanged_if_the_service_adds_to_it() -> None:
    there = body()
    there["properties"] |= {"status": "Running", "tags": {"team": "a", "seen": "yes"}}
    assert differences(there) == ()
    there["properties"]["properties"] = {}
    assert differences(there) == ()


def test_each_difference_is_reported_with_both_values() -> None:
    there = body(hyperparameters={"a": "1", "c": "3"}, validation_data="v", tags={"team": "b"})
    assert sorted(differences(there)) == [
        "fineTuningDetails.hyperParameters.b is not set there and '2' here",
        "fineTuningDetails.hyperParameters.c is '3' there and not set here",
        "fineTuningDetails.validationData.jobInputType is 'uri_file' there and not set here",
        "fineTuningDetails.validationData.uri is 'v' there and not set here",
        "tags.team is 'b' there and 'a' here",
    ]


@given(there=JSON)
def test_anything_under_the_name_can_be_compared(there: Any) -> None:
    assert differences({"properties": there})
