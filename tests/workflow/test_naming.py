"""The names of a workflow's job and endpoint, and what a tuned model is asked first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import InvalidInput
from maas_client.core.names import check_endpoint_name, check_name
from maas_client.jobs.request import JobRequest
from maas_client.workflow.first_prompt import GREETING, first_question, question_in
from maas_client.workflow.naming import JobNames, names_of

REQUEST = JobRequest(
    name="shop-1", model_id="m", training_data="t", hyperparameters={"a": "1", "b": "2"}, tags={"team": "a"}
)
BASES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}", fullmatch=True)


def trained(**changes: Any) -> Mapping[str, object]:  # Any: the fields of a request are of several types
    """What the request trains, with changes."""
    return replace(REQUEST, **changes).trained


@given(base=BASES, attempt=st.integers(1, 99))
def test_job_and_endpoint_names_of_any_base_end_alike(base: str, attempt: int) -> None:
    names = JobNames(base, "0123456789")
    job = check_name("job", names.of(attempt))
    endpoint = check_endpoint_name(names.endpoint(job))
    assert endpoint.rpartition("0123456789")[2] == job.rpartition("0123456789")[2]
    assert "0123456789" in endpoint


def test_a_job_named_by_the_base_alone_has_the_first_endpoint() -> None:
    names = JobNames("shop", "0123456789")
    assert names.endpoint("shop") == names.endpoint(names.of(1)) == "shop-0123456789"


def test_attempts_and_their_endpoints_have_distinct_names() -> None:
    names = JobNames("run-phi-4-mini-instruct", "0123456789")
    jobs = [names.of(attempt) for attempt in (1, 2, 10)]
    assert jobs[1] == f"{jobs[0]}-2"
    assert len({names.endpoint(job) for job in jobs}) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"model_id": "n"},
        {"training_data": "u"},
        {"validation_data": "v"},
        {"hyperparameters": {"a": "1"}},
        {"task": "textCompletion"},
        {"compute_id": "c"},
        {"job_tier": "Spot"},
    ],
)
def test_a_name_depends_on_everything_that_decides_the_training(changes: dict[str, Any]) -> None:
    assert names_of("shop", trained(**changes), "w") != names_of("shop", trained(), "w")


def test_a_name_follows_from_nothing_else() -> None:
    labels = trained(name="other", tags={}, display_name="x", experiment="y", output_name="z", properties={"p": "1"})
    assert names_of("shop", labels, "w") == names_of("shop", trained(), "W")
    assert names_of("shop", trained(hyperparameters={"b": "2", "a": "1"}), "w") == names_of("shop", trained(), "w")
    assert names_of("shop", trained(), "w") != names_of("shop", trained(), "another")


def test_a_base_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not a valid name for a job"):
        names_of("x" * 250, trained(), "w")


def write(file: Path, *rows: Any) -> Path:
    """Write rows of JSON."""
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return file


def row(*turns: tuple[str, str]) -> dict[str, Any]:
    """A row of these turns."""
    return {"messages": [{"role": role, "content": text} for role, text in turns]}


def test_the_question_is_the_text_before_the_first_answer(tmp_path: Path) -> None:
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
