"""Every public value: short in `repr`, plain as JSON, and hashable; and `help` shows what is public."""

from __future__ import annotations

import dataclasses
import inspect
import json
import pydoc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import maas_client
from maas_client import (
    CheckOptions,
    CheckReport,
    Dataset,
    Endpoint,
    EndpointKeys,
    EndpointToken,
    FoundryHyperparameters,
    Hyperparameters,
    Job,
    JobSpec,
    JobView,
    MaasClient,
    MetricPoint,
    NewWebhookEndpoint,
    RunDetails,
    check_file,
    estimate_cost,
    find_model,
    find_offer,
)
from maas_client.core.plain_values import LONGEST_REPR
from maas_client.datasets.cost.foundry_estimate import estimate_foundry_cost
from mock_server.server import Server

LONG = "x" * 400
NO_DATA = {CheckOptions, EndpointKeys, EndpointToken, NewWebhookEndpoint}
"""Options, which hold functions, and secrets: neither is data."""

VALUES = [
    kind
    for name in maas_client.__all__
    if inspect.isclass(kind := getattr(maas_client, name))
    and (dataclasses.is_dataclass(kind) or issubclass(kind, BaseModel))
    and kind not in NO_DATA
]


def made(kind: Any) -> Any:
    """A value with something long, or a mapping, wherever its type allows it."""
    if issubclass(kind, Hyperparameters):
        return kind(num_train_epochs=3, learning_rate=2e-5)
    if issubclass(kind, FoundryHyperparameters):
        return kind(n_epochs=3, learning_rate_multiplier=0.1)
    if issubclass(kind, BaseModel):
        values: dict[str, Any] = {name: LONG for name, field in kind.model_fields.items() if field.default == ""}
        values |= {"tags": {"a": "b"}} if "tags" in kind.model_fields else {}
        return kind.model_construct(None, raw={"secret": {}}, **values)
    return kind(**{field.name: example(str(field.type)) for field in dataclasses.fields(kind) if field.init})


def example(annotation: str) -> Any:
    """Something of a type, as long as it may be."""
    known: dict[str, Any] = {"str": LONG, "int": 7, "float": 0.5, "bool": True, "Path": Path(LONG), "datetime": NOW}
    if annotation in known:
        return known[annotation]
    if "None" in annotation:
        return None
    if "Mapping" in annotation:
        return {LONG: [LONG]}
    return () if "tuple" in annotation or "Sequence" in annotation else LONG


NOW = datetime(2026, 1, 2, tzinfo=UTC)


def every() -> dict[str, Callable[[], Any]]:
    """How to get a value of each public kind, simple ones from their types."""
    special: dict[Any, Callable[[], Any]] = {
        maas_client.CostEstimate: lambda: estimate_cost(TRAIN, model=find_model("Phi-4-mini-instruct")),
        maas_client.FoundryCostEstimate: lambda: estimate_foundry_cost(TRAIN, model=find_offer("gpt-4.1-mini")),
        CheckReport: lambda: check_file(TRAIN),
        JobView: lambda: JobView(Job(name=LONG), DETAILS, {"loss": [MetricPoint(1, 0.5)]}, NOW),
        JobSpec: lambda: JobSpec(model="m", training_data=[{"messages": LONG}] * 9, tags={"a": LONG}),
        maas_client.PipelineSpec: lambda: maas_client.PipelineSpec(model="m", training_data=LONG, inputs={"a": LONG}),
        maas_client.Way: lambda: maas_client.Way(
            platform="p", platform_title=LONG, method="lora", verdict="no", why=LONG
        ),
        maas_client.ModelFacts: lambda: find_model("Phi-4-mini-instruct"),
        maas_client.FoundryOffer: lambda: find_offer("gpt-4.1-mini"),
        maas_client.Evaluation: lambda: maas_client.Evaluation((LONG,), (), 0),
        maas_client.Finding: lambda: maas_client.Finding(rule="rows-too-few", message=LONG, found=LONG),
        maas_client.CreatedJob: lambda: maas_client.CreatedJob(Job(name=LONG), True),
        maas_client.WorkflowResult: lambda: maas_client.WorkflowResult(
            training_report=check_file(TRAIN),
            validation_report=None,
            training_data=LONG,
            validation_data=None,
            job=Job(),
        ),
        maas_client.SweepOutcome: lambda: maas_client.SweepOutcome(CELL, Job(name="j"), 0.5, float("inf")),
    }
    return {kind.__name__: special.get(kind, lambda kind=kind: made(kind)) for kind in VALUES}


