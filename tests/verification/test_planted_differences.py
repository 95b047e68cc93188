"""A verification through a relay that plants one difference: it fails and names the place, and news do not fail it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from relay import Relay, relay
from support import TLS, Clock

from maas_client import BlockingWire, MaasClient
from maas_client.verification.report import VerificationReport
from maas_client.verification.steps import STEPS
from maas_client.verification.verification import Verification
from mock_server.server import Server, serve
from tests.verification.planted import AZURE_ML, FOUNDRY, NEWS, OWN_COMPUTE, Planted

ON = {"azureml": [*AZURE_ML, *OWN_COMPUTE], "foundry": FOUNDRY}
EVERY = [(surface, one) for surface, planted in ON.items() for one in planted]
EVERY_NEWS = [("azureml", one) for one in NEWS]
WORKSPACE = {"subscription_id": "s", "resource_group": "g", "workspace": "w"}


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Server, Relay]]:
    """A server, and a relay before it."""
    with serve(clock="virtual", job_seconds=600) as server, relay(server.endpoint) as between:
        yield server, between


@pytest.fixture
def server(running: tuple[Server, Relay]) -> Server:
    """The server, reset after earlier tests."""
    running[0].reset()
    running[0].set_quota({"gpu": 1000})
    return running[0]


@pytest.fixture
def between(running: tuple[Server, Relay]) -> Relay:
    """The relay, which changes nothing yet."""
    running[1].plant("", lambda answer: answer)
    return running[1]


def with_what_it_needs(name: str) -> list[str]:
    """Return a step after those that it needs."""
    step = next(one for one in STEPS if one.name == name)
    before = [each for other in step.after for each in with_what_it_needs(other)]
    return list(dict.fromkeys([*before, name]))


def verified(server: Server, between: Relay, surface: str, planted: Planted) -> VerificationReport:
    """Take one step, and those that it needs, with a difference planted."""
    settings: dict[str, Any] = {**WORKSPACE, "endpoint": between.url}
    if surface == "foundry":
        settings = {"foundry_endpoint": f"{between.url}/api/projects/demo"}
    clock = Clock(time=server.now(), listeners=[server.advance])
    wire = BlockingWire(verify=TLS, sleep=clock.sleep, now=clock.now, clock=clock.now)
    with closing(wire), MaasClient(**settings, wire=wire) as maas:
        verification = Verification(maas)
        plan = verification.plan("full")
        between.plant(planted.operation, planted.change)
        return verification.run(replace(plan, steps=tuple(with_what_it_needs(planted.step))))


def test_there_are_forty_differences_of_every_service() -> None:
    assert len({(one.operation, one.where, one.says) for _, one in EVERY}) >= 40
    assert {one.step for _, one in EVERY} <= {step.name for step in STEPS}


@pytest.mark.parametrize(("surface", "planted"), EVERY, ids=lambda one: getattr(one, "title", one))
def test_a_planted_difference_fails_and_is_named(
    server: Server, between: Relay, surface: str, planted: Planted
) -> None:
    report = verified(server, between, surface, planted)
    assert between.changed
    assert not report.ok
    named = [one.is_contradiction for one in report.findings if one.operation == planted.operation]
    places = [one.where for one in report.findings if one.operation == planted.operation]
    assert planted.where in places, [one.sentence for one in report.findings]
    assert any(named) or report.failed


@pytest.mark.parametrize(("surface", "planted"), EVERY_NEWS, ids=lambda one: getattr(one, "title", one))
def test_news_are_named_and_do_not_fail(server: Server, between: Relay, surface: str, planted: Planted) -> None:
    report = verified(server, between, surface, planted)
    assert between.changed
    assert report.ok
    assert {(one.operation, one.where) for one in report.additions} == {(planted.operation, planted.where)}


@pytest.mark.parametrize(("surface", "step"), [("azureml", "job results"), ("foundry", "tuning job results")])
def test_a_relay_that_changes_nothing_is_not_seen(server: Server, between: Relay, surface: str, step: str) -> None:
    report = verified(server, between, surface, Planted("nothing", step, "jobs.get", "", lambda answer: answer))
    assert report.ok
    assert report.findings == ()
