"""A verification removes what it made, however it ended, and names what it could not remove with its command."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest
from support import Clock

from maas_client import BlockingWire
from maas_client.core.blocking import run
from maas_client.core.http_messages import Reply
from maas_client.verification.report import VerificationReport, VerificationStep
from maas_client.wire import Wire
from mock_server.server import Server
from tests.verification.conftest import Verify

SURFACES = ("azureml", "foundry")


async def verified(verify: Verify, surface: str = "azureml", timeout: float | None = None) -> VerificationReport:
    """Run a whole verification."""
    verification = verify(surface)
    return await verification.run(await verification.plan("full", timeout=timeout))


def nothing_is_left(server: Server, report: VerificationReport) -> bool:
    """Return whether nothing costs money, and the report says so."""
    return server.verdict()["costs"] == [] and report.remainders == ()


def listed(server: Server, path: str) -> list[object]:
    """Return what an account of Foundry lists."""
    reply = httpx.get(f"{server.endpoint}/openai/v1/{path}", headers={"api-key": "k"})
    found: list[object] = reply.json()["data"]
    return found


@pytest.mark.parametrize(
    ("surface", "operation"),
    [
        ("azureml", "chat.complete"),
        ("azureml", "scoring.chat"),
        ("azureml", "metrics.list"),
        ("azureml", "models.create"),
        ("foundry", "foundry.chat"),
        ("foundry", "foundry.jobs.events"),
    ],
)
async def test_a_step_that_fails_leaves_nothing(
    verify: Verify, maas_server: Server, surface: str, operation: str
) -> None:
    maas_server.fault(operation=operation, status=400, count=1)
    report = await verified(verify, surface)
    assert report.failed
    assert nothing_is_left(maas_server, report)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("timeout", [1.0, 50.0])
async def test_the_time_limit_leaves_nothing(verify: Verify, maas_server: Server, surface: str, timeout: float) -> None:
    report = await verified(verify, surface, timeout=timeout)
    assert report.ended == "time limit"
    assert not report.ok
    assert any("the time limit" in one.reason for one in report.steps)
    assert nothing_is_left(maas_server, report)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("seconds", [1.0, 50.0])
async def test_ctrl_c_leaves_nothing(
    verify: Verify, maas_server: Server, clock: Clock, kind: str, surface: str, seconds: float
) -> None:
    verification = verify(surface)
    plan = await verification.plan("full")
    at = clock.time + seconds
    if kind == "async":
        task = asyncio.ensure_future(verification.run(plan))
        clock.listeners.append(lambda _: task.cancel() if clock.time >= at and not task.cancelling() else None)
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert not any("still there" in note for note in getattr(caught.value, "__notes__", ()))
        assert maas_server.verdict()["costs"] == []
        return
    pressed: list[float] = []

    def press(_: float) -> None:
        if clock.time >= at and not pressed:
            pressed.append(clock.time)
            raise KeyboardInterrupt

    clock.listeners.append(press)
    report = await verification.run(plan)
    assert report.ended == "interrupted"
    assert nothing_is_left(maas_server, report)


async def test_no_file_of_an_account_is_left(verify: Verify, maas_server: Server) -> None:
    report = await verified(verify, "foundry")
    assert report.ok
    assert listed(maas_server, "files") == []
    assert listed(maas_server, "fine_tuning/jobs") == []


async def test_what_cannot_be_deleted_is_named_with_its_command(verify: Verify, maas_server: Server) -> None:
    maas_server.fault(operation="endpoints.delete", status=403, count=None)
    report = await verified(verify)
    assert [(one.kind, one.command) for one in report.remainders] == [
        ("endpoint", f"maas endpoints delete {report.name}-ep --yes")
    ]
    assert "PermissionDenied" in report.remainders[0].why
    assert not report.ok
    assert report.removed > 0


async def test_a_refused_deletion_does_not_keep_the_rest(verify: Verify, maas_server: Server) -> None:
    maas_server.fault(operation="computes.delete", status=403, count=None)
    maas_server.fault(operation="online_endpoints.delete", status=403, count=None)
    report = await verified(verify)
    assert [one.kind for one in report.remainders] == ["endpoint", "cluster"]
    maas_server.faults_clear()


async def test_what_is_still_there_after_its_deletion_is_named(verify: Verify) -> None:
    kept: list[bytes] = []

    def keep(reply: Reply) -> Reply:
        if reply.is_success:
            kept.append(reply.body)
        return reply if reply.is_success or not kept else replace(reply, status=200, body=kept[-1])

    verification = verify("foundry", changes={"foundry.deployments.get": keep})
    report = await verification.run(await verification.plan("full"))
    assert [one.kind for one in report.remainders] == ["endpoint"]
    assert [one.name for one in report.failed] == ["delete deployment"]


def test_a_second_ctrl_c_names_everything_that_is_left(verify: Verify, server_wire: Wire, clock: Clock) -> None:
    if not isinstance(server_wire, BlockingWire):
        pytest.skip("an event loop has its own way to end, which is tested below")
    verification = verify()
    plan = run(verification.plan("full"))
    at = clock.time + 52.0

    def press(_: float) -> None:
        if clock.time >= at:
            raise KeyboardInterrupt

    clock.listeners.append(press)
    report = run(verification.run(plan))
    clock.listeners.remove(press)
    server_wire.close()
    assert {one.why for one in report.remainders} == {"interrupted"}
    left = [one.command.split()[1:3] for one in report.remainders]
    assert ["datasets", "delete"] in left
    assert ["endpoints", "delete"] in left


async def test_what_is_left_is_in_the_error_of_an_event_loop(verify: Verify, clock: Clock, kind: str) -> None:
    if kind == "blocking":
        pytest.skip("there is no event loop")
    verification = verify()
    plan = await verification.plan("full")
    at = clock.time + 52.0
    task = asyncio.ensure_future(verification.run(plan))
    clock.listeners.append(lambda _: task.cancel() if clock.time >= at else None)
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert any("still there: data asset" in note for note in caught.value.__notes__)


async def test_an_error_of_the_caller_leaves_nothing(verify: Verify, maas_server: Server) -> None:
    def on_step(step: VerificationStep) -> None:
        if step.name == "chat":
            raise ZeroDivisionError

    verification = verify()
    plan = await verification.plan("full")
    with pytest.raises(ZeroDivisionError):
        await verification.run(plan, on_step=on_step)
    assert maas_server.verdict()["costs"] == []


async def test_a_closed_terminal_keeps_nothing_from_being_removed(verify: Verify, maas_server: Server) -> None:
    def closed(_: str) -> None:
        raise BrokenPipeError

    maas_server.fault(operation="endpoints.delete", status=400, count=1)
    verification = verify()
    report = await verification.run(await verification.plan("full"), on_removal=closed)
    assert nothing_is_left(maas_server, report)


async def test_what_is_removed_is_reported_before(verify: Verify) -> None:
    removed: list[str] = []
    verification = verify()
    report = await verification.run(await verification.plan("job"), on_removal=removed.append)
    assert f"data asset {report.name}-data" in removed
    assert len(removed) == report.removed