TRAIN = Path(__file__).parents[2] / "examples" / "data" / "train.jsonl"
DETAILS = RunDetails("Failed", "", "", "Code", LONG, (LONG,), {LONG: LONG})
CELL = __import__("maas_client.sweeps.grid", fromlist=["GridCell"]).GridCell("c", {"num_train_epochs": "1"})


@pytest.mark.parametrize("name", every())
def test_a_value_fits_a_screen_becomes_json_and_has_a_hash(name: str) -> None:
    value = every()[name]()
    assert len(repr(value)) <= LONGEST_REPR
    assert repr(value).startswith(name)
    assert json.loads(value.to_json()) == value.to_dict()
    assert "NaN" not in value.to_json()
    assert hash(value) == hash(every()[name]())
    assert len({value, value}) == 1


def test_a_number_that_json_does_not_have_is_null() -> None:
    assert json.loads(MetricPoint(1, float("nan")).to_json()) == {"step": 1, "value": None, "at": ""}


def test_equal_values_have_equal_hashes_whatever_their_order() -> None:
    one, other = ({"a": "1", "b": "2"}, {"b": "2", "a": "1"})
    left, right = (JobSpec(model="m", training_data="a:1", tags=tags) for tags in (one, other))
    assert left == right
    assert hash(left) == hash(right)
    assert hash(Job(name="a", tags=one)) == hash(Job(name="a", tags=other))


def test_the_verdict_is_in_what_is_shown(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"no": "messages"}\n', "utf-8")
    report = check_file(bad)
    assert repr(report).startswith("CheckReport(ok=False, rows=1, kept=0, task='chat'")
    assert "rows-too-few" in repr(report)
    assert repr(Hyperparameters(num_train_epochs=3)) == "Hyperparameters(num_train_epochs=3)"
    view = JobView(Job(name="j"), DETAILS, {"loss": [MetricPoint(1, float("nan"))]}, NOW)
    assert "not-a-number" in repr(view)
    assert "status='Unknown'" in repr(view)


def test_a_job_and_an_endpoint_show_their_state_first(maas_server: Server) -> None:
    document = {"name": LONG, "properties": {"status": "Failed", "displayName": LONG}}
    assert "status=<JobStatus.FAILED: 'Failed'>" in repr(Job.read(document))
    shown = repr(Endpoint.read({"name": LONG, "properties": {"endpointState": "Online", "authMode": LONG}}))
    assert "Online" in shown
    with MaasClient(subscription_id="s", resource_group="g", workspace="w", endpoint=maas_server.endpoint) as maas:
        job = maas.jobs.create(model="Phi-4-mini-instruct", training_data=TRAIN)
    assert job.name in repr(job)
    assert len(repr(job)) <= LONGEST_REPR


def test_nothing_shows_or_writes_a_key() -> None:
    keys = EndpointKeys("first-secret-key", "second-secret-key")
    assert "secret" not in repr(keys)
    assert not hasattr(keys, "to_json")


def test_help_names_everything_public_with_a_line_each() -> None:
    shown = pydoc.plain(pydoc.render_doc(maas_client)).partition("\nPACKAGE CONTENTS")[0]
    listed = [line.strip() for line in shown.splitlines() if ": " in line]
    for name in maas_client.__all__:
        (line,) = [line for line in listed if line.startswith(f"{name}: ")]
        assert len(line.split()) > 2
    assert "every other module is internal" in " ".join(shown.split())


def test_times_are_datetimes_with_a_zone_or_none() -> None:
    text, document = "2026-01-02T03:04:05Z", {"systemData": {"createdAt": "2026-01-02T03:04:05Z"}}
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert Job.read(document).created == Endpoint.read(document).created == Dataset.read(document).created == at
    details = RunDetails("Completed", text, text, "", "", (), {})
    assert (details.start, details.end, MetricPoint(1, 0.5, text).time) == (at, at, at)
    empty = RunDetails("Queued", "", "no time", "", "", (), {})
    assert (Job().created, empty.start, empty.end, MetricPoint(1, 0.5).time) == (None, None, None, None)
