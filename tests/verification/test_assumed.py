"""Steps look at what is assumed without a source: an answer that shows an assumption wrong is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from changing_wire import Change, changed_body

from maas_client.core.http_messages import Reply
from tests.verification.conftest import Verify


async def verified(verify: Verify, level: str, surface: str, changes: dict[str, Change]) -> set[tuple[str, str]]:
    """Run a verification; return what did not hold between answers, each with its step."""
    verification = verify(surface, changes=changes)
    report = await verification.run(await verification.plan(level))
    return {(one.where, step) for one in report.findings if one.kind == "between answers" for step in one.steps}


def without_families(body: Any) -> None:
    """Leave a quota without families of VM sizes."""
    body["value"] = [one for one in body["value"] if "family" not in one["name"]["value"].lower()]


def without_prices(body: Any) -> None:
    """Leave VM sizes without a price."""
    for one in body["value"]:
        one.pop("estimatedVMPrices", None)


def another_model(body: Any) -> None:
    """Show that an endpoint or a deployment has another model than was asked for."""
    properties = body["properties"]
    settings, key = (properties, "model") if "model" in properties else (properties["modelSettings"], "modelId")
    settings[key] = {**properties["model"], "name": "another"} if key == "model" else f"{settings[key]}0"


def another_fingerprint(body: Any) -> None:
    """Show that a job was created by another request."""
    body["properties"]["properties"]["maas_client.fingerprint"] = "0" * 32
    body["properties"]["hyperParameters"] = {"num_train_epochs": "7"}


def a_token(reply: Reply) -> Reply:
    """Return a token although the endpoint has keys."""
    return replace(reply, status=200, body=b'{"accessToken": "a-token", "expiryTimeUtc": 0}')


def refused_again() -> Change:
    """Return a change of every answer but the first."""
    seen: list[Reply] = []

    def refuse(reply: Reply) -> Reply:
        seen.append(reply)
        body = b'{"error": {"code": "UserError", "message": "The job has ended."}}'
        return reply if len(seen) == 1 else replace(reply, status=404, body=body)

    return refuse


PLANTED: list[tuple[str, str, str, Change, str, str]] = [
    ("azureml", "read", "usages.list", changed_body(without_families), "the quota", "quota"),
    ("azureml", "read", "vm_sizes.list", changed_body(without_prices), "the prices of VM sizes", "vm sizes"),
    ("azureml", "job", "jobs.get", changed_body(another_fingerprint), "a job that is created again", "create job"),
    ("azureml", "full", "endpoints.get", changed_body(another_model), "an endpoint that is created again", "deploy"),
    (
        "azureml",
        "full",
        "online_endpoints.token",
        a_token,
        "the token of an endpoint with keys",
        "chat on own compute",
    ),
    (
        "foundry",
        "full",
        "foundry.deployments.get",
        changed_body(another_model),
        "a deployment that is created again",
        "create deployment",
    ),
]


@pytest.mark.parametrize(
    ("surface", "level", "operation", "change", "where", "step"), PLANTED, ids=[one[2] for one in PLANTED]
)
async def test_an_assumption_that_is_wrong_is_found(
    verify: Verify, surface: str, level: str, operation: str, change: Change, where: str, step: str
) -> None:
    assert (where, step) in await verified(verify, level, surface, {operation: change})


@pytest.mark.parametrize(
    ("surface", "operation", "step"),
    [("azureml", "jobs.cancel", "cancel job"), ("foundry", "foundry.jobs.cancel", "cancel tuning job")],
)
async def test_a_second_cancellation_that_is_refused_is_found(
    verify: Verify, surface: str, operation: str, step: str
) -> None:
    violations = await verified(verify, "job", surface, {operation: refused_again()})
    assert ("the cancellation of a job that is canceled already", step) in violations


def _timed(job: Any, at: int) -> Any:
    if "created_at" in job:
        return {**job, "created_at": at}
    return {**job, "systemData": {**job["systemData"], "createdAt": f"2026-01-0{at}T00:00:00Z"}}


@pytest.mark.parametrize(
    ("surface", "operation", "read", "step"),
    [
        ("azureml", "jobs.list", "jobs.get", "list jobs"),
        ("foundry", "foundry.jobs.list", "foundry.jobs.get", "list tuning jobs"),
    ],
)
async def test_jobs_in_another_order_are_found(
    verify: Verify, surface: str, operation: str, read: str, step: str
) -> None:
    kept: list[Any] = []
    await verified(verify, "job", surface, {read: changed_body(kept.append)})

    def turned_round(body: Any) -> None:
        body["value" if surface == "azureml" else "data"] = [_timed(kept[0], 1), _timed(kept[0], 2)]

    violations = await verified(verify, "read", surface, {operation: changed_body(turned_round)})
    assert ("the order of listed jobs", step) in violations
