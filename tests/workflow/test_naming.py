"""What a whole job is called, whether one that is there is the same, and what a tuned model is asked first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import InvalidInput
from maas_client.core.names import check_endpoint_name, check_name
from maas_client.jobs.request import JobRequest
from maas_client.workflow.first_prompt import GREETING, first_question, question_in
from maas_client.workflow.naming import JobNames, differences, names_of

REQUEST = JobRequest(
    name="shop-1", model_uri="m", training_data="t", hyperparameters={"a": "1", "b": "2"}, tags={"team": "a"}
)
BASES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}", fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def body(**changes: Any) -> dict[str, Any]:  # Any: the fields of a request are of several types
    """The document of the request, changed."""
    fields = {
        name: getattr(REQUEST, name) for name in ("name", "model_uri", "training_data", "hyperparameters", "tags")
    }
    return JobRequest(**{**fields, **changes}).to_document()


@given(base=BASES, attempt=st.integers(1, 99))
def test_every_base_that_makes_a_job_s_name_makes_an_endpoint_s_that_ends_alike(base: str, attempt: int) -> None:
    names = JobNames(base, "0123456789")
    job = check_name("job", names.of(attempt))
    endpoint = check_endpoint_name(names.endpoint(job))
    assert endpoint.rpartition("0123456789")[2] == job.rpartition("0123456789")[2]
    assert "0123456789" in endpoint


def test_attempts_have_names_of_their_own_and_so_have_their_endpoints() -> None:
    names = JobNames("run-phi-4-mini-instruct", "0123456789")
    jobs = [names.of(attempt) for attempt in (1, 2, 10)]
    assert jobs[1] == f"{jobs[0]}-2"
    assert len({names.endpoint(job) for job in jobs}) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"model_uri": "n"},
        {"training_data": "u"},
        {"validation_data": "v"},
        {"hyperparameters": {"a": "1"}},
        {"task": "textCompletion"},
        {"compute_id": "c"},
        {"job_tier": "Spot"},
    ],
)
def test_a_name_follows_from_everything_that_decides_what_is_trained(changes: dict[str, Any]) -> None:
    assert names_of("shop", body(**changes), "w") != names_of("shop", body(), "w")


def test_a_name_follows_from_nothing_else() -> None:
    labels = body(name="other", tags={}, display_name="x", experiment="y", output_name="z", properties={"p": "1"})
    assert names_of("shop", labels, "w") == names_of("shop", body(), "W")
    assert names_of("shop", body(hyperparameters={"b": "2", "a": "1"}), "w") == names_of("shop", body(), "w")
    assert names_of("shop", body(), "w") != names_of("shop", body(), "another")


def test_a_base_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no name for a job"):
        names_of("x" * 250, body(), "w")


def test_the_same_request_differs_in_nothing_even_when_the_service_has_added_to_it() -> None:
    there = body()
    there["properties"] |= {"status": "Running", "tags": {"team": "a", "seen": "yes"}}
    assert differences(there, body()) == ()
    there["properties"]["properties"] = {}
    assert differences(there, body()) == ()


def test_each_difference_is_told_with_both_values() -> None:
    there = body(hyperparameters={"a": "1", "c": "3"}, validation_data="v", tags={"team": "b"})
    assert sorted(differences(there, body())) == [
        "fineTuningDetails.hyperParameters.b is not set there and '2' here",
        "fineTuningDetails.hyperParameters.c is '3' there and not set here",
        "fineTuningDetails.validationData.jobInputType is 'uri_file' there and not set here",
        "fineTuningDetails.validationData.uri is 'v' there and not set here",
        "tags.team is 'b' there and 'a' here",
    ]


@given(there=JSON)
def test_whatever_has_the_name_can_be_compared(there: Any) -> None:
    assert differences({"properties": there}, body())


def write(file: Path, *rows: Any) -> Path:
    """Write rows of JSON."""
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return file


def row(*turns: tuple[str, str]) -> dict[str, Any]:
    """A row of these turns."""
    return {"messages": [{"role": role, "content": text} for role, text in turns]}


def test_the_question_is_what_stands_before_the_first_answer(tmp_path: Path) -> None:
    asked = row(("system", "Be brief."), ("user", "When?"), ("assistant", "At nine."), ("user", "And now?"))
    turns = first_question(write(tmp_path / "rows.jsonl", {"text": "x"}, row(("assistant", "Hi.")), asked))
    assert turns == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "When?"}]
    assert question_in(turns) == "When?"


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"prompt": "x", "completion": "y"}],
        [row(("tool", "x"), ("user", "y"), ("assistant", "z"))],
        [{"messages": [{"role": "user", "content": [{"type": "text"}]}]}],
        [row(("user", "x" * 70_000), ("assistant", "y"))],
    ],
)
def test_rows_without_a_question_give_a_greeting(tmp_path: Path, rows: list[Any]) -> None:
    assert question_in(first_question(write(tmp_path / "rows.jsonl", *rows))) == GREETING


@given(content=st.binary(max_size=400))
def test_any_bytes_give_a_question(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    file.write_bytes(content)
    assert question_in(first_question(file))
