"""pytest fixtures: one server for the session, reset before every test, and handles on it.

def test_my_app(maas_server, maas_clock):
    client = MaasClient(endpoint=maas_server.endpoint, ...)
    ...
    maas_clock.advance(3600)
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mock_server.fixture_handles import Replays, ServerClock, ServerFaults, ServerVerdict
    from mock_server.server import Server

PASSED = pytest.StashKey[bool]()
"""Whether a test has passed."""

REPLAYS = pytest.StashKey["Replays"]()
"""The replays of a test."""

END_WAITS_AFTER = 30.0
"""Seconds of real time after which a wait that nothing will end gets an error that says why."""


@pytest.fixture(scope="session")
def maas_server_session() -> "Iterator[Server]":
    """Run a server with a virtual clock for the whole session; tests use `maas_server`."""
    from mock_server.server import serve  # imported here: a session that uses no fixture does not pay for it

    with serve(clock="virtual", end_waits_after=END_WAITS_AFTER) as server:
        yield server


@pytest.fixture
def maas_server(maas_server_session: "Server") -> "Server":
    """Return the session's server, reset."""
    maas_server_session.reset()
    return maas_server_session


@pytest.fixture
def maas_clock(maas_server: "Server") -> "ServerClock":
    """Return the server's clock: `maas_clock.advance(3600)` advances it by an hour."""
    from mock_server.fixture_handles import ServerClock

    return ServerClock(maas_server)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record that a test passed, so that its fixtures add no second error to one that failed.

    The report of a failure has the requests that fitted no exchange of a cassette.
    """
    report = yield
    if report.failed and call.when == "call" and (replays := item.stash.get(REPLAYS, None)) is not None:
        report.sections += [("fits no exchange of the cassette", sentence) for sentence in replays.unmatched()]
    item.stash[PASSED] = item.stash.get(PASSED, False) or (call.when == "call" and report.passed)
    return report


@pytest.fixture
def maas_faults(maas_server: "Server", request: pytest.FixtureRequest) -> "Iterator[ServerFaults]":
    """Return the server's fault rules: `maas_faults.add(operation="jobs.get", status=503, count=2)`.

    A test fails at its end if a rule was never applied to a request, unless it was added with `optional=True`.
    """
    from mock_server.fixture_handles import ServerFaults

    faults = ServerFaults(maas_server)
    yield faults
    node: pytest.Item = request.node
    if node.stash.get(PASSED, False) and (unused := faults.unused):
        advice = "Compare it with maas_server.requests(), or allow it with maas_faults.add(..., optional=True)."
        pytest.fail("\n".join([*unused, advice]), pytrace=False)


@pytest.fixture
def maas_verdict(maas_server: "Server") -> "ServerVerdict":
    """Return the server's verdict on the client under test: `assert not maas_verdict.charges`.

    `maas_verdict.allow("created twice")` leaves out a charge.
    """
    from mock_server.fixture_handles import ServerVerdict

    return ServerVerdict(maas_server)


@pytest.fixture
def maas_replay(request: pytest.FixtureRequest) -> "Iterator[Replays]":
    """Return a function that replays a cassette until the test ends: `maas_replay("job.jsonl").endpoint`.

    A test fails if one of its requests fitted no exchange, with the nearest ones.
    """
    from mock_server.fixture_handles import Replays

    node: pytest.Item = request.node
    replays = node.stash[REPLAYS] = Replays(lambda: node.stash.get(PASSED, False))
    yield replays
    unmatched = replays.unmatched()
    replays.close()
    if replays.has_passed() and unmatched:
        pytest.fail("\n".join(unmatched), pytrace=False)
