"""Verifications against the mock server: every step is done, and an answer that is not as it was is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from changing_wire import Change, changed_body
from support import Clock

from maas_client.contract.table import OPERATIONS
from maas_client.core.http_messages import Reply
from maas_client.verification.observation import path_of
from maas_client.verification.report import VerificationReport, VerificationStep
from maas_client.verification.steps import STEPS
from mock_server.server import Server
from tests.verification.conftest import Verify

SURFACES = ("azureml", "foundry")
NOTHING_YET = {"newest job", "newest tuning job"}
"""Steps that need a job that was there before."""


async def verified(verify: Verify, level: str, surface: str = "azureml", **options: Any) -> VerificationReport:
    """Plan and run a verification."""
    verification = verify(surface, **options)
    return await verification.run(await verification.plan(level))


def kinds(report: VerificationReport) -> set[tuple[str, str, str]]:
    """Return what a report found: operation, kind and place."""
    return {(one.operation, one.kind, one.where) for one in report.findings}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("level", ["read", "data", "job", "full"])
async def test_every_level_passes_on_the_mock(verify: Verify, maas_server: Server, level: str, surface: str) -> None:
    report = await verified(verify, level, surface)
    assert {one.name: one.reason for one in report.steps if one.state != "done"}.keys() == NOTHING_YET & {
        step.name for step in STEPS if step.surface in report.surfaces
    }
    assert [one.sentence for one in report.findings] == []
    assert report.ok
    assert maas_server.verdict()["costs"] == []


async def test_a_model_that_is_retired_by_then_is_not_chosen(verify: Verify, clock: Clock) -> None:
    clock.sleep(5 * 365 * 86400.0)
    report = await verified(verify, "full", "foundry")
    assert report.model == "Ministral-3B"
    assert report.ok


@pytest.mark.parametrize("surface", SURFACES)
async def test_a_step_sends_what_the_table_says(verify: Verify, maas_server: Server, surface: str) -> None:
    await verified(verify, "job", surface)  # so that there is a newest job
    verification = verify(surface)
    sent: dict[str, set[str]] = {}
    known = {step.name: set(step.operations) for step in STEPS}
    seen = 0

    def on_step(step: VerificationStep) -> None:
        nonlocal seen
        entries = maas_server.requests()
        if step.state != "running":
            sent[step.name] = {str(one["operation"]) for one in entries[seen:]}
        seen = len(entries)

    await verification.run(await verification.plan("full"), on_step=on_step)
    assert {name: done - known[name] for name, done in sent.items() if done - known[name]} == {}
    assert all(sent.values())


@pytest.mark.parametrize("surface", SURFACES)
async def test_everything_that_is_made_has_the_prefix(verify: Verify, maas_server: Server, surface: str) -> None:
    report = await verified(verify, "full", surface)
    made = {
        str(entry["url"]).partition("?")[0].rstrip("/").rsplit("/", 1)[-1]
        for entry in maas_server.requests()
        if entry["operation"]
        in {"jobs.create", "endpoints.create", "computes.create", "online_endpoints.put", "foundry.deployments.put"}
    }
    assert made
    assert all(name.startswith(report.name) and name.startswith("maas-verify-") for name in made)


PLANTED: list[tuple[str, str, Change, tuple[str, str, str]]] = [
    (
        "workspaces.get",
        "read",
        changed_body(lambda body: body["properties"].update(newField=1)),
        ("workspaces.get", "unknown field", "/properties/newField"),
    ),
    (
        "jobs.get",
        "job",
        changed_body(lambda body: body["properties"].update(status="Parked")),
        ("jobs.get", "unknown value", "/properties/status"),
    ),
    (
        "vm_sizes.list",
        "read",
        changed_body(lambda body: [one.update(vCPUs="4") for one in body["value"]]),
        ("vm_sizes.list", "wrong type", "/value/*/vCPUs"),
    ),
    (
        "data.create",
        "data",
        lambda reply: replace(reply, status=202 if reply.status in {200, 201} else reply.status),
        ("data.create", "unexpected status", "status"),
    ),
    (
        "workspaces.list",
        "read",
        lambda reply: replace(
            reply, headers={name: value for name, value in reply.headers.items() if name != "x-ms-request-id"}
        ),
        ("workspaces.list", "missing header", "header x-ms-request-id"),
    ),
]


@pytest.mark.parametrize(("operation", "level", "change", "found"), PLANTED, ids=[one[3][1] for one in PLANTED])
async def test_what_is_not_as_it_was_is_found(
    verify: Verify, operation: str, level: str, change: Change, found: tuple[str, str, str]
) -> None:
    report = await verified(verify, level, changes={operation: change})
    assert found in kinds(report)
    mine = next(one for one in report.findings if (one.operation, one.kind, one.where) == found)
    assert mine.source == OPERATIONS[operation].source
    assert mine.is_contradiction == (found[1] != "unknown field")


async def test_additions_are_news_and_no_contradiction(verify: Verify) -> None:
    report = await verified(verify, "read", changes={PLANTED[0][0]: PLANTED[0][2]})
    assert report.ok
    assert len(report.additions) == 1


async def test_a_step_that_raises_does_not_end_the_others(verify: Verify, maas_server: Server) -> None:
    maas_server.fault(operation="registry.list_versions", status=400, count=None)
    report = await verified(verify, "data")
    failed = {one.name: (one.error, one.status) for one in report.failed}
    assert failed == {"registry model": ("BadRequest", 400)}
    assert not report.ok
    assert next(one for one in report.steps if one.name == "delete data").state == "done"


async def test_what_needs_a_failed_step_is_skipped(verify: Verify, maas_server: Server) -> None:
    maas_server.fault(operation="jobs.cancel", status=400, count=None)
    report = await verified(verify, "job")
    skipped = {one.name: one.reason for one in report.steps if one.state == "skipped"}
    assert skipped["archive job"] == "it needs cancel job"


async def test_an_outage_is_no_difference(verify: Verify, maas_server: Server) -> None:
    maas_server.fault(operation="workspaces.get", status=503, count=1)
    maas_server.fault(operation="jobs.list", status=429, count=1)
    report = await verified(verify, "read")
    assert {(one.operation, one.status) for one in report.outages} == {("workspaces.get", 503), ("jobs.list", 429)}
    assert report.ok


async def test_without_a_server_it_ends_at_once(verify: Verify) -> None:
    verification = verify(settings={"endpoint": "http://127.0.0.1:9"})
    report = await verification.run(await verification.plan("read"))
    assert [one.name for one in report.failed] == ["workspace"]
    assert {one.reason for one in report.steps if one.state == "skipped"} == {"there is no server that answers"}


async def test_what_cannot_be_compared_is_found(verify: Verify) -> None:
    def spoil(reply: Reply) -> Reply:
        headers: Any = {**reply.headers, 5: ""}  # Any: no server can send it; only the comparison walks the names
        return replace(reply, headers=headers)

    report = await verified(verify, "read", changes={"subscriptions.list": spoil})
    assert {one.state for one in report.steps} == {"done", "skipped"}
    [only] = report.contradictions
    assert (only.where, only.found) == (
        "an answer to GET /subscriptions",
        "it cannot be compared (AttributeError)",
    )


async def test_a_file_that_is_not_gone_is_found(verify: Verify, maas_server: Server) -> None:
    kept: dict[str, bytes] = {}

    def keep(reply: Reply) -> Reply:
        if reply.is_success:
            kept["file"] = reply.body
        return reply if reply.is_success or not kept else replace(reply, status=200, body=kept["file"])

    report = await verified(verify, "data", "foundry", changes={"foundry.files.get": keep})
    assert ("", "between answers", "a file after its deletion") in kinds(report)


async def test_a_state_that_lasts_too_long_is_found(verify: Verify, clock: Clock) -> None:
    late = clock.time + 1000.0

    def linger(body: Any) -> None:
        if clock.time < late:
            body["properties"]["status"] = "CancelRequested"

    report = await verified(verify, "job", changes={"jobs.get": changed_body(linger)})
    slowness = next(one for one in report.findings if one.kind == "slower than expected")
    assert slowness.steps == ("cancel job",)
    assert "in CancelRequested" in slowness.found
    assert slowness.is_contradiction


async def test_times_are_reported_per_operation(verify: Verify) -> None:
    report = await verified(verify, "read")
    times = {one.operation: one for one in report.times}
    assert times["jobs.get"].count == 1
    assert times["jobs.get"].median <= times["jobs.get"].slowest


def test_a_path_is_shown_without_its_names() -> None:
    url = "https://host/subscriptions/1/resourceGroups/secret-group/providers/Microsoft.New/things/mine?sig=x"
    assert path_of(url) == "/subscriptions/*/resourceGroups/*/providers/*/*/*"
